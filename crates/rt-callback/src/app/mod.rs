//! The application's halves: they may allocate and wait, the controller excepted.

pub(crate) mod controller;
pub(crate) mod feeder;
pub(crate) mod monitor;
