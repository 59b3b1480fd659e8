//! The controller: steers a stream from any thread, at any time, without waiting.

use alloc::sync::Arc;
use core::sync::atomic::Ordering;

use channel_mix::Decibels;

use crate::event::UtteranceId;
use crate::link::controls::{Cancel, OWN_RAMP};
use crate::link::shared::Shared;
use crate::ramp::Ramp;
use crate::script::Command;

/// Steers a stream. Clones steer the same stream.
///
/// Every call stores a value that the renderer takes at its next block. The latest value wins, and nothing queues up.
/// No call waits, even while the feeder is blocked. The chapter [`conversations`](crate::conversations) says when to
/// use `interrupt`, `cancel`, `hold` or `pause`.
///
/// ```
/// use rt_callback::{Config, Decibels, Ramp, stream};
///
/// let config = Config::new("48000x1:s16le".parse()?, "48000x1:s16le".parse()?);
/// let (mut feeder, controller, mut renderer, monitor) = stream(&config)?;
/// feeder.push(&[1_000_i16; 4_800])?;
/// controller.set_gain(Decibels(-6.0), Ramp::Milliseconds(10.0));
/// renderer.render(&mut [0_i16; 480]);
/// controller.interrupt(Ramp::Milliseconds(10.0)); // another 480 frames, fading
/// renderer.render(&mut [0_i16; 480]);
/// assert_eq!(monitor.snapshot().heard_frames, 960);
/// assert_eq!(monitor.snapshot().dropped_frames, 4_800 - 960);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Controller {
    shared: Arc<Shared>,
}

impl Controller {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Drops everything that was pushed before this call, and ends the utterance that is being pushed.
    ///
    /// Later pushes into that utterance are refused with [`FeedError::Interrupted`](crate::FeedError::Interrupted). A
    /// call that waits for room ends at once with the same error. Everything else that is pushed after this call is
    /// kept.
    ///
    /// The sound fades out over `fade`, and is then exactly silent. If fewer frames are queued than the fade needs, the
    /// rest of the way to zero takes [`Config::ramp_frames`](crate::Config::ramp_frames). The receipt is an
    /// [`EventKind::Interrupted`](crate::EventKind::Interrupted) at the fade's end. It names the utterance, and says
    /// how many of its source frames were rendered. If nothing was sounding and nothing was queued, there is no
    /// receipt.
    pub fn interrupt(&self, fade: Ramp) {
        let fade_frames = fade.frames(self.shared.device_rate_hz());
        self.cut(fade_frames.min(OWN_RAMP - 1), |shared| {
            shared.feed.interrupt()
        });
    }

    /// Interrupts so that the sound can still go on: stops as [`pause`](Self::pause) does, and remembers the position
    /// and the utterance that is being pushed.
    ///
    /// [`resume`](Self::resume) plays on as if nothing had happened. [`discard`](Self::discard) makes the hold an
    /// interruption. Frames that are pushed meanwhile wait in the queue.
    pub fn hold(&self) {
        self.shared.feed.hold();
        self.shared.controls.hold();
    }

    /// Turns the last [`hold`](Self::hold) into an interruption, with the same receipt as
    /// [`interrupt`](Self::interrupt).
    ///
    /// It drops everything that was pushed before the hold. It also drops what has been pushed since by the utterance
    /// or the waiting call that was open at the hold, and refuses the rest of it. Utterances and calls that began after
    /// the hold are kept, and sound. If the stream is not held, nothing happens.
    pub fn discard(&self) {
        if self.is_held() {
            // The renderer must see the cut before it sees that the hold is lifted.
            self.cut(OWN_RAMP, |shared| shared.feed.discard());
            self.shared.controls.lift_hold();
        }
    }

    /// Publishes the fade before the cut. The feeder may publish the cut again, and must find the fade.
    fn cut(&self, fade_frames: u32, at_frame: impl FnOnce(&Shared) -> u64) {
        self.shared.controls.set_fade(fade_frames);
        self.shared.controls.cut(at_frame(&self.shared));
    }

    /// Drops one utterance, and keeps those before and behind it.
    ///
    /// If the utterance is sounding, it fades out over `fade`, and the rest up to its end is dropped. If fewer frames of
    /// it are left than the fade needs, the rest of the way to zero takes
    /// [`Config::ramp_frames`](crate::Config::ramp_frames). If it is queued, all of it is dropped. Later pushes into it
    /// are refused with [`FeedError::Interrupted`](crate::FeedError::Interrupted). Its receipt is an
    /// [`EventKind::Interrupted`](crate::EventKind::Interrupted). If the utterance is over, nothing happens.
    ///
    /// Returns false, and does nothing, if no such utterance has been begun, or if 32 other cancellations are waiting.
    /// A cancellation waits until the renderer comes to its utterance.
    pub fn cancel(&self, utterance: UtteranceId, fade: Ramp) -> bool {
        let begun = self.shared.begun_utterances.load(Ordering::Acquire);
        let cancel = Cancel {
            utterance,
            fade_frames: fade.frames(self.shared.device_rate_hz()),
            only_if_silent: false,
        };
        utterance.0 < begun && self.shared.cancel(cancel)
    }

    /// Stops at the present frame. The last sample decays to zero, then there is silence. The position is kept exactly.
    pub fn pause(&self) {
        self.shared.controls.set_paused(true);
    }

    /// Goes on with the next frame, faded in.
    ///
    /// On a held stream this lifts the [`hold`](Self::hold) alone: if the stream is also paused, it stays paused.
    /// Otherwise it lifts the [`pause`](Self::pause).
    pub fn resume(&self) {
        if !self.shared.controls.lift_hold() {
            self.shared.controls.set_paused(false);
        }
    }

    /// Moves the gain to `gain`, in a straight line over `ramp`. The ramp runs on in silence too.
    pub fn set_gain(&self, gain: Decibels, ramp: Ramp) {
        self.shared
            .controls
            .set_gain(gain, ramp.frames(self.shared.device_rate_hz()));
    }

    /// Ramps to silence, while the stream runs on.
    pub fn mute(&self) {
        self.shared.controls.set_muted(true);
    }

    /// Ramps from silence back to the gain.
    pub fn unmute(&self) {
        self.shared.controls.set_muted(false);
    }

    /// The gain that was set last, whether the stream is muted or not.
    #[must_use]
    pub fn gain(&self) -> Decibels {
        self.shared.controls.decibels()
    }

    /// Whether the stream is muted.
    #[must_use]
    pub fn is_muted(&self) -> bool {
        self.shared.controls.is_muted()
    }

    /// Whether the stream is paused. A stream that is only held is not paused.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.shared.controls.is_paused()
    }

    /// Whether the stream is held, and has been neither resumed nor discarded since.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.shared.controls.is_held()
    }
}

impl Command {
    /// Runs the command now, through a controller.
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
