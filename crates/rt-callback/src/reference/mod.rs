//! The reference of an echo canceller: what was heard while a stretch was captured.
//!
//! Both callbacks note when their blocks came (`link/stamp.rs`). From these stamps follows a [`timeline`] of each
//! device, which gives the time of every frame. The input's timeline gives the time of a captured frame. The output's
//! gives the position of the output that was heard at that time ([`clocks`]). The tap has kept what was rendered there
//! ([`sound`]). A resampler converts it to the application's rate, and its trim is steered so that it stays on that
//! position ([`steered`]).

mod clocks;
mod sound;
mod steered;
mod timeline;

use core::fmt;
use core::time::Duration;

use channel_mix::ChannelLayout;
use pcm_convert::Sample;

use crate::capture::{CapturePosition, Reader};
use crate::config::ConfigError;
use crate::instruments::tap::Tap;
use crate::plan::PIECE_FRAMES;

use self::clocks::Clocks;
use self::sound::Sound;
use self::steered::Steered;

/// How many times a second the resampler is steered.
const STEERED_PER_SECOND: u32 = 200;
/// The distance from the right position at which the reference jumps there, in seconds. The trim makes up a smaller
/// distance within a tenth of a second.
const JUMP_S: f64 = 0.002;
/// How much sound behind the present position is kept, in seconds: more than the length of a filter.
const LOOK_BACK_S: f64 = 0.5;
/// How long the tap's frames are kept, in seconds: longer than captured frames wait and rendered frames take to be
/// heard.
const KEPT_SECONDS: u32 = 8;
/// Positions are rounded to this part of a frame, so that they are the same however a stretch is cut.
const GRID: f64 = 4096.0;

/// Gives what was heard while a stretch was captured, at the application's rate. An echo canceller subtracts it from
/// the microphone.
///
/// The reference follows the devices' latencies ([`Renderer::set_device_latency`](crate::Renderer::set_device_latency)
/// and [`Recorder::set_device_latency`](crate::Recorder::set_device_latency)) and an estimate of the drift of their
/// clocks. It accounts for pauses, underruns, losses on either side and changes of device. It does not contain the path
/// through the air, which the canceller finds. [`set_lead`](Self::set_lead) is for cancellers that need a reference
/// before the echo.
///
/// The stream needs [`Config::clock`](crate::Config::clock), and a [`Config::tap_frames`](crate::Config::tap_frames) of
/// at least the longest block and what is rendered between two reads. The capture needs the same clock as
/// [`CaptureConfig::clock`](crate::CaptureConfig::clock), and
/// [`CaptureConfig::timeline`](crate::CaptureConfig::timeline).
///
/// Frames are 0.0 where nothing was heard, or where that is not known: nothing was rendered, the tap was full, or no
/// block has come yet. Reads say how many frames are known.
///
/// No call waits. Reading allocates in the first seconds, and when the output becomes a device of another rate or
/// layout, so it belongs on the application's thread.
pub struct Reference {
    clocks: Clocks,
    sound: Sound,
    rate_hz: u32,
    lead_ns: f64,
    steered: Option<Steered>,
    /// How many frames are left until the resampler is steered again.
    until_steered: usize,
    /// Whether something was heard when it was steered last.
    is_heard: bool,
    /// The position of the next frame, if it follows the last one without a break.
    expected: Option<CapturePosition>,
}

/// What one [`Reference::read_both`] returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Referenced {
    /// How many frames were read, of the capture and of the reference.
    pub frames: usize,
    /// For how many of these frames it is known what was heard.
    pub known_frames: usize,
}

impl Reference {
    /// Makes a mono reference for the frames of `reader` from those of `tap`. It takes the capture's timeline, so there
    /// is one reference for each capture. Allocates.
    ///
    /// # Errors
    /// [`ConfigError::NoTimeline`] if one side has no clock, the capture has no
    /// [`timeline`](crate::CaptureConfig::timeline), or its timeline has been taken.
    pub fn new(reader: &mut Reader, tap: Tap) -> Result<Self, ConfigError> {
        let mono = ChannelLayout::from_count(1).ok_or(ConfigError::Channels(1, 1))?;
        Self::with_layout(reader, tap, mono)
    }

    /// Makes a reference with these channels, as [`new`](Self::new) does.
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    pub fn with_layout(
        reader: &mut Reader,
        mut tap: Tap,
        layout: ChannelLayout,
    ) -> Result<Self, ConfigError> {
        let output = tap.take_stamps().ok_or(ConfigError::NoTimeline)?;
        let input = reader.take_stamps().ok_or(ConfigError::NoTimeline)?;
        Ok(Self {
            clocks: Clocks::new(input, output),
            sound: Sound::new(tap, layout, KEPT_SECONDS),
            rate_hz: reader.application().rate_hz,
            lead_ns: 0.0,
            steered: None,
            until_steered: 0,
            is_heard: false,
            expected: None,
        })
    }

    /// How many samples a frame of the reference has.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.sound.channels()
    }

    /// The rate of the reference, in Hz. It is the application's.
    #[must_use]
    pub fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// Sets how far the reference leads: it is what was heard `lead` after the stretch was captured. Default: 0.
    ///
    /// A canceller looks for the echo behind its reference. The reference has to lead if the canceller needs a least
    /// distance, or if the latencies that the devices tell are not exact: WebRTC's AEC3 needs at least 2 ms, and finds
    /// the actual lead by itself. Frames that are not rendered yet are not known, so the lead must be shorter than the
    /// output's latency plus the time that captured frames wait.
    pub fn set_lead(&mut self, lead: Duration) {
        self.lead_ns = lead.as_secs_f64() * 1e9;
        self.until_steered = 0;
    }

    /// Fills `heard` with what was heard while the stretch from `at` on was captured. Returns for how many frames that
    /// is known.
    ///
    /// `heard` is interleaved, of [`channels`](Self::channels), and has one frame for each application frame of the
    /// stretch.
    ///
    /// Position and length are those that [`Reader::read_stretch`] returned. Read the stretches in order: an earlier
    /// one is known no more. A stretch may be read in any sizes, and at any time, with the same result.
    pub fn read(&mut self, at: CapturePosition, heard: &mut [f32]) -> usize {
        self.sound.collect();
        self.clocks.collect();
        let channels = self.channels();
        let frames = heard.len() / channels;
        if !self
            .expected
            .is_some_and(|expected| follows(&expected, &at))
        {
            self.until_steered = 0;
        }
        let (mut done, mut known) = (0, 0);
        while done < frames {
            if self.until_steered == 0 {
                self.until_steered = (self.rate_hz / STEERED_PER_SECOND).max(1) as usize;
                self.is_heard = self.steer(&moved(at, done)).is_some();
            }
            let count = self.until_steered.min(frames - done);
            let out = heard.get_mut(done * channels..(done + count) * channels);
            let out = out.unwrap_or_default();
            match &mut self.steered {
                Some(steered) if self.is_heard => known += steered.read(&self.sound, out),
                _ => out.fill(0.0),
            }
            self.until_steered -= count;
            done += count;
        }
        self.expected = Some(moved(at, frames));
        self.forget();
        known
    }

    /// Reads captured frames from `reader`, and what was heard meanwhile.
    ///
    /// `reader` must be the one that this reference was made with. `captured` has the application's channels, and
    /// `heard` has [`channels`](Self::channels). The call reads as many frames as there are, and as both have room for.
    /// Behind a skipped gap or a change of device, the reference goes on where the capture does.
    pub fn read_both<S: Sample>(
        &mut self,
        reader: &mut Reader,
        captured: &mut [S],
        heard: &mut [f32],
    ) -> Referenced {
        let channels = (reader.application().channels(), self.channels());
        let room = (captured.len() / channels.0).min(heard.len() / channels.1);
        let mut both = Referenced::default();
        while both.frames < room {
            // A piece is so short that a changing trim moves its positions too little to matter.
            let wanted = (room - both.frames).min(PIECE_FRAMES);
            let from = both.frames * channels.0;
            let captured = captured.get_mut(from..from + wanted * channels.0);
            let (at, frames) = reader.read_stretch(captured.unwrap_or_default());
            if frames == 0 {
                break;
            }
            let from = both.frames * channels.1;
            let heard = heard.get_mut(from..from + frames * channels.1);
            both.known_frames += self.read(at, heard.unwrap_or_default());
            both.frames += frames;
        }
        both
    }

    /// Finds the position that was heard when the frame `at` was captured, and aims at where it will be (without the
    /// drift) when the resampler is steered again. `None` if nothing was heard, or if a time is not known.
    fn steer(&mut self, at: &CapturePosition) -> Option<()> {
        let captured = libm::round((at.frame as f64 + at.fraction) * GRID) / GRID;
        let heard = self.clocks.heard(captured, self.lead_ns)?;
        if self
            .steered
            .as_ref()
            .is_none_or(|steered| steered.rate_hz() != heard.rate_hz)
        {
            self.steered = Steered::new(heard.rate_hz, self.rate_hz, self.sound.channels());
        }
        let steered = self.steered.as_mut()?;
        let off = steered.position() - heard.frame;
        if off.abs() > f64::from(heard.rate_hz) * JUMP_S {
            steered.jump(&self.sound, heard.frame);
        }
        let frames = self.until_steered;
        let rates = f64::from(heard.rate_hz) / f64::from(at.rate_hz.max(1));
        let then = heard.frame + frames as f64 * at.step * rates;
        steered.aim(then, frames);
        Some(())
    }

    /// Frees the sound behind the present position.
    fn forget(&mut self) {
        if let Some(steered) = &self.steered {
            let kept = f64::from(steered.rate_hz()) * LOOK_BACK_S;
            // The cast makes negative values 0.
            self.sound.forget_before((steered.position() - kept) as u64);
        }
    }
}

/// The position `frames` application frames behind `at`.
fn moved(at: CapturePosition, frames: usize) -> CapturePosition {
    let behind = at.fraction + frames as f64 * at.step;
    let whole = libm::floor(behind);
    CapturePosition {
        frame: at.frame.saturating_add(whole as u64),
        fraction: behind - whole,
        ..at
    }
}

/// Whether `at` is the `expected` position, up to what a trim may have moved it.
fn follows(expected: &CapturePosition, at: &CapturePosition) -> bool {
    let whole = at.frame as f64 - expected.frame as f64;
    let off = whole + at.fraction - expected.fraction;
    expected.rate_hz == at.rate_hz && off.abs() < at.step.max(1.0)
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reference")
            .field("rate_hz", &self.rate_hz)
            .field("channels", &self.channels())
            .finish_non_exhaustive()
    }
}
