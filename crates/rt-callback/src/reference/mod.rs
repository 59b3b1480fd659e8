//! What was heard while a stretch was captured: an echo canceller's reference.
//!
//! Both callbacks note when their blocks came ([`stamp`](crate::stamp)); of that a [`timeline`] of each device is made, which knows the
//! time of every frame. A captured frame has a time, by the input's; to that time belongs a point of the output's
//! stream, by the output's ([`clocks`]); and what was rendered for that point, the tap has kept ([`sound`]). A resampler
//! whose trim is steered to stay on that point ([`steered`]) brings it to the application's rate.

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

/// How often the resampler is steered, in a second.
const STEERED_PER_SECOND: u32 = 200;
/// Where the sound is this far from where it should be, the reference jumps there; less is caught up within a tenth of a
/// second.
const JUMP_S: f64 = 0.002;
/// How much of what was given is kept, in seconds: more than a filter is long.
const LOOK_BACK_S: f64 = 0.5;
/// How long the tap's frames are kept, in seconds: longer than what was captured waits and what was rendered takes to
/// be heard.
const KEPT_SECONDS: u32 = 8;
/// Positions are taken to this part of a frame, so that they are the same however a stretch is cut.
const GRID: f64 = 4096.0;

/// Gives what was heard while a stretch was captured, at the rate of what is read: what an echo canceller subtracts from
/// the microphone.
///
/// It goes by the devices' own times, [`Renderer::set_device_latency`](crate::Renderer::set_device_latency) and
/// [`Recorder::set_device_latency`](crate::Recorder::set_device_latency), and by an estimate of how their clocks drift;
/// pauses, underruns, losses on either side and other devices of another rate are in it. The path through the air is
/// not: that is what the canceller finds out. ([`set_lead`](Self::set_lead) is for one that cannot follow at once.)
///
/// Streams need [`Config::tap_frames`](crate::Config::tap_frames), at least as many as the longest block and what is
/// rendered between two reads, [`Config::clock`](crate::Config::clock),
/// [`CaptureConfig::clock`](crate::CaptureConfig::clock) (the same clock) and
/// [`CaptureConfig::timeline`](crate::CaptureConfig::timeline).
///
/// Where nothing was heard, or it is not known what (nothing was rendered, the tap was full, no block has come yet), it
/// gives 0.0 and says so.
///
/// No call waits. Reading allocates while the first seconds of sound come together, and where the output becomes a
/// device of another rate or layout: it belongs on the application's thread.
pub struct Reference {
    clocks: Clocks,
    sound: Sound,
    rate_hz: u32,
    lead_ns: f64,
    steered: Option<Steered>,
    /// Frames until the resampler is steered again.
    until_steered: usize,
    /// Something was heard when it was steered last.
    is_heard: bool,
    /// The position of the frame behind the last one given, if it follows.
    expected: Option<CapturePosition>,
}

/// What one [`Reference::read_both`] gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Referenced {
    /// Frames that were read, of both.
    pub frames: usize,
    /// For how many of them it is known what was heard.
    pub known_frames: usize,
}

impl Reference {
    /// A mono reference for what `reader` gives, out of what `tap` holds. It takes the times that the capture notes, so
    /// there is one for each capture.
    ///
    /// # Errors
    /// [`ConfigError::NoTimeline`] where one side has no clock, or the capture no
    /// [`timeline`](crate::CaptureConfig::timeline), or its times have been taken.
    pub fn new(reader: &mut Reader, tap: Tap) -> Result<Self, ConfigError> {
        let mono = ChannelLayout::from_count(1).ok_or(ConfigError::Channels(1, 1))?;
        Self::with_layout(reader, tap, mono)
    }

    /// A reference of these channels.
    ///
    /// # Errors
    /// As [`new`](Self::new).
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

    /// Samples in each frame of the reference.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.sound.channels()
    }

    /// The rate of the reference, in Hz: the application's.
    #[must_use]
    pub fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// Gives what is heard so much later than the stretch was captured. Default: 0.
    ///
    /// A canceller looks for the echo behind its reference. Where it must lie there by some time, or the latencies that
    /// the devices tell are not exact, the reference has to lead: WebRTC's AEC3 wants 2 ms at least, and finds out for
    /// itself how many there are. What is not rendered yet is not known: a lead is shorter than the output's latency and
    /// the time for which what was captured waits.
    pub fn set_lead(&mut self, lead: Duration) {
        self.lead_ns = lead.as_secs_f64() * 1e9;
        self.until_steered = 0;
    }

    /// Fills `heard` ([`channels`](Self::channels), interleaved) with what was heard while the stretch was captured that
    /// begins `at` this position: of as many application frames. Returns for how many of them that is known.
    ///
    /// Position and frames are those that [`Reader::read_stretch`] gave. Stretches are read in order; one that was read
    /// before is known no more. A stretch may be read in any sizes, and at any time, with the same result.
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

    /// Reads from `reader`, the one that this was made with, and what was heard meanwhile: as many frames as there are,
    /// at most as many as both `captured` (in the application's channels) and `heard` (in
    /// [`channels`](Self::channels)) have room for. Behind a gap that is skipped, and another device, the reference goes
    /// on where the capture does.
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
            // In pieces: within one of them a trim on its way moves too little to be seen.
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

    /// Looks where the sound is that was heard when the frame at this position was captured, and aims at where it will
    /// be, but for the drift, when it is time to look again. None where nothing was heard, or no one knows when.
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

    /// Lets go of the sound that lies behind.
    fn forget(&mut self) {
        if let Some(steered) = &self.steered {
            let kept = f64::from(steered.rate_hz()) * LOOK_BACK_S;
            // Below 0 it is 0.
            self.sound.forget_before((steered.position() - kept) as u64);
        }
    }
}

/// The position of a frame that lies so many application frames behind this one.
fn moved(at: CapturePosition, frames: usize) -> CapturePosition {
    let behind = at.fraction + frames as f64 * at.step;
    let whole = libm::floor(behind);
    CapturePosition {
        frame: at.frame.saturating_add(whole as u64),
        fraction: behind - whole,
        ..at
    }
}

/// Whether what is at `at` goes on from what led to `expected`, but for what a trim has moved it.
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
