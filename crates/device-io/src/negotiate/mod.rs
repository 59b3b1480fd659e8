//! Negotiation: the format, rate and channels in which a device is opened, as a pure function of what it supports and
//! of the source.

mod candidate;
mod explain;
mod negotiated;
mod reason;

pub use explain::{Choice, Conversion, Explanation};
pub use negotiated::Negotiated;
pub use reason::Reason;
