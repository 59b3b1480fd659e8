//! A capture and an output in one stream, although their clocks differ.

use alloc::boxed::Box;
use alloc::vec;
use core::time::Duration;

use channel_mix::{ChannelLayout, MixOptions};
use pcm_convert::SampleFormat;

use crate::capture::{CaptureConfig, CaptureMonitor, Reader, Recorder, capture};
use crate::config::{Clock, Config, ConfigError};
use crate::controller::{Controller, Ramp};
use crate::drift::DriftControl;
use crate::feeder::Feeder;
use crate::monitor::Monitor;
use crate::plan::PIECE_FRAMES;
use crate::renderer::Renderer;
use crate::resample::Resample;
use crate::spec::StreamSpec;

/// The fade of what is cut off where too much had come together.
const CUT: Ramp = Ramp::Milliseconds(5.0);
/// A device that has not called for this long is not between two blocks, but standing.
const STANDING_S: f64 = 0.5;

/// Everything that [`duplex`] needs to know.
///
/// [`DuplexConfig::new`] fills in defaults; set the fields that should differ.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DuplexConfig {
    /// What the input device delivers.
    pub input: StreamSpec,
    /// What the output device takes.
    pub output: StreamSpec,
    /// The rate in between, where the application works, in Hz. Default: the output's.
    pub rate_hz: u32,
    /// The channels in between. Default: the input's.
    pub layout: ChannelLayout,
    /// How much sound is kept between the two devices: it must last over a block of each, and over
    /// the time between two calls of [`Duplex::run`]. Default: 60 ms.
    pub fill: Duration,
    /// How rates are converted; not [`Resample::Linear`]. Default: [`Resample::Balanced`].
    pub resample: Resample,
    /// How channels are mixed. Default: [`MixRules::Speakers`](channel_mix::MixRules::Speakers).
    pub mix: MixOptions,
    /// Tells the time, to both callbacks as well: with it the fill is known between blocks, however
    /// long they are.
    pub clock: Clock,
}

impl DuplexConfig {
    /// The defaults for these devices.
    #[must_use]
    pub fn new(input: StreamSpec, output: StreamSpec, clock: Clock) -> Self {
        Self {
            input,
            output,
            rate_hz: output.rate_hz,
            layout: input.layout,
            fill: Duration::from_millis(60),
            resample: Resample::default(),
            mix: MixOptions::default(),
            clock,
        }
    }
}

/// From a capture, through the application, to an output.
///
/// The two devices have a clock each. Were they taken for the same, the sound kept between them
/// would grow or run dry within minutes; so the capture is read a little faster or slower, by a
/// [`DriftControl`], and the fill stays. It starts, and starts again after it ran dry, when the
/// fill has been reached. Where far too much has come together, as after one of the devices stood
/// still, all of it is cut off and it starts again.
#[derive(Debug)]
pub struct Duplex {
    reader: Reader,
    feeder: Feeder,
    controller: Controller,
    monitor: Monitor,
    clock: Clock,
    drift: DriftControl,
    /// When the fill was last looked at, and what had been silent by then, in device frames.
    looked_at_ns: Option<u64>,
    silent_frames: u64,
    cuts: u64,
    /// The output's blocks when it was last told to cut, which it does at the next.
    cut_at_block: Option<u64>,
    fill_s: f64,
    piece: Box<[f32]>,
}

/// Makes a capture and an output in one, and hands out the parts: the recorder for the input
/// device's callback, the renderer for the output device's, and what the application runs.
///
/// # Errors
/// [`ConfigError`] says what cannot be done.
pub fn duplex(config: &DuplexConfig) -> Result<(Recorder, Duplex, Renderer), ConfigError> {
    let between = StreamSpec::new(SampleFormat::F32, config.rate_hz, config.layout);
    let mut capturing = CaptureConfig::new(config.input, between);
    capturing.adjustable = true;
    capturing.resample = config.resample;
    capturing.mix = config.mix;
    capturing.clock = Some(config.clock);
    let (recorder, reader) = capture(&capturing)?;

    let fill_s = config.fill.as_secs_f64();
    let fill_frames = (fill_s * f64::from(config.rate_hz)) as usize;
    let mut playing = Config::new(between, config.output);
    playing.queue_frames = fill_frames.saturating_mul(4).max(PIECE_FRAMES);
    playing.prebuffer_frames = fill_frames;
    playing.rebuffer_frames = fill_frames;
    playing.resample = config.resample;
    playing.mix = config.mix;
    playing.clock = Some(config.clock);
    let (feeder, controller, renderer, monitor) = crate::stream(&playing)?;
    let channels = between.channels();
    let duplex = Duplex {
        reader,
        feeder,
        controller,
        monitor,
        clock: config.clock,
        drift: DriftControl::new(fill_s),
        looked_at_ns: None,
        silent_frames: 0,
        cuts: 0,
        cut_at_block: None,
        fill_s: 0.0,
        piece: vec![0.0; PIECE_FRAMES * channels].into_boxed_slice(),
    };
    Ok((recorder, duplex, renderer))
}

impl Duplex {
    /// Takes what has been captured through `work`, in pieces of at most 512 frames (interleaved,
    /// of the rate and channels in between), queues it for the output, and sees to the clocks.
    /// Returns how many frames that were.
    ///
    /// To be called every 5 ms or so. Never waits or allocates.
    pub fn run(&mut self, mut work: impl FnMut(&mut [f32])) -> usize {
        let channels = self.feeder.source().channels();
        let mut frames = 0;
        loop {
            let room = self.feeder.free_frames().min(PIECE_FRAMES);
            let piece = self.piece.get_mut(..room * channels).unwrap_or_default();
            let count = self.reader.read(piece);
            if count == 0 {
                break;
            }
            let piece = piece.get_mut(..count * channels).unwrap_or_default();
            work(piece);
            // There is room, and the format is the feeder's own.
            let _ = self.feeder.push(piece);
            frames += count;
        }
        self.steer();
        frames
    }

    /// How much sound is between the devices, in seconds, as it was when [`run`](Self::run) last
    /// looked: in both queues, in the resamplers, and in the parts of blocks that time has not
    /// reached yet.
    #[must_use]
    pub const fn fill_s(&self) -> f64 {
        self.fill_s
    }

    /// What steers the clocks: its trim, and what it knows of the drift.
    #[must_use]
    pub const fn drift(&self) -> &DriftControl {
        &self.drift
    }

    /// How often far too much had come together and was cut off.
    #[must_use]
    pub const fn cuts(&self) -> u64 {
        self.cuts
    }

    /// Steers the output: pause, gain, mute.
    #[must_use]
    pub fn controller(&self) -> Controller {
        self.controller.clone()
    }

    /// Watches the capture.
    #[must_use]
    pub fn input(&self) -> CaptureMonitor {
        self.reader.monitor()
    }

    /// Watches the output.
    pub fn output(&mut self) -> &mut Monitor {
        &mut self.monitor
    }

    fn steer(&mut self) {
        let captured = self.reader.snapshot();
        let rendered = self.monitor.snapshot();
        let now_ns = (self.clock)();
        let since_s = |then_ns: u64| now_ns.saturating_sub(then_ns) as f64 / 1e9;
        let elapsed_s = since_s(self.looked_at_ns.replace(now_ns).unwrap_or(now_ns));
        // While the output is silent for want of sound, or on purpose, the fill says nothing.
        let silent_frames = rendered.startup_silence_frames
            + rendered.underrun_frames
            + rendered.starved_frames
            + rendered.paused_frames
            + rendered.idle_frames;
        let silent = core::mem::replace(&mut self.silent_frames, silent_frames) != silent_frames;
        let (in_s, out_s) = (since_s(captured.block_at_ns), since_s(rendered.block_at_ns));
        let cutting = self.cut_at_block == Some(rendered.blocks);
        if cutting || silent || rendered.heard_frames == 0 || in_s.max(out_s) > STANDING_S {
            self.drift.reset();
            return;
        }
        let seconds = |frames: u64, rate_hz: u32| frames as f64 / f64::from(rate_hz);
        let (device_hz, between_hz) = (self.reader.device().rate_hz, self.feeder.source().rate_hz);
        let waiting_s = seconds(
            captured.queued_frames + self.reader.latency_frames() as u64,
            device_hz,
        );
        let queued_s = seconds(
            rendered.queued_frames + rendered.in_flight_frames,
            between_hz,
        );
        let block_s = seconds(
            rendered.rendered_frames - rendered.block_at_frame,
            self.monitor.device_rate_hz(),
        );
        self.fill_s = waiting_s + in_s + queued_s + block_s - out_s;
        if self.fill_s > 2.0 * self.drift.target_s() + block_s {
            self.reader.discard(usize::MAX);
            self.controller.interrupt(CUT);
            self.drift.reset();
            self.cut_at_block = Some(rendered.blocks);
            self.cuts += 1;
            return;
        }
        let trim = self.drift.update(self.fill_s, elapsed_s);
        // Within the time of one look, so that no step is heard.
        let ramp_frames = (elapsed_s * f64::from(between_hz)) as u32;
        let _ = self.reader.set_trim(trim, ramp_frames);
    }
}
