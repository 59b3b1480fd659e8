//! From a device, in real time. Whatever ends it, what was recorded is completed.

mod device;
mod report;
mod taker;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rt_callback::{CaptureConfig, CaptureCounters, capture};

use self::device::{Microphone, News, storable};
use self::report::{Report, seconds};
use self::taker::{State, Taker};
use crate::cli::args::{OnLoss, Record, refuse_same_file};
use crate::console::{Failure, Key, Parameters, Terminal, progress_bar, warn, warn_of_clipping};
use crate::output::{Output, Target};
use crate::signals::{self, Again};

/// How often the queue is emptied and the display brought up to date.
const TICK: Duration = Duration::from_millis(20);
/// How long the queue lasts where a disk or a pipe is slow, in seconds.
const QUEUE_S: usize = 4;

pub(crate) fn run(arguments: &Record) -> Result<(), Failure> {
    let target = Target::new(&arguments.output, Some(arguments.wav))?;
    if let Some(device) = &arguments.device {
        refuse_same_file(device.as_ref(), &arguments.output)?;
    }
    let mut microphone = Microphone::open(arguments)?;
    let device = microphone.spec();
    let to = arguments.to.unwrap_or_else(|| storable(device, &target));
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
    let output = Output::create(&target, &to, wanted)?;
    let bar = progress_bar(arguments.report);
    let taker = Taker::new(output, reader, bar, to, wanted);

    let told = signals::watch(if target.is_file() {
        Again::Waits
    } else {
        // Whoever reads the pipe may keep it waiting.
        Again::Ends
    })?;
    let terminal = (arguments.on_loss == OnLoss::Pause).then(|| Terminal::open("".as_ref()));
    microphone.start(recorder)?;
    let block = microphone.block_frames().into_iter().collect();
    let mut recording = Recording {
        microphone,
        taker,
        terminal: terminal.filter(Terminal::has_keys),
        state: State::Recording,
        xruns: 0,
    };
    let ended = recording.run(&told);
    let stopped = recording.microphone.stop();
    let Recording {
        mut taker,
        xruns,
        terminal,
        ..
    } = recording;
    drop(terminal);
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
        parameters: Parameters {
            from: device,
            to,
            block,
            resample: config.resample,
        },
        frames_out,
        latency_frames,
        counters,
        gaps,
        xruns,
        sha256: kept.sha256,
    };
    warn_of_loss(&counters);
    warn_of_clipping(counters.clipped_samples, to.format, None);
    let done = done.map_err(|failure| {
        let rest = whereabouts(&target, kept.is_named, seconds(frames_out, to.rate_hz));
        failure.with(&rest).say();
        Failure::Told
    });
    report.say(arguments.report);
    done
}

struct Recording {
    microphone: Microphone,
    taker: Taker,
    /// Where keys come from, if they do.
    terminal: Option<Terminal>,
    state: State,
    /// Gaps of the device's own.
    xruns: u64,
}

impl Recording {
    /// Records until there is enough, somebody ends it, or it cannot go on.
    fn run(&mut self, told: &AtomicBool) -> Result<(), Failure> {
        loop {
            self.taker.take()?;
            self.taker.show(self.state);
            if self.taker.is_done() || told.load(Ordering::Relaxed) {
                return Ok(());
            }
            let blocks = self.taker.reader.snapshot().blocks;
            while let Some(news) = self.microphone.news(blocks) {
                if self.hear(news)? {
                    return Ok(());
                }
            }
            // Without a device, time is all that passes.
            if let State::Searching(since) = self.state
                && since.elapsed().as_secs_f64() >= self.taker.seconds_left()
            {
                return Err(Failure::failed("the device did not come back in time"));
            }
            if self.wait() {
                return Ok(());
            }
        }
    }

    /// Takes in what has become of the device. True if that is the recording's end.
    fn hear(&mut self, news: News) -> Result<bool, Failure> {
        match news {
            News::AtEnd => return Ok(true),
            News::Gone(words) => return Err(Failure::failed(words)),
            News::Lost(words) => {
                self.taker.warn(&words);
                self.state = State::Searching(Instant::now());
            }
            News::Held if self.terminal.is_none() => {
                return Err(Failure::failed(
                    "the device is gone, and there are no keys to go on",
                ));
            }
            News::Held => {
                self.taker.warn("the device is gone; space goes on, q ends");
                self.state = State::Held;
            }
            News::Found(words) => {
                self.taker.warn(&words);
                self.state = State::Recording;
            }
            News::Warning(words) => self.taker.warn(&words),
            News::Xrun => self.xruns += 1,
        }
        Ok(false)
    }

    /// Waits a little, and does what a key asks for. True if it asks for the end.
    fn wait(&mut self) -> bool {
        let Some(terminal) = &self.terminal else {
            thread::sleep(TICK);
            return false;
        };
        match (terminal.wait(TICK), self.state) {
            (Some(Key::Quit), _) => return true,
            (Some(Key::Pause), State::Held) => {
                self.microphone.resume();
                self.state = State::Searching(Instant::now());
            }
            _ => {}
        }
        false
    }
}

fn warn_of_loss(counters: &CaptureCounters) {
    if counters.overruns > 0 {
        warn(format!(
            "what came was not written fast enough: sound is missing in {} places, and silence is in its place",
            counters.overruns
        ));
    }
}

/// Where what was recorded is, after something has ended it.
fn whereabouts(target: &Target, is_named: bool, seconds: f64) -> String {
    if seconds == 0.0 {
        "; nothing was recorded".into()
    } else if !target.is_file() {
        format!("; {seconds:.2} s had been written")
    } else if is_named {
        format!("; the {seconds:.2} s until then are in {}", target.name())
    } else {
        // That is what it is about.
        String::new()
    }
}
