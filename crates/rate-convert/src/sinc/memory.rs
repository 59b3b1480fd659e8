//! Who owns the numbers: the caller, or (feature `alloc`) this crate.

#[cfg(feature = "alloc")]
use alloc::{boxed::Box, sync::Arc};

#[cfg(feature = "alloc")]
use super::table::SincTable;

/// Coefficients.
pub(crate) enum Table<'s> {
    Borrowed(&'s [f32]),
    #[cfg(feature = "alloc")]
    Shared(Arc<SincTable>),
}

impl Table<'_> {
    pub(crate) fn get(&self) -> &[f32] {
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
    pub(crate) fn get(&mut self) -> &mut [f32] {
        match self {
            Self::Borrowed(work) => work,
            #[cfg(feature = "alloc")]
            Self::Owned(work) => work,
        }
    }
}

/// Values to skip so that a table begins on a cache line: its rows are then loaded without crossing any.
pub(crate) fn misalignment(storage: &[f32]) -> usize {
    storage
        .as_ptr()
        .align_offset(64)
        .min(super::plan::ALIGN_SLACK)
}
