//! Commands that act at an exact frame: for simulations, and for whatever must not wait for a block.

use channel_mix::Decibels;

use crate::app::controller::{Controller, Ramp};
use crate::event::UtteranceId;

/// What a [`Controller`] can do, as a value.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Command {
    /// [`Controller::interrupt`]
    Interrupt(Ramp),
    /// [`Controller::cancel`]
    Cancel(UtteranceId, Ramp),
    /// [`Controller::hold`]
    Hold,
    /// [`Controller::discard`]
    Discard,
    /// [`Controller::pause`]
    Pause,
    /// [`Controller::resume`]
    Resume,
    /// [`Controller::set_gain`]
    Gain(Decibels, Ramp),
    /// [`Controller::mute`]
    Mute,
    /// [`Controller::unmute`]
    Unmute,
}

/// A command and the device frame, counted from the start of the stream, before which it acts.
/// The renderer splits its block there, so any cutting into blocks gives the same samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timed {
    /// The first device frame that is rendered under the command.
    pub at_frame: u64,
    /// What is done.
    pub command: Command,
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
