//! The counters of a stream in Prometheus' text format. `docs/operators.md` says what to watch.
//!
//! ```text
//! cargo run -p rt-callback --example metrics
//! ```
#![allow(clippy::print_stdout)]

use std::error::Error;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, text::encode};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use rt_callback::{Config, Readings, stream};

/// Reads the counters whenever somebody asks for the metrics.
#[derive(Debug)]
struct Stream(Readings);

impl Collector for Stream {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let counters = self.0.snapshot();
        for (name, help, count) in [
            (
                "audio_guard_trips",
                "Blocks of a wrong shape, silent",
                counters.shape_mismatches,
            ),
            (
                "audio_underruns",
                "Gaps that more sound came after",
                counters.underruns,
            ),
            (
                "audio_underrun_frames",
                "Device frames of them",
                counters.underrun_frames,
            ),
            (
                "audio_clipped_samples",
                "Samples beyond full scale",
                counters.clipped_samples,
            ),
            (
                "audio_non_finite_samples",
                "NaN and infinities, cleaned",
                counters.non_finite_samples,
            ),
            (
                "audio_dropped_frames",
                "Source frames interrupted",
                counters.dropped_frames,
            ),
            (
                "audio_events_lost",
                "Events that nobody polled",
                counters.events_lost,
            ),
        ] {
            let counter = ConstCounter::new(count);
            let metric = encoder.encode_descriptor(name, help, None, counter.metric_type())?;
            counter.encode(metric)?;
        }
        if let Some(load) = self.0.load() {
            let gauge = ConstGauge::new(load.share(0.99));
            let help = "The 99th percentile of the callback's share of its block";
            let name = "audio_callback_load_ratio";
            let metric = encoder.encode_descriptor(name, help, None, gauge.metric_type())?;
            gauge.encode(metric)?;
        }
        Ok(())
    }
}

fn nanoseconds() -> u64 {
    use std::sync::OnceLock;
    use std::time::Instant;
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    ORIGIN.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut config = Config::new("24000x1:s16le".parse()?, "48000x2:s16le".parse()?);
    config.clock = Some(nanoseconds);
    let (mut feeder, _controller, mut renderer, monitor) = stream(&config)?;
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Stream(monitor.readings())));

    // A stream in trouble: it runs dry in between, and a block has a wrong shape.
    let mut block = [0_i16; 2 * 480];
    for _ in 0..2 {
        feeder.push(&[8_000_i16; 1_200])?;
        for _ in 0..8 {
            renderer.render(&mut block);
        }
    }
    renderer.render(&mut block[..3]);

    // What an HTTP server answers to GET /metrics.
    let mut text = String::new();
    encode(&mut text, &registry)?;
    println!("{text}");
    Ok(())
}
