//! The capture's monitor.

use alloc::sync::Arc;

use crate::capture::counters::CaptureCounters;
use crate::capture::shared::Shared;
use crate::link::sync::Ordering;

/// Watches a capture from any thread. Clones watch the same capture.
#[derive(Debug, Clone)]
pub struct CaptureMonitor(pub(super) Arc<Shared>);

impl CaptureMonitor {
    /// Returns all counters, as they stood together.
    #[must_use]
    pub fn snapshot(&self) -> CaptureCounters {
        self.0.snapshot()
    }

    /// Wakes the task that waits in [`Reader::read_async`](crate::Reader::read_async), to look again. With the feature
    /// `std` this need not be called.
    #[cfg(feature = "futures")]
    pub fn poll(&self) {
        self.0.waiting.wake();
    }

    /// Takes the largest magnitude that was read since the last call. 1.0 is full scale. Returns 0 unless
    /// [`CaptureConfig::meter`](crate::CaptureConfig::meter) is on.
    #[must_use]
    pub fn take_peak(&self) -> f32 {
        f32::from_bits(self.0.peak_bits.swap(0, Ordering::Relaxed))
    }
}
