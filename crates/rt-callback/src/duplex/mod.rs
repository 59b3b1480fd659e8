//! Duplex streams: a capture and an output in one, although their clocks differ.

mod config;
pub(crate) mod drift;
mod fill;

use alloc::boxed::Box;
use alloc::vec;
use core::time::Duration;

use pcm_convert::SampleFormat;

pub use self::config::{DuplexConfig, DuplexCounters};
use self::fill::{Fill, Look, Side, Step};
use crate::app::controller::Controller;
use crate::app::feeder::Feeder;
use crate::app::monitor::Monitor;
use crate::audio::renderer::Renderer;
use crate::capture::usual::Usual;
use crate::capture::{CaptureConfig, CaptureMonitor, Reader, Recorder, capture};
use crate::config::{Clock, Config, ConfigError};
use crate::duplex::drift::DriftControl;
use crate::plan::PIECE_FRAMES;
use crate::ramp::Ramp;
use crate::reference::Reference;
use crate::spec::StreamSpec;

/// The fade when too much queued sound is cut off.
const CUT: Ramp = Ramp::Milliseconds(5.0);

/// Passes captured sound through the application to an output.
///
/// Each device has a clock of its own. If they were treated as the same, the sound between the devices would grow or
/// run dry within minutes. So a [`DriftControl`] makes the capture be read a little faster or slower, and the fill
/// stays at its target. The target follows the devices' blocks, and [`DuplexCounters`] has both.
///
/// Playback starts when both devices have called twice. If there is too little sound, silence is inserted. If there is
/// far too much, for example after the output stood still, all of it is cut off, and playback starts again.
#[derive(Debug)]
pub struct Duplex {
    reader: Reader,
    feeder: Feeder,
    controller: Controller,
    monitor: Monitor,
    clock: Clock,
    fill: Fill,
    /// The time of the last measurement.
    looked_at_ns: Option<u64>,
    /// How many blocks the output has had, and their length.
    rendered_blocks: u64,
    output_blocks: Usual,
    fill_s: f64,
    piece: Box<[f32]>,
    /// The reference, if the configuration asks for one, and room for a piece of it.
    reference: Option<Reference>,
    heard: Box<[f32]>,
}

/// Makes a duplex stream and returns its three parts: the recorder for the input device's callback, the duplex for the
/// application, and the renderer for the output device's callback. Allocates what they need.
///
/// # Errors
/// [`ConfigError`] if a value of `config` is out of range, or the devices' rates or channels cannot be converted.
///
/// # Examples
///
/// A microphone at half its level, 10 ms of it:
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use rt_callback::{DuplexConfig, duplex};
///
/// // The time in a test; a program's comes from the clock that its devices are stamped by.
/// static NOW_NS: AtomicU64 = AtomicU64::new(0);
/// fn now_ns() -> u64 {
///     NOW_NS.load(Ordering::Relaxed)
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (microphone, speakers) = ("48000x1:f32le".parse()?, "48000x2:f32le".parse()?);
/// let config = DuplexConfig::new(microphone, speakers, now_ns);
/// let (mut recorder, mut duplex, mut renderer) = duplex(&config)?;
///
/// recorder.record(&[0.5_f32; 480]); // the input device's callback
/// let frames = duplex.run(|piece| piece.iter_mut().for_each(|sample| *sample *= 0.5)); // every 5 ms
/// renderer.render(&mut [0.0_f32; 960]); // the output device's callback
/// assert!(frames > 0);
/// # Ok(())
/// # }
/// ```
pub fn duplex(config: &DuplexConfig) -> Result<(Recorder, Duplex, Renderer), ConfigError> {
    let between = StreamSpec::new(SampleFormat::F32, config.rate_hz, config.layout);
    let mut capturing = CaptureConfig::new(config.input, between);
    capturing.adjustable = true;
    capturing.gaps = config.gaps;
    capturing.resample = config.resample;
    capturing.mix = config.mix;
    capturing.clock = Some(config.clock);
    capturing.timeline = config.reference.is_some();
    let (recorder, mut reader) = capture(&capturing)?;

    let least_s = config.fill.as_secs_f64();
    let most_s = least_s + 1.0;
    let mut playing = Config::new(between, config.output);
    // Twice the largest target: above that it is far too much.
    playing.queue_frames = (2.0 * most_s * f64::from(config.rate_hz)) as usize;
    playing.resample = config.resample;
    playing.mix = config.mix;
    playing.clock = Some(config.clock);
    if config.reference.is_some() {
        playing.tap_frames = config.output.rate_hz as usize;
    }
    let (feeder, controller, renderer, mut monitor) = crate::stream(&playing)?;
    let mut reference = match (config.reference, monitor.take_tap()) {
        (Some(layout), Some(tap)) => Some(Reference::with_layout(&mut reader, tap, layout)?),
        _ => None,
    };
    if let Some(reference) = &mut reference {
        reference.set_lead(config.reference_lead);
    }
    let channels = between.channels();
    let heard = PIECE_FRAMES * reference.as_ref().map_or(0, Reference::channels);
    let duplex = Duplex {
        reader,
        feeder,
        controller,
        monitor,
        clock: config.clock,
        fill: Fill::new(least_s, most_s),
        looked_at_ns: None,
        rendered_blocks: 0,
        output_blocks: Usual::default(),
        fill_s: 0.0,
        piece: vec![0.0; PIECE_FRAMES * channels].into_boxed_slice(),
        reference,
        heard: vec![0.0; heard].into_boxed_slice(),
    };
    Ok((recorder, duplex, renderer))
}

impl Duplex {
    /// Passes the captured frames through `work`, queues them for the output, and steers the clocks. Returns how many
    /// frames were passed.
    ///
    /// `work` gets pieces of at most 512 frames, interleaved, at the rate and channels between the devices. While a
    /// device stands still, frames are worked on and not played.
    ///
    /// Call this about every 5 ms. It never waits. It allocates only when the input device has changed.
    pub fn run(&mut self, mut work: impl FnMut(&mut [f32])) -> usize {
        self.run_with_reference(|captured, _| work(captured))
    }

    /// Does what [`run`](Self::run) does, and also gives `work` the reference for an echo canceller: what was heard
    /// from the output while the piece was captured.
    ///
    /// The reference has as many frames as the piece, in the channels of [`DuplexConfig::reference`]. It is an empty
    /// slice if that is `None`. This also allocates in the first seconds, and when the output has become a device of
    /// another rate or layout.
    pub fn run_with_reference(&mut self, mut work: impl FnMut(&mut [f32], &[f32])) -> usize {
        let plays = self.steer();
        let channels = self.feeder.source().channels();
        let mut frames = 0;
        loop {
            let (count, heard) = match &mut self.reference {
                Some(reference) => {
                    let read =
                        reference.read_both(&mut self.reader, &mut self.piece, &mut self.heard);
                    (read.frames, read.frames * reference.channels())
                }
                None => (self.reader.read(&mut self.piece), 0),
            };
            if count == 0 {
                return frames;
            }
            let piece = self.piece.get_mut(..count * channels).unwrap_or_default();
            work(piece, self.heard.get(..heard).unwrap_or_default());
            // A push cannot fail for its format: the feeder's source is `f32`.
            let played = if plays {
                self.feeder.push(piece).unwrap_or(0)
            } else {
                0
            };
            self.fill.counters.unplayed_frames += (count - played) as u64;
            frames += count;
        }
    }

    /// Returns the counters, as they were at the last [`run`](Self::run).
    #[must_use]
    pub fn counters(&self) -> DuplexCounters {
        let block_frames = self.reader.snapshot().block_frames;
        DuplexCounters {
            fill: duration(self.fill_s),
            target: duration(self.fill.drift.target_s()),
            input_block: duration(seconds(block_frames, self.reader.device().rate_hz)),
            output_block: duration(seconds(
                self.output_blocks.get(),
                self.monitor.device_rate_hz(),
            )),
            interval: duration(self.fill.interval_s()),
            ..self.fill.counters
        }
    }

    /// [`DuplexCounters::fill`], in seconds.
    #[must_use]
    pub const fn fill_s(&self) -> f64 {
        self.fill_s
    }

    /// The drift control, with its trim and the known drift.
    #[must_use]
    pub const fn drift(&self) -> &DriftControl {
        &self.fill.drift
    }

    /// [`DuplexCounters::cuts`].
    #[must_use]
    pub const fn cuts(&self) -> u64 {
        self.fill.counters.cuts
    }

    /// Returns the controller of the output, for pause, gain and mute.
    #[must_use]
    pub fn controller(&self) -> Controller {
        self.controller.clone()
    }

    /// Returns the monitor of the capture.
    #[must_use]
    pub fn input(&self) -> CaptureMonitor {
        self.reader.monitor()
    }

    /// The monitor of the output.
    pub fn output(&mut self) -> &mut Monitor {
        &mut self.monitor
    }

    /// Steers the fill. Returns whether to play what is captured.
    fn steer(&mut self) -> bool {
        let between_hz = f64::from(self.feeder.source().rate_hz);
        let look = self.look();
        match self.fill.look(&look) {
            Step::Wait => false,
            Step::Cut => {
                let is_cut = self.monitor.snapshot().queued_frames > 0;
                self.fill.counters.cuts += u64::from(is_cut);
                self.controller.interrupt(CUT);
                false
            }
            Step::Play { silence_s } => {
                self.push_silence((silence_s * between_hz + 0.5) as usize);
                // The trim changes over the time of one call, so that no step is heard.
                let ramp_frames = (look.elapsed_s * between_hz) as u32;
                let trim = self.fill.drift.trim();
                let _ = self.reader.set_trim(trim, ramp_frames);
                true
            }
        }
    }

    fn push_silence(&mut self, frames: usize) {
        let channels = self.feeder.source().channels();
        let mut left = frames;
        while left > 0 {
            let count = left.min(PIECE_FRAMES);
            let silence = self.piece.get_mut(..count * channels).unwrap_or_default();
            silence.fill(0.0);
            let pushed = self.feeder.push(silence).unwrap_or(0);
            self.fill.counters.refill_frames += pushed as u64;
            if pushed < count {
                return;
            }
            left -= count;
        }
    }

    fn look(&mut self) -> Look {
        let captured = self.reader.snapshot();
        let rendered = self.monitor.snapshot();
        let now_ns = (self.clock)();
        let since_s = |then_ns: u64| now_ns.saturating_sub(then_ns) as f64 / 1e9;
        let elapsed_s = since_s(self.looked_at_ns.replace(now_ns).unwrap_or(now_ns));
        let (device_hz, between_hz) = (self.reader.device().rate_hz, self.feeder.source().rate_hz);
        let output_hz = self.monitor.device_rate_hz();
        let last_frames = rendered.rendered_frames - rendered.block_at_frame;
        if rendered.blocks != self.rendered_blocks {
            self.rendered_blocks = rendered.blocks;
            self.output_blocks.note(last_frames);
        }
        let input = Side {
            blocks: captured.blocks,
            last_s: seconds(captured.last_block_frames, device_hz),
            usual_s: seconds(captured.block_frames, device_hz),
            age_s: since_s(captured.block_at_ns),
        };
        let output = Side {
            blocks: rendered.blocks,
            last_s: seconds(last_frames, output_hz),
            usual_s: seconds(self.output_blocks.get(), output_hz),
            age_s: since_s(rendered.block_at_ns),
        };
        let ahead_frames = self.reader.latency_frames() as u64;
        let waiting_s = seconds(captured.queued_frames + ahead_frames, device_hz);
        let queued_frames = rendered.queued_frames + rendered.in_flight_frames;
        let queued_s = seconds(queued_frames, between_hz);
        self.fill_s = waiting_s + input.age_s + queued_s + output.last_s - output.age_s;
        Look {
            elapsed_s,
            input,
            output,
            fill_s: self.fill_s,
            is_paused: self.controller.is_paused() || self.controller.is_held(),
        }
    }
}

fn seconds(frames: u64, rate_hz: u32) -> f64 {
    frames as f64 / f64::from(rate_hz)
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
