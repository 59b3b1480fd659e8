//! Finds when a stream has been heard to its end.

use crate::app::feeder::Feeder;

/// How a drain ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Drained {
    /// The last frame has been heard.
    Heard,
    /// Some of what was pushed since the end before was interrupted, discarded or cancelled. The rest of it has been
    /// heard.
    Interrupted,
}

/// A drain under way.
#[derive(Debug, Default)]
pub(super) struct Draining {
    /// The number of the end that the drain waits for, once that end has been declared.
    end: Option<u64>,
    /// The device frame at which that is heard, once it has been rendered.
    #[cfg(feature = "futures")]
    pub(super) heard_at: Option<u64>,
}

impl Draining {
    /// Declares the end, if there was no room for its marker before.
    pub(super) fn declare(&mut self, feeder: &mut Feeder) {
        if self.end.is_none() && feeder.end_utterance().is_ok() {
            self.end = Some(feeder.ends_declared);
        }
    }

    /// Declares the end, and looks whether the last frame has been heard: out of the queue, out of the resampler, and
    /// through the device's latency.
    pub(super) fn look(&mut self, feeder: &mut Feeder) -> Option<Drained> {
        self.declare(feeder);
        let counters = feeder.shared.snapshot();
        let end = counters.end;
        let is_rendered = end.number >= self.end? && counters.is_played_out();
        #[cfg(feature = "futures")]
        {
            self.heard_at = is_rendered.then_some(end.at_frame);
        }
        let heard_frame = feeder.shared.heard_device_frame(&counters);
        (is_rendered && heard_frame >= end.at_frame).then_some(if end.is_cut {
            Drained::Interrupted
        } else {
            Drained::Heard
        })
    }
}
