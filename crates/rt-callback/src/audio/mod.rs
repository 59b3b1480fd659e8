//! The audio thread's half. Its code never allocates, locks, calls the system, panics or loops without a bound, except
//! to make and to rebind a renderer.

pub(crate) mod input;
pub(crate) mod intake;
pub(crate) mod pulled;
pub(crate) mod quantize;
pub(crate) mod renderer;
pub(crate) mod seam;
mod segment;
pub(crate) mod source;
pub(crate) mod target;
