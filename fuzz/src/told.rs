//! What a run gave, and the comparison of two.

use std::fmt::Debug;

use rt_callback::{Counters, Event, Level};

/// What both runs of a script must agree on.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// What the device got.
    pub(crate) sound: Vec<u8>,
    pub(crate) tapped: Vec<u32>,
    pub(crate) events: Vec<Event>,
    /// How the counters stood after each step, and what the step returned.
    pub(crate) steps: Vec<(Counts, Returned)>,
    pub(crate) levels: Vec<Level>,
    /// The first block that sounded may have had silence behind its sound.
    pub(crate) first_block_ran_dry: bool,
}

/// What a step returned, in numbers.
pub(crate) type Returned = [u64; 2];

/// The counters, but for those that count blocks.
pub(crate) type Counts = [u64; 17];

pub(crate) fn counts(now: &Counters) -> Counts {
    [
        now.pushed_frames,
        now.heard_frames,
        now.in_flight_frames,
        now.queued_frames,
        now.dropped_frames,
        now.utterance.map_or(u64::MAX, |utterance| utterance.0),
        now.utterance_heard_frames,
        now.rendered_frames,
        now.underruns,
        now.underrun_frames,
        now.starved_frames,
        // The rest of the first block that sounds is counted as startup.
        now.startup_silence_frames + now.idle_frames,
        now.paused_frames,
        now.shape_mismatches,
        now.clipped_samples,
        now.non_finite_samples,
        now.events_lost,
    ]
}

impl Told {
    pub(crate) fn compare(&self, other: &Self) -> Result<(), String> {
        same("step", &self.steps, &other.steps)?;
        same("byte", &self.sound, &other.sound)?;
        same("event", &self.events, &other.events)?;
        same("tapped sample", &self.tapped, &other.tapped)?;
        let peaks =
            |told: &Self| -> Vec<_> { told.levels.iter().map(|level| level.peak).collect() };
        same("peak", &peaks(self), &peaks(other))?;
        // Squares are summed up block by block, each sum rounded to 2^-40; those of huge samples have no room.
        let square = |level: &Level| f64::from(level.rms) * f64::from(level.rms);
        let differs = self
            .levels
            .iter()
            .zip(&other.levels)
            .position(|(whole, cut)| {
                let (whole, cut, peak) = (square(whole), square(cut), whole.peak);
                peak < 4.0 && (whole - cut).abs() > 1e-4 * whole + 1e-12
            });
        differs.map_or(Ok(()), |at| Err(format!("RMS {at} differs")))
    }
}

fn same<T: PartialEq + Debug>(what: &str, whole: &[T], cut: &[T]) -> Result<(), String> {
    if whole == cut {
        return Ok(());
    }
    let at = whole.iter().zip(cut).position(|(whole, cut)| whole != cut);
    let at = at.unwrap_or(whole.len().min(cut.len()));
    Err(format!(
        "{what} {at} differs: whole {:?}, cut {:?}",
        whole.get(at),
        cut.get(at)
    ))
}
