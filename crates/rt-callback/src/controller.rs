//! The half that steers: any thread, at any time, without waiting.

use alloc::sync::Arc;
use core::sync::atomic::Ordering;

use channel_mix::Decibels;

use crate::event::UtteranceId;
use crate::shared::{OWN_RAMP, Shared};

/// How long a fade or a gain's ramp takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ramp {
    /// At once, with whatever click that makes.
    None,
    /// In milliseconds.
    Milliseconds(f32),
    /// In device frames.
    Frames(u32),
}

impl Ramp {
    /// Its length in frames at this rate.
    #[must_use]
    pub fn frames(self, rate_hz: u32) -> u32 {
        match self {
            Self::None => 0,
            // Saturates, and NaN is 0.
            Self::Milliseconds(ms) => (f64::from(ms) * f64::from(rate_hz) / 1000.0) as u32,
            Self::Frames(frames) => frames,
        }
    }
}

/// Steers a stream. Clones steer the same one.
///
/// Every call stores a value that the renderer takes at its next block: the latest wins, nothing
/// queues up, and nobody waits, not even where the feeder is blocked.
#[derive(Debug, Clone)]
pub struct Controller {
    shared: Arc<Shared>,
}

impl Controller {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Drops everything that was pushed before this call, and keeps all that is pushed after it.
    ///
    /// What is sounding is faded out over `fade`, and is then exactly silent. (Where less is queued than
    /// that, the rest of the way down takes [`Config::ramp_frames`](crate::Config::ramp_frames).) The receipt is an
    /// [`EventKind::Interrupted`](crate::EventKind::Interrupted) at the fade's end: which
    /// utterance, and how many of its source frames were rendered. Where nothing was sounding and
    /// nothing queued, there is nothing to give a receipt for.
    pub fn interrupt(&self, fade: Ramp) {
        let committed = self.shared.committed_frames.load(Ordering::Acquire);
        let fade_frames = fade.frames(self.shared.device_rate_hz());
        self.shared
            .controls
            .cut(committed, fade_frames.min(OWN_RAMP - 1));
    }

    /// A recoverable interruption: stops as [`pause`](Self::pause) does, and remembers what had been
    /// pushed. [`resume`](Self::resume) plays on as if nothing had been; [`discard`](Self::discard)
    /// makes it an interruption. What is pushed meanwhile waits behind it.
    pub fn hold(&self) {
        let committed = self.shared.committed_frames.load(Ordering::Acquire);
        self.shared.controls.hold(committed);
    }

    /// Drops what had been pushed before the last [`hold`](Self::hold), with a receipt as
    /// [`interrupt`](Self::interrupt) gives it, and goes on with what was pushed after it.
    pub fn discard(&self) {
        self.shared.controls.discard();
    }

    /// Drops one utterance, and keeps those before and behind it: one that is sounding fades out over
    /// [`Config::ramp_frames`](crate::Config::ramp_frames) and its rest goes, up to its end; one that
    /// is queued goes whole. Its receipt is an [`EventKind::Interrupted`](crate::EventKind::Interrupted).
    /// Of one that is over nothing is left to drop, and nothing happens.
    ///
    /// Returns false, and does nothing, where no such utterance has been begun, or where 16
    /// cancellations wait already: the renderer takes them at its next block, and holds 16 of utterances
    /// that have not begun to sound.
    pub fn cancel(&self, utterance: UtteranceId) -> bool {
        let begun = self.shared.begun_utterances.load(Ordering::Acquire);
        utterance.0 < begun && self.shared.controls.cancel(utterance)
    }

    /// Stops at the present frame: the last sound decays, then there is silence. The position is
    /// kept exactly.
    pub fn pause(&self) {
        self.shared.controls.set_paused(true);
    }

    /// Goes on with the next frame after a [`pause`](Self::pause), faded in.
    pub fn resume(&self) {
        self.shared.controls.set_paused(false);
    }

    /// Moves the gain in a straight line over `ramp`.
    pub fn set_gain(&self, gain: Decibels, ramp: Ramp) {
        self.shared
            .controls
            .set_gain(gain.to_gain(), ramp.frames(self.shared.device_rate_hz()));
    }

    /// Ramps to silence, while the stream runs on.
    pub fn mute(&self) {
        self.shared.controls.set_muted(true);
    }

    /// Ramps back to the gain.
    pub fn unmute(&self) {
        self.shared.controls.set_muted(false);
    }
}
