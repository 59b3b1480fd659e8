//! The engine offline: as fast as it goes, and the same every time.

use device_io::{Backend, Offline, OutputRequest};
use rt_callback::{Config, EventKind, StreamSpec, stream};

use crate::args::{Options, Render, ReportForm};
use crate::failure::{Failure, say, warn};
use crate::input::Input;
use crate::output::Output;
use crate::report::{Load, Report, nanoseconds};

/// Source frames that a resampler may read ahead of what it writes, at most.
const MAX_LATENCY_FRAMES: usize = 1 << 15;

pub(crate) fn run(arguments: &Render) -> Result<(), Failure> {
    arguments.check_paths()?;
    let mut input = Input::open(&arguments.input, arguments.options.raw)?;
    let mut config = config(&arguments.options, input.spec(), arguments.to);
    let output = Output::create(&arguments.output, &arguments.to)?;
    let report = render(
        &mut input,
        output,
        &mut config,
        &arguments.block_sizes(),
        arguments.push.get(),
    )?;
    if let Some(warning) = input.warning() {
        warn(warning);
    }
    say(&match arguments.report {
        Some(ReportForm::Json) => report.json(),
        None => report.text(),
    });
    Ok(())
}

/// The engine's configuration for these options.
pub(crate) fn config(options: &Options, source: StreamSpec, device: StreamSpec) -> Config {
    let mut config = Config::new(source, device);
    config.resample = options.resample;
    config.mix = options.mix_options();
    config.rounding = options.round;
    config.dither = options.dither;
    config.dither_seed = options.seed;
    config.gain = options.gain_db;
    config.clock = Some(nanoseconds);
    config
}

/// Renders all of `input` in blocks of `block_sizes`, in turn. Before each block, `push_frames` at
/// a time are pushed only until that block can be rendered; nothing is queued further ahead.
pub(crate) fn render(
    input: &mut Input,
    mut output: Output,
    config: &mut Config,
    block_sizes: &[usize],
    push_frames: usize,
) -> Result<Report, Failure> {
    let (source, device) = (config.source, config.device);
    let largest = block_sizes.iter().copied().max().unwrap_or(1) as u64;
    let frames = largest * u64::from(source.rate_hz) / u64::from(device.rate_hz);
    config.queue_frames = frames as usize + push_frames + MAX_LATENCY_FRAMES;

    let (offline, mut clock) = Offline::new();
    let mut device_output = offline
        .open_output(&OutputRequest::new(device))
        .map_err(Failure::failed)?;
    let (mut feeder, _, renderer, mut monitor) = stream(config).map_err(Failure::usage)?;
    let latency_frames = renderer.latency_frames();
    device_output.start(renderer).map_err(Failure::failed)?;

    let mut load = Load::new(device.rate_hz);
    let mut events = Vec::new();
    let mut bytes = Vec::new();
    let mut written = 0_u64;
    let mut at_end = false;
    let mut end = None;
    feeder.begin_utterance().map_err(Failure::failed)?;
    for frames in block_sizes.iter().copied().cycle() {
        while !at_end && clock.missing_source_frames(frames) > 0 {
            if input.read(push_frames, &mut bytes)? == 0 {
                feeder.end_utterance().map_err(Failure::failed)?;
                at_end = true;
            } else if feeder.push_bytes(&bytes) < bytes.len() {
                return Err(Failure::failed("the queue is smaller than a block needs"));
            }
        }
        let mut result = Ok(());
        clock.tick(frames, |block| {
            monitor.poll(|event| {
                if let EventKind::Finished { .. } = event.kind {
                    end = Some(event.at_frame);
                }
                events.push(event);
            });
            monitor.poll_timings(|timing| load.add(timing));
            // What lies behind the end is no part of the result.
            let left = end
                .map_or(frames as u64, |end| end - written)
                .min(frames as u64);
            let samples = block.get(..left as usize * device.frame_bytes());
            result = output.write(samples.unwrap_or(block));
            written += left;
        });
        result?;
        if end == Some(written) {
            break;
        }
    }
    let counters = monitor.snapshot();
    Ok(Report {
        source,
        device,
        frames_in: input.frames(),
        frames_out: written,
        latency_frames,
        counters,
        load,
        events,
        sha256: Some(output.finish()?),
    })
}
