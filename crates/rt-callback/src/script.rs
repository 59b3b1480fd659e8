//! Commands that act at an exact frame, for simulations and for what must not wait for the next block.

use channel_mix::Decibels;

use crate::event::UtteranceId;
use crate::ramp::Ramp;

/// What a [`Controller`](crate::Controller) can do, as a value.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Command {
    /// [`Controller::interrupt`](crate::Controller::interrupt)
    Interrupt(Ramp),
    /// [`Controller::cancel`](crate::Controller::cancel)
    Cancel(UtteranceId, Ramp),
    /// [`Controller::hold`](crate::Controller::hold)
    Hold,
    /// [`Controller::discard`](crate::Controller::discard)
    Discard,
    /// [`Controller::pause`](crate::Controller::pause)
    Pause,
    /// [`Controller::resume`](crate::Controller::resume)
    Resume,
    /// [`Controller::set_gain`](crate::Controller::set_gain)
    Gain(Decibels, Ramp),
    /// [`Controller::mute`](crate::Controller::mute)
    Mute,
    /// [`Controller::unmute`](crate::Controller::unmute)
    Unmute,
}

/// A command, and the device frame at which it acts.
///
/// The renderer splits its block at that frame, so the sizes of the blocks change no sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timed {
    /// The first device frame that is rendered under the command, counted from the start of the stream.
    pub at_frame: u64,
    /// The command.
    pub command: Command,
}
