//! The broken twin of everything that crosses the threads: a value that is written, then announced by a flag that
//! orders nothing.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) struct Handover {
    announced: AtomicU64,
    value: UnsafeCell<u64>,
    is_planted: bool,
}

// SAFETY: It is not, where it is planted: that is what has to be found. Otherwise nothing is written.
unsafe impl Sync for Handover {}

impl Handover {
    pub(crate) const fn new(is_planted: bool) -> Self {
        Self {
            announced: AtomicU64::new(0),
            value: UnsafeCell::new(0),
            is_planted,
        }
    }

    pub(crate) fn give(&self, value: u64) {
        if self.is_planted {
            // SAFETY: see above.
            unsafe { *self.value.get() = value };
            self.announced.store(value, Ordering::Relaxed);
        }
    }

    /// The value, where it has been announced.
    pub(crate) fn take(&self) -> u64 {
        if self.announced.load(Ordering::Relaxed) == 0 {
            return 0;
        }
        // SAFETY: see above.
        unsafe { *self.value.get() }
    }
}
