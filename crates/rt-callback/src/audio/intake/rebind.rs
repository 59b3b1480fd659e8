//! Another device for the same stream. None of this runs in the callback.

use alloc::vec::Vec;

use crate::audio::intake::{Intake, boundaries_of};
use crate::config::ConfigError;
use crate::plan::Plan;
use crate::plan::marker::MarkerKind;
use crate::plan::recipe::Recipe;

impl Intake {
    /// Builds the present plan and all that are queued anew, for the device of `recipe`. Nothing
    /// changes where one of them cannot be built.
    pub(crate) fn rebind(
        &mut self,
        recipe: &Recipe,
        now: u64,
        ramp_frames: u32,
    ) -> Result<(), ConfigError> {
        // Markers that were taken out of their queue here are passed before those still in it.
        while let Some(marker) = self.markers.pop() {
            self.taken_markers.push_back(marker);
            self.most_boundaries = self.most_boundaries.saturating_add(boundaries_of(1));
        }
        let mut plan = Plan::new(*self.plan.source(), recipe)?;
        let queued = self.taken_markers.iter().filter_map(|marker| {
            if let MarkerKind::Source(change) = &marker.kind {
                Some(Plan::new(*change.plan.source(), recipe))
            } else {
                None
            }
        });
        let mut rebuilt = queued.collect::<Result<Vec<_>, _>>()?.into_iter();
        for marker in &mut self.taken_markers {
            if let MarkerKind::Source(change) = &mut marker.kind
                && let Some(next) = rebuilt.next()
            {
                change.plan = next;
            }
        }
        // A fade that the device took with it is over, and so is one that was asked for and had not begun.
        self.notices_cut(now);
        if let Some(cut) = &mut self.cut {
            cut.fade_left = 0;
        }
        if !plan.take_resampler_from(&mut self.plan) {
            // What the old device's resampler had read ahead goes with it.
            if let Some(boundary) = self.flushing {
                self.end_segment(boundary, now);
            } else if self.is_active() {
                self.fire_marks(now);
                self.leave_segment();
            }
        }
        self.plan = plan;
        let rate_hz = recipe.device.rate_hz;
        self.report.set_rate(now, rate_hz);
        self.gate.set_rate(rate_hz);
        self.ramp_frames = ramp_frames;
        Ok(())
    }
}
