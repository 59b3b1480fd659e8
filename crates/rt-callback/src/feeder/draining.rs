//! When a stream has been heard to its end.

use core::sync::atomic::Ordering;

use crate::feeder::Feeder;

/// A drain under way.
#[derive(Debug, Default)]
pub(super) struct Draining {
    declared: bool,
    /// The device frame at which what had been rendered last is heard.
    heard_at: Option<u64>,
}

impl Draining {
    /// Declares the end, where that has not been possible yet, and looks whether the last frame has
    /// been heard: out of the queue, out of the resampler, and through the device.
    pub(super) fn is_heard(&mut self, feeder: &mut Feeder) -> bool {
        self.declared = self.declared || feeder.end_utterance().is_ok();
        let shared = &feeder.shared;
        let counters = shared.snapshot();
        if !self.declared || !counters.is_played_out() {
            return false;
        }
        let latency = shared.device_latency_frames.load(Ordering::Relaxed);
        let rendered = counters.rendered_frames;
        rendered >= *self.heard_at.get_or_insert(rendered + latency)
    }
}
