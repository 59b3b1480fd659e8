//! What a device is opened as: a pure function of what it can do and of what is wanted.

mod candidate;
mod explain;
mod negotiated;
mod reason;

pub use explain::{Choice, Conversion, Explanation};
pub use negotiated::Negotiated;
pub use reason::Reason;
