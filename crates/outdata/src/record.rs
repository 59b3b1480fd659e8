//! From a device, in real time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use device_io::wav::WavHeader;
use device_io::{
    Backend, BlockLength, DeviceError, DeviceEvent, Input, InputRequest, Null, WavFile,
};
use indicatif::ProgressBar;
use rt_callback::{CaptureConfig, CaptureCounters, Gap, Reader, SampleFormat, StreamSpec, capture};
use serde_json::json;

use crate::args::{Record, ReportForm, refuse_same_file};
use crate::failure::{Failure, say, warn};
use crate::input::extension;
use crate::output::{self, Output};
use crate::play::{level, progress_bar};
use crate::real;
use crate::terminal::watch_for_interrupts;

/// How often the queue is emptied and the display brought up to date.
const TICK: Duration = Duration::from_millis(20);
/// Frames read at a time.
const READ_FRAMES: usize = 1_024;
/// How long the queue lasts where a disk or a pipe is slow, in seconds.
const QUEUE_S: usize = 4;
/// How long a device may deliver nothing before it is given up.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) fn run(arguments: &Record) -> Result<(), Failure> {
    output::check_name(&arguments.output)?;
    if let Some(device) = &arguments.device {
        refuse_same_file(device, &arguments.output)?;
    }
    let (mut input, may_end) = open_input(arguments)?;
    let device = input.spec();
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
    let mut taker = Taker {
        output: Output::create(&arguments.output, &to)?,
        reader,
        bar: progress_bar(arguments.report),
        to,
        left: frames_to_take(arguments, &to),
        bytes: vec![0; READ_FRAMES * to.frame_bytes()],
        gaps: Vec::new(),
    };

    let interrupted = watch_for_interrupts()?;
    input.start(recorder).map_err(Failure::failed)?;
    let ended = taker.run(input.as_mut(), &interrupted);
    let (ended, xruns) = ended?;
    // Without its recorder the reader comes to an end, the resampler's tail included.
    drop(input.stop().map_err(Failure::failed)?);
    taker.take()?;
    taker.bar.finish_and_clear();
    let full = taker.left == 0 && arguments.seconds.is_none();

    let counters = taker.reader.snapshot();
    let sha256 = taker.output.finish()?;
    let report = Report {
        device,
        to,
        latency_frames: taker.reader.latency_frames(),
        counters,
        gaps: taker.gaps,
        xruns,
        sha256,
    };
    if counters.dropped_frames > 0 {
        warn(format!(
            "{} frames were lost in {} places, since they were not written fast enough",
            counters.dropped_frames, counters.overruns
        ));
    }
    say(&match arguments.report {
        Some(ReportForm::Json) => report.json(),
        None => report.text(),
    });
    match ended {
        Ended::Lost(words) if !may_end => Err(Failure::failed(format!(
            "{words}; what was recorded until then is kept"
        ))),
        _ if full => Err(Failure::failed(
            "the recording ended because a WAV file cannot be longer than 4 GiB; it is whole",
        )),
        _ => Ok(()),
    }
}

/// Why nothing more is recorded.
enum Ended {
    /// There is enough, or somebody said so.
    Asked,
    /// The device is gone.
    Lost(String),
}

/// Moves what was captured to where it goes.
struct Taker {
    output: Output,
    reader: Reader,
    bar: ProgressBar,
    to: StreamSpec,
    /// Frames that are still wanted.
    left: u64,
    bytes: Vec<u8>,
    gaps: Vec<Gap>,
}

impl Taker {
    /// Until there is enough, it is interrupted, or the device is gone. Returns the device's xruns
    /// as well.
    fn run(
        &mut self,
        input: &mut dyn Input,
        interrupted: &AtomicBool,
    ) -> Result<(Ended, u64), Failure> {
        let mut xruns = 0;
        let mut alive = (Instant::now(), 0);
        loop {
            self.take()?;
            self.show();
            if self.left == 0 || interrupted.load(Ordering::Relaxed) {
                return Ok((Ended::Asked, xruns));
            }
            while let Some(event) = input.poll_event() {
                match event {
                    DeviceEvent::Lost(words) | DeviceEvent::Invalidated(words) => {
                        return Ok((Ended::Lost(words), xruns));
                    }
                    DeviceEvent::Xrun => xruns += 1,
                    DeviceEvent::Errors { words, count } => {
                        warn(format!("{words} ({count} times)"));
                    }
                    _ => {}
                }
            }
            let blocks = self.reader.snapshot().blocks;
            if blocks != alive.1 {
                alive = (Instant::now(), blocks);
            } else if alive.0.elapsed() > PATIENCE {
                let words = format!("the device has delivered nothing for {PATIENCE:?}");
                return Ok((Ended::Lost(words), xruns));
            }
            thread::sleep(TICK);
        }
    }

    /// All that is there now and wanted.
    fn take(&mut self) -> Result<(), Failure> {
        let frame_bytes = self.to.frame_bytes();
        while self.left > 0 {
            let most = usize::try_from(self.left).unwrap_or(usize::MAX);
            let most = most.min(READ_FRAMES) * frame_bytes;
            let bytes = self.bytes.get_mut(..most).unwrap_or_default();
            let frames = self.reader.read_bytes(bytes);
            if frames == 0 {
                break;
            }
            self.left -= frames as u64;
            let bytes = self.bytes.get(..frames * frame_bytes);
            self.output.write(bytes.unwrap_or_default())?;
        }
        let gaps = &mut self.gaps;
        self.reader.poll(|gap| gaps.push(gap));
        Ok(())
    }

    fn show(&self) {
        let monitor = self.reader.monitor();
        let counters = monitor.snapshot();
        let seconds = counters.delivered_frames as f64 / f64::from(self.to.rate_hz);
        self.bar.set_message(format!(
            "{seconds:7.2} s recorded | {} | {} overruns",
            level(monitor.take_peak()),
            counters.overruns,
        ));
        self.bar.tick();
    }
}

/// The device that was asked for, or the default one; and whether it may come to an end.
fn open_input(arguments: &Record) -> Result<(Box<dyn Input>, bool), Failure> {
    let wanted = arguments.to.unwrap_or(StreamSpec::new(
        SampleFormat::F32,
        48_000,
        rt_callback::ChannelLayout::STEREO,
    ));
    let mut request = InputRequest::new(wanted);
    if let Some(frames) = arguments.block {
        let frames = u32::try_from(frames.get()).unwrap_or(u32::MAX);
        request.block = BlockLength::Frames(frames);
    }
    request.device.clone_from(&arguments.device);
    let open_real = || real::backend(arguments.host.as_deref())?.open_input(&request);
    let opened = match arguments.device.as_deref() {
        Some("null") => Null.open_input(&request),
        Some(path) if extension(path).as_deref() == Some("wav") => {
            let opened = WavFile::new(path).open_input(&request);
            return opened
                .map(|input| (input, true))
                .map_err(|error| Failure::at(path, error));
        }
        Some(_) => open_real().map_err(|error| match error {
            DeviceError::UnknownDevice { id, mut known } => {
                known.push("null".into());
                DeviceError::UnknownDevice { id, known }
            }
            error => error,
        }),
        None => {
            return open_real().map(|input| (input, false)).map_err(|error| {
                Failure::failed(format!("{error}; --device null records silence"))
            });
        }
    };
    opened.map(|input| (input, false)).map_err(Failure::failed)
}

/// What the device delivers, or the nearest to it that loses nothing and that the file can hold.
fn storable(device: StreamSpec, path: &str) -> StreamSpec {
    if path == "-" || WavHeader::can_hold(device.format) {
        return device;
    }
    let format = match device.format {
        float if float.is_float() && float.bytes_per_sample() == 8 => SampleFormat::F64Le,
        float if float.is_float() => SampleFormat::F32Le,
        format => match format.integer_bits() {
            Some(..=8) => SampleFormat::U8,
            Some(9..=16) => SampleFormat::S16Le,
            Some(17..=24) => SampleFormat::S24Le,
            _ => SampleFormat::S32Le,
        },
    };
    StreamSpec { format, ..device }
}

/// As many as were asked for, or as there is room for.
fn frames_to_take(arguments: &Record, to: &StreamSpec) -> u64 {
    match arguments.seconds {
        Some(seconds) => (seconds * f64::from(to.rate_hz)).round() as u64,
        None if arguments.output == "-" => u64::MAX,
        None => device_io::wav::MAX_DATA_BYTES / to.frame_bytes() as u64,
    }
}

/// Everything about one recording.
struct Report {
    device: StreamSpec,
    to: StreamSpec,
    latency_frames: usize,
    counters: CaptureCounters,
    gaps: Vec<Gap>,
    /// Gaps of the device's own.
    xruns: u64,
    sha256: String,
}

impl Report {
    /// One JSON object on one line.
    fn json(&self) -> String {
        let counters = &self.counters;
        let gaps: Vec<_> = self
            .gaps
            .iter()
            .map(|gap| json!({"at_frame": gap.at_frame, "frames": gap.frames}))
            .collect();
        json!({
            "device": self.device.to_string(),
            "to": self.to.to_string(),
            "frames_in": counters.captured_frames,
            "frames_out": counters.delivered_frames,
            "blocks": counters.blocks,
            "overruns": counters.overruns,
            "dropped_frames": counters.dropped_frames,
            "gaps": gaps,
            "xruns": self.xruns,
            "shape_mismatches": counters.shape_mismatches,
            "clipped_samples": counters.clipped_samples,
            "non_finite_samples": counters.non_finite_samples,
            "latency_frames": self.latency_frames,
            "device_latency_frames": counters.device_latency_frames,
            "sha256": self.sha256,
        })
        .to_string()
    }

    /// A few lines.
    fn text(&self) -> String {
        let counters = &self.counters;
        let seconds = counters.delivered_frames as f64 / f64::from(self.to.rate_hz);
        format!(
            "   formats  {} -> {}\n    frames  {} ({seconds:.2} s) of {} in {} blocks\n    \
             faults  {} overruns, {} xruns, {} wrong blocks, {} clipped, {} not finite",
            self.device,
            self.to,
            counters.delivered_frames,
            counters.captured_frames,
            counters.blocks,
            counters.overruns,
            self.xruns,
            counters.shape_mismatches,
            counters.clipped_samples,
            counters.non_finite_samples,
        )
    }
}
