//! Rebinding the intake to another device. None of this runs in the callback.

use alloc::vec::Vec;

use crate::audio::intake::Intake;
use crate::config::ConfigError;
use crate::plan::Plan;
use crate::plan::marker::MarkerKind;
use crate::plan::recipe::Recipe;

impl Intake {
    /// Rebuilds the present plan and all queued plans for the device of `recipe`. If one of them cannot be built,
    /// nothing changes.
    pub(crate) fn rebind(
        &mut self,
        recipe: &Recipe,
        now: u64,
        ramp_frames: u32,
    ) -> Result<(), ConfigError> {
        let mut plan = Plan::new(*self.plan.source(), recipe)?;
        let markers = self.incoming.take_markers();
        let queued = markers.iter().filter_map(|marker| {
            if let MarkerKind::Source(change) = &marker.kind {
                Some(Plan::new(*change.plan.source(), recipe))
            } else {
                None
            }
        });
        let mut rebuilt = queued.collect::<Result<Vec<_>, _>>()?.into_iter();
        for marker in markers {
            if let MarkerKind::Source(change) = &mut marker.kind
                && let Some(next) = rebuilt.next()
            {
                change.plan = next;
            }
        }
        // A fade under way ended with the old device, and so did one that was requested and had not begun.
        self.notices_cut(now);
        self.cuts.break_off();
        if !plan.take_resampler_from(&mut self.plan) {
            // The frames that the old resampler had read ahead are dropped with it.
            if let Some(boundary) = self.flushing {
                self.end_segment(boundary, now);
            } else if self.segment.is_active() {
                self.fire_marks(now);
                self.segment.leave(&mut self.plan);
            }
        }
        self.plan = plan;
        let rate_hz = recipe.device.rate_hz;
        self.report.set_rate(now, rate_hz);
        self.gate.set_rate(now, rate_hz);
        self.cuts.ramp_frames = ramp_frames;
        Ok(())
    }
}
