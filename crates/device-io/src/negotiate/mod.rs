//! What a device is opened as: a pure function of what it can do and of what is wanted.

mod negotiated;

pub use negotiated::{Choice, Conversion, Explanation, Negotiated, Reason};
