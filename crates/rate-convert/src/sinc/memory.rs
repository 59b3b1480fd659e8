//! Who owns the numbers: the caller, or (feature `alloc`) this crate.

#[cfg(feature = "alloc")]
use alloc::{boxed::Box, sync::Arc};

#[cfg(feature = "alloc")]
use super::table::SincTable;

/// The coefficients of a conversion, and the room that its stream works in.
pub(crate) struct Memory<'s> {
    pub(crate) table: Table<'s>,
    pub(crate) work: Work<'s>,
}

impl Memory<'_> {
    /// The coefficients, and the room.
    pub(crate) fn split(&mut self) -> (&[f32], &mut [f32]) {
        (self.table.get(), self.work.get())
    }
}

/// Coefficients.
pub(crate) enum Table<'s> {
    Borrowed(&'s [f32]),
    #[cfg(feature = "alloc")]
    Shared(Arc<SincTable>),
}

impl Table<'_> {
    fn get(&self) -> &[f32] {
        match self {
            Self::Borrowed(table) => table,
            #[cfg(feature = "alloc")]
            Self::Shared(table) => table.coefficients(),
        }
    }
}

/// Histories and scratch.
pub(crate) enum Work<'s> {
    Borrowed(&'s mut [f32]),
    #[cfg(feature = "alloc")]
    Owned(Box<[f32]>),
}

impl Work<'_> {
    fn get(&mut self) -> &mut [f32] {
        match self {
            Self::Borrowed(work) => work,
            #[cfg(feature = "alloc")]
            Self::Owned(work) => work,
        }
    }
}
