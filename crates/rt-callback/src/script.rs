//! Commands that act at an exact frame: for simulations, and for whatever must not wait for a block.

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

/// A command and the device frame, counted from the start of the stream, before which it acts.
/// The renderer splits its block there, so any cutting into blocks gives the same samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timed {
    /// The first device frame that is rendered under the command.
    pub at_frame: u64,
    /// What is done.
    pub command: Command,
}
