//! Who owns the numbers: the caller, or (feature `alloc`) this crate.

#[cfg(feature = "alloc")]
use alloc::{boxed::Box, sync::Arc};

#[cfg(feature = "alloc")]
use super::{plan::Plan, table::SincTable};

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

    /// The same numbers; what is owned or shared already stays so.
    #[cfg(feature = "alloc")]
    pub(crate) fn into_owned(self, plan: Plan, adjustable: bool) -> Memory<'static> {
        Memory {
            table: self.table.to_owned(plan, adjustable),
            work: Work::Owned(match self.work {
                Work::Borrowed(work) => Box::from(&*work),
                Work::Owned(work) => work,
            }),
        }
    }

    /// The same numbers, a second time; a shared table is shared.
    #[cfg(feature = "alloc")]
    pub(crate) fn to_owned(&self, plan: Plan, adjustable: bool) -> Memory<'static> {
        let work: &[f32] = match &self.work {
            Work::Borrowed(work) => work,
            Work::Owned(work) => work,
        };
        Memory {
            table: self.table.to_owned(plan, adjustable),
            work: Work::Owned(work.into()),
        }
    }
}

/// Coefficients.
pub(crate) enum Table<'s> {
    Borrowed(&'s [f32]),
    #[cfg(feature = "alloc")]
    Shared(Arc<SincTable>),
}

impl Table<'_> {
    #[cfg(feature = "alloc")]
    fn to_owned(&self, plan: Plan, adjustable: bool) -> Table<'static> {
        Table::Shared(match self {
            Self::Borrowed(table) => Arc::new(SincTable::holding(plan, adjustable, |to| {
                to.iter_mut().zip(*table).for_each(|(to, c)| *to = *c);
            })),
            Self::Shared(table) => Arc::clone(table),
        })
    }

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
