//! Lending a renderer or a recorder to a device, and what both have in common.

mod direction;
mod lease;

pub(crate) use direction::{Direction, Handle, Opened};
#[cfg(feature = "cpal")]
pub(crate) use lease::Borrower;
pub(crate) use lease::{Lease, Lent};
