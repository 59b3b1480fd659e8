//! The half that steers: any thread, at any time, without waiting.

use alloc::sync::Arc;
use core::sync::atomic::Ordering;

use channel_mix::Decibels;

use crate::event::UtteranceId;
use crate::link::controls::{Cancel, OWN_RAMP};
use crate::link::shared::Shared;
use crate::ramp::Ramp;
use crate::script::Command;

/// Steers a stream. Clones steer the same one.
///
/// Every call stores a value that the renderer takes at its next block: the latest wins, nothing
/// queues up, and nobody waits, not even where the feeder is blocked. Which of `interrupt`, `cancel`, `hold` and
/// `pause` is for what is told in the chapter [`conversations`](crate::conversations).
#[derive(Debug, Clone)]
pub struct Controller {
    shared: Arc<Shared>,
}

impl Controller {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Drops everything that was pushed before this call, and ends the utterance that is being pushed: what
    /// its producer still pushes into it is refused with [`FeedError::Interrupted`](crate::FeedError::Interrupted),
    /// and a call that waits for room ends at once with the same error. What is pushed otherwise after this call
    /// is kept.
    ///
    /// What is sounding is faded out over `fade`, and is then exactly silent. (Where less is queued than
    /// that, the rest of the way down takes [`Config::ramp_frames`](crate::Config::ramp_frames).) The receipt is an
    /// [`EventKind::Interrupted`](crate::EventKind::Interrupted) at the fade's end: which
    /// utterance, and how many of its source frames were rendered. Where nothing was sounding and
    /// nothing queued, there is nothing to give a receipt for.
    pub fn interrupt(&self, fade: Ramp) {
        let fade_frames = fade.frames(self.shared.device_rate_hz());
        self.cut(fade_frames.min(OWN_RAMP - 1), |shared| {
            shared.feed.interrupt()
        });
    }

    /// A recoverable interruption: stops as [`pause`](Self::pause) does, and remembers what has been
    /// pushed and what is being pushed. [`resume`](Self::resume) plays on as if nothing had been;
    /// [`discard`](Self::discard) makes it an interruption. What is pushed meanwhile waits behind it.
    pub fn hold(&self) {
        self.shared.feed.hold();
        self.shared.controls.hold();
    }

    /// Makes an interruption of the last [`hold`](Self::hold): drops what had been pushed before it, and what was
    /// pushed since into the utterance, or by the call, that was being pushed then. The rest of that is refused as
    /// after [`interrupt`](Self::interrupt), and there is the same receipt. What was begun after the hold is
    /// kept, and sounds. Where the stream is not held nothing happens.
    pub fn discard(&self) {
        if self.is_held() {
            // The cut is published before the hold is lifted.
            self.cut(OWN_RAMP, |shared| shared.feed.discard());
            self.shared.controls.lift_hold();
        }
    }

    /// The fade is published before the cut, which the feeder may publish again.
    fn cut(&self, fade_frames: u32, at_frame: impl FnOnce(&Shared) -> u64) {
        self.shared.controls.set_fade(fade_frames);
        self.shared.controls.cut(at_frame(&self.shared));
    }

    /// Drops one utterance, and keeps those before and behind it: one that is sounding fades out over `fade` and
    /// its rest goes, up to its end; one that is queued goes whole. What is still pushed into it is refused with
    /// [`FeedError::Interrupted`](crate::FeedError::Interrupted). Its receipt is an
    /// [`EventKind::Interrupted`](crate::EventKind::Interrupted). Of one that is over nothing is left to drop, and
    /// nothing happens.
    ///
    /// Returns false, and does nothing, where no such utterance has been begun, or where 32 other
    /// cancellations wait already: each waits until the renderer comes to its utterance.
    pub fn cancel(&self, utterance: UtteranceId, fade: Ramp) -> bool {
        let begun = self.shared.begun_utterances.load(Ordering::Acquire);
        let cancel = Cancel {
            utterance,
            fade_frames: fade.frames(self.shared.device_rate_hz()),
            only_if_silent: false,
        };
        utterance.0 < begun && self.shared.cancel(cancel)
    }

    /// Stops at the present frame: the last sound decays, then there is silence. The position is
    /// kept exactly.
    pub fn pause(&self) {
        self.shared.controls.set_paused(true);
    }

    /// Goes on with the next frame, faded in. After a [`hold`](Self::hold) it lifts the hold alone, so that a
    /// stream that had been paused besides stays so; otherwise it lifts the [`pause`](Self::pause).
    pub fn resume(&self) {
        if !self.shared.controls.lift_hold() {
            self.shared.controls.set_paused(false);
        }
    }

    /// Moves the gain in a straight line over `ramp`. Time passes for the ramp whether anything sounds or not.
    pub fn set_gain(&self, gain: Decibels, ramp: Ramp) {
        self.shared
            .controls
            .set_gain(gain, ramp.frames(self.shared.device_rate_hz()));
    }

    /// Ramps to silence, while the stream runs on.
    pub fn mute(&self) {
        self.shared.controls.set_muted(true);
    }

    /// Ramps back to the gain.
    pub fn unmute(&self) {
        self.shared.controls.set_muted(false);
    }

    /// The gain that was set last, whether the stream is muted or not.
    #[must_use]
    pub fn gain(&self) -> Decibels {
        self.shared.controls.decibels()
    }

    /// Whether the stream was muted last.
    #[must_use]
    pub fn is_muted(&self) -> bool {
        self.shared.controls.is_muted()
    }

    /// Whether the stream is paused. One that is only held is not.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.shared.controls.is_paused()
    }

    /// Whether the stream is held: neither resumed nor discarded since.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.shared.controls.is_held()
    }
}

impl Command {
    /// Does it now, through a controller.
    pub fn run(self, controller: &Controller) {
        match self {
            Self::Interrupt(fade) => controller.interrupt(fade),
            Self::Cancel(utterance, fade) => {
                controller.cancel(utterance, fade);
            }
            Self::Hold => controller.hold(),
            Self::Discard => controller.discard(),
            Self::Pause => controller.pause(),
            Self::Resume => controller.resume(),
            Self::Gain(gain, ramp) => controller.set_gain(gain, ramp),
            Self::Mute => controller.mute(),
            Self::Unmute => controller.unmute(),
        }
    }
}
