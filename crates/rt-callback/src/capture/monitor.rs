//! The half that watches a capture.

use alloc::sync::Arc;

use crate::capture::counters::CaptureCounters;
use crate::capture::shared::Shared;
use crate::link::sync::Ordering;

/// Watches a capture from any thread; clones watch the same one.
#[derive(Debug, Clone)]
pub struct CaptureMonitor(pub(super) Arc<Shared>);

impl CaptureMonitor {
    /// All counters, as they stood together.
    #[must_use]
    pub fn snapshot(&self) -> CaptureCounters {
        self.0.snapshot()
    }

    /// Wakes the task that waits in [`Reader::read_async`](crate::Reader::read_async), to look again. Only
    /// without the feature `std` does anybody have to call this.
    #[cfg(feature = "futures")]
    pub fn poll(&self) {
        self.0.waiting.wake();
    }

    /// The largest magnitude (1.0 is full scale) read since the last call; 0 unless
    /// [`CaptureConfig::meter`](crate::CaptureConfig::meter) is on.
    #[must_use]
    pub fn take_peak(&self) -> f32 {
        f32::from_bits(self.0.peak_bits.swap(0, Ordering::Relaxed))
    }
}
