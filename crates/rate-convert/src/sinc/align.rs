//! Where a table begins in memory.

/// The most coefficients that are skipped for it.
pub(crate) const ALIGN_SLACK: usize = 15;

/// Values to skip so that a table begins on a cache line: its rows are then loaded without crossing any.
pub(crate) fn misalignment(storage: &[f32]) -> usize {
    storage.as_ptr().align_offset(64).min(ALIGN_SLACK)
}
