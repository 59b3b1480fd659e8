//! Outputs and inputs that outlive their devices.

mod bury;
mod face;
mod life;
mod parked;
mod policy;
mod search;
mod state;
mod supervisor;
mod worker;

pub use face::{Supervised, SupervisedInput};
pub use policy::{Absent, Policy, Supervision};
