//! From a device, in real time. Whatever ends it, what was recorded is completed.

mod device;
mod report;
mod taker;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rt_callback::{CaptureConfig, CaptureCounters, capture};

use self::device::{Microphone, News, storable};
use self::report::{Report, seconds};
use self::taker::Taker;
use crate::args::{Record, refuse_same_file};
use crate::failure::{Failure, warn};
use crate::output::{self, Output};
use crate::play::progress_bar;
use crate::signals::{self, Again};

/// How often the queue is emptied and the display brought up to date.
const TICK: Duration = Duration::from_millis(20);
/// How long the queue lasts where a disk or a pipe is slow, in seconds.
const QUEUE_S: usize = 4;

pub(crate) fn run(arguments: &Record) -> Result<(), Failure> {
    output::check_name(&arguments.output)?;
    if let Some(device) = &arguments.device {
        refuse_same_file(device, &arguments.output)?;
    }
    let mut microphone = Microphone::open(arguments)?;
    let device = microphone.spec();
    let to = arguments
        .to
        .unwrap_or_else(|| storable(device, &arguments.output));
    let mut config = CaptureConfig::new(device, to);
    config.queue_frames = QUEUE_S * device.rate_hz as usize;
    config.meter = true;
    let conversion = &arguments.conversion;
    config.resample = conversion.resample;
    config.mix = conversion.mix_options();
    config.rounding = conversion.round;
    config.dither = conversion.dither;
    config.dither_seed = conversion.seed;
    let (recorder, reader) = capture(&config).map_err(Failure::usage)?;
    let latency_frames = reader.latency_frames();
    let wanted = arguments
        .seconds
        .map(|seconds| (seconds * f64::from(to.rate_hz)).round() as u64);
    let output = Output::create(&arguments.output, &to, wanted)?;
    let bar = progress_bar(arguments.report);
    let mut taker = Taker::new(output, reader, bar, to, wanted);

    let told = signals::watch(match arguments.output.as_str() {
        // Whoever reads the pipe may keep it waiting.
        "-" => Again::Ends,
        _ => Again::Waits,
    })?;
    microphone.start(recorder)?;
    let mut xruns = 0;
    let ended = record(&mut microphone, &mut taker, &told, &mut xruns);
    let stopped = microphone.stop();
    // The resampler's tail included.
    let taken = taker.take();
    let (reader, gaps, kept) = taker.keep();
    let counters = reader.snapshot();
    let done = kept
        .error
        .map_or(Ok(()), Err)
        .and(ended)
        .and(stopped)
        .and(taken);
    if let Err(Failure::PipeClosed) = done {
        return done;
    }

    let frames_out = kept.bytes / to.frame_bytes() as u64;
    let report = Report {
        device,
        to,
        frames_out,
        latency_frames,
        counters,
        gaps,
        xruns,
        sha256: kept.sha256,
    };
    warn_of_loss(&counters);
    let done = done.map_err(|failure| {
        let rest = whereabouts(
            &arguments.output,
            kept.is_named,
            seconds(frames_out, to.rate_hz),
        );
        failure.with(&rest).say();
        Failure::Told
    });
    report.say(arguments.report);
    done
}

/// Until there is enough, somebody says so, or it cannot go on.
fn record(
    microphone: &mut Microphone,
    taker: &mut Taker,
    told: &AtomicBool,
    xruns: &mut u64,
) -> Result<(), Failure> {
    loop {
        taker.take()?;
        taker.show();
        if taker.is_done() || told.load(Ordering::Relaxed) {
            return Ok(());
        }
        let blocks = taker.reader.snapshot().blocks;
        while let Some(news) = microphone.news(blocks) {
            match news {
                News::Ended(how) => return how,
                News::Warning(words) => taker.warn(&words),
                News::Xrun => *xruns += 1,
            }
        }
        thread::sleep(TICK);
    }
}

fn warn_of_loss(counters: &CaptureCounters) {
    if counters.overruns > 0 {
        warn(format!(
            "{} frames were lost in {} places, since they were not written fast enough",
            counters.dropped_frames, counters.overruns
        ));
    }
}

/// Where what was recorded is, after something has ended it.
fn whereabouts(name: &str, is_named: bool, seconds: f64) -> String {
    match name {
        _ if seconds == 0.0 => "; nothing was recorded".into(),
        "-" => format!("; {seconds:.2} s had been written"),
        name if is_named => format!("; the {seconds:.2} s until then are in {name}"),
        // That is what it is about.
        _ => String::new(),
    }
}
