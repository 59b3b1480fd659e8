//! What is lent to a device, a renderer or a recorder, and what both have in common.

mod direction;
mod lease;

pub(crate) use direction::{Direction, Handle, Opened};
pub(crate) use lease::{Borrower, Lease, Lent};
