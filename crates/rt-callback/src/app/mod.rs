//! The application's halves. All may allocate and wait, except the controller.

pub(crate) mod controller;
pub(crate) mod feeder;
pub(crate) mod monitor;
