//! A table that several streams share.

use alloc::{boxed::Box, vec};

use super::align::{ALIGN_SLACK, misalignment};
use super::design::Quality;
use super::plan::Plan;
use crate::RateError;
use crate::ratio::Ratio;

/// The coefficients for one pair of rates and one quality, to be put into an `Arc` and shared by any number of
/// [`Sinc`](crate::Sinc)s. Building it allocates once and takes as long as a
/// [`Sinc`](crate::Sinc) says.
pub struct SincTable {
    plan: Plan,
    adjustable: bool,
    storage: Box<[f32]>,
    skip: usize,
}

impl SincTable {
    /// The table for exactly `from_hz` to `to_hz`; see [`Sinc::new`](crate::Sinc::new) for the ranges.
    ///
    /// # Errors
    /// [`RateError`] when a rate or the ratio is out of range.
    pub fn new(from_hz: u32, to_hz: u32, quality: Quality) -> Result<Self, RateError> {
        Self::build(from_hz, to_hz, quality, false)
    }

    /// The table for `from_hz` to `to_hz` and 2 % about it; see [`Sinc::adjustable`](crate::Sinc::adjustable).
    ///
    /// # Errors
    /// [`RateError`] when a rate or the ratio is out of range.
    pub fn adjustable(from_hz: u32, to_hz: u32, quality: Quality) -> Result<Self, RateError> {
        Self::build(from_hz, to_hz, quality, true)
    }

    fn build(
        from_hz: u32,
        to_hz: u32,
        quality: Quality,
        adjustable: bool,
    ) -> Result<Self, RateError> {
        let plan = Plan::new(Ratio::new(from_hz, to_hz)?, quality, adjustable);
        Ok(Self::holding(plan, adjustable, |table| plan.fill(table)))
    }

    /// A table that `fill` writes.
    pub(crate) fn holding(plan: Plan, adjustable: bool, fill: impl FnOnce(&mut [f32])) -> Self {
        let mut storage = vec![0.0; plan.table_len + ALIGN_SLACK].into_boxed_slice();
        let skip = misalignment(&storage);
        if let Some(table) = storage.get_mut(skip..skip + plan.table_len) {
            fill(table);
        }
        Self {
            plan,
            adjustable,
            storage,
            skip,
        }
    }

    /// Bytes of coefficients.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.plan.table_len * size_of::<f32>()
    }

    pub(crate) fn plan(&self) -> (Plan, bool) {
        (self.plan, self.adjustable)
    }

    pub(crate) fn coefficients(&self) -> &[f32] {
        self.storage
            .get(self.skip..self.skip + self.plan.table_len)
            .unwrap_or(&[])
    }
}

/// A second copy of the coefficients; clone an `Arc` of the table to share them.
impl Clone for SincTable {
    fn clone(&self) -> Self {
        // Anew, because where a table begins depends on where its memory lies.
        Self::holding(self.plan, self.adjustable, |to| {
            to.iter_mut()
                .zip(self.coefficients())
                .for_each(|(to, c)| *to = *c);
        })
    }
}

impl core::fmt::Debug for SincTable {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SincTable")
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}
