//! The audio thread's half: nothing in it allocates, locks, calls the system, panics or loops without a bound, but for
//! making it and rebinding it.

pub(crate) mod input;
pub(crate) mod intake;
pub(crate) mod pulled;
pub(crate) mod quantize;
pub(crate) mod renderer;
pub(crate) mod seam;
mod segment;
pub(crate) mod source;
pub(crate) mod target;
