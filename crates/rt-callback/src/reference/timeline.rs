//! Where a device's frames lie in time, from when its blocks came.
//!
//! Frames follow each other evenly, but for the points where a device stood still, was replaced or lost sound: between
//! those each stretch is a line, and its offset and slope are estimated by a Kalman filter of two states. That is the
//! second-order loop of F. Adriaensen, "Using a DLL to filter time" (2005), with a bandwidth that narrows from the
//! first block on to what the noise of the observations asks for. Nothing here looks at a clock.

use alloc::collections::VecDeque;

/// Stretches that are remembered: what is asked about lies seconds back at most.
const STRETCHES: usize = 8;
/// Standard deviation of a clock's rate from what it is said to be.
const DRIFT: f64 = 150e-6;
/// A clock that is further off than this is none; lines stay lines.
const MAX_DRIFT: f64 = 0.01;
/// How much that rate wanders: the square of 1e-8 within a second, per nanosecond.
const WANDER: f64 = 1e-16 / 1e9;
/// How exact an observation is taken to be until that is known, in nanoseconds; and at best.
const FIRST_NOISE_NS: f64 = 20e3;
const LEAST_NOISE_NS: f64 = 5e3;
/// Weight of the newest observation in what is known of the noise.
const NOISE_WEIGHT: f64 = 1.0 / 32.0;
/// An observation this many standard deviations off the line, and a frame, is suspicious.
const BOUND: f64 = 6.0;
/// One that is as far off as this needs no second: no callback is that late.
const CERTAIN_NS: f64 = 100e6;
/// A stretch that begins within this time behind the end of the last one follows it at once.
const SEAM_NS: f64 = 1e6;

/// When a frame was heard, or captured, as the device tells it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    /// In device frames since the start, whatever rates the devices since then had.
    pub(super) frame: u64,
    /// The device's rate from that frame on.
    pub(super) rate_hz: u32,
    /// Since any one moment that both devices count from.
    pub(super) time_ns: f64,
}

/// A point of an output in time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// In device frames, between two of them as well.
    pub(super) frame: f64,
    pub(super) rate_hz: u32,
}

/// The lines between the points at which time jumped.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    stretches: VecDeque<Line>,
    /// The last observation, where it was off the line.
    suspect: Option<Seen>,
    /// The square of how far observations lie off the line, in ns; 0 until there has been one.
    noise: f64,
}

/// One stretch.
#[derive(Debug, Clone, Copy)]
struct Line {
    from_frame: u64,
    rate_hz: u32,
    /// The latest point: a frame, and its time.
    frame: u64,
    time_ns: f64,
    /// By what part a frame lasts longer than the rate says.
    drift: f64,
    /// Of time and drift.
    variance: [f64; 2],
    covariance: f64,
}

impl Timeline {
    /// Takes in what was seen; in the order of the frames.
    pub(super) fn note(&mut self, seen: Seen) {
        let Some(line) = self.stretches.back_mut() else {
            return self.begin(seen, 0.0);
        };
        let drift = line.drift;
        if seen.rate_hz != line.rate_hz {
            return self.begin(seen, drift);
        }
        let mut next = line.predicted(seen.frame);
        let off_ns = seen.time_ns - next.time_ns;
        let frame_ns = period_ns(seen.rate_hz);
        let bound_ns = BOUND * libm::sqrt(next.variance[0] + self.noise) + frame_ns;
        let is_off = off_ns.abs() > bound_ns;
        let outlier = off_ns.clamp(-bound_ns, bound_ns);
        let weight = if is_off {
            NOISE_WEIGHT / 2.0
        } else {
            NOISE_WEIGHT
        };
        if !is_off {
            next.correct(off_ns, self.noise);
            *line = next;
            self.suspect = None;
        }
        if off_ns.abs() < CERTAIN_NS {
            let least = LEAST_NOISE_NS * LEAST_NOISE_NS + frame_ns * frame_ns / 12.0;
            self.noise += weight * (outlier * outlier - self.noise);
            self.noise = self.noise.max(least);
        }
        if is_off {
            self.suspect(seen, off_ns, bound_ns, drift);
        }
    }

    /// One observation off the line may be a callback that came late. Two that agree are another line.
    fn suspect(&mut self, seen: Seen, off_ns: f64, bound_ns: f64, drift: f64) {
        let agreeing = self.suspect.take().filter(|first| {
            let frames = seen.frame as f64 - first.frame as f64;
            let due_ns = first.time_ns + frames * period_ns(seen.rate_hz) * (1.0 + drift);
            (seen.time_ns - due_ns).abs() <= bound_ns
        });
        if let Some(first) = agreeing {
            self.begin(first, drift);
            self.note(seen);
        } else if off_ns.abs() < CERTAIN_NS {
            self.suspect = Some(seen);
        } else {
            self.begin(seen, drift);
        }
    }

    /// Begins a stretch. The clock is perhaps another, perhaps the same.
    fn begin(&mut self, seen: Seen, drift: f64) {
        if self.stretches.is_empty() {
            self.noise = FIRST_NOISE_NS * FIRST_NOISE_NS;
        }
        if self.stretches.len() == STRETCHES {
            self.stretches.pop_front();
        }
        self.suspect = None;
        self.stretches.push_back(Line {
            from_frame: seen.frame,
            rate_hz: seen.rate_hz,
            frame: seen.frame,
            time_ns: seen.time_ns,
            drift,
            variance: [self.noise, DRIFT * DRIFT],
            covariance: 0.0,
        });
    }

    /// When this point of the device's stream was, or will be. None before anything was seen.
    pub(super) fn time_of(&self, frame: f64) -> Option<f64> {
        let lines = self.stretches.iter();
        let line = lines
            .rev()
            .find(|line| line.from_frame as f64 <= frame)
            .or(self.stretches.front())?;
        Some(line.time_of(frame))
    }

    /// Which point of the device's stream is at this time; none before the first stretch, and where the device stood
    /// still.
    pub(super) fn at(&self, time_ns: f64) -> Option<Place> {
        let mut next: Option<&Line> = None;
        for line in self.stretches.iter().rev() {
            if line.time_of(line.from_frame as f64) <= time_ns {
                let place = line.at(time_ns);
                return match next {
                    Some(next) if place.frame >= next.from_frame as f64 => {
                        let begin_ns = next.time_of(next.from_frame as f64);
                        (begin_ns - time_ns < SEAM_NS).then(|| next.at(time_ns))
                    }
                    _ => Some(place),
                };
            }
            next = Some(line);
        }
        None
    }
}

impl Line {
    fn frame_ns(&self) -> f64 {
        period_ns(self.rate_hz) * (1.0 + self.drift)
    }

    fn time_of(&self, frame: f64) -> f64 {
        self.time_ns + (frame - self.frame as f64) * self.frame_ns()
    }

    fn at(&self, time_ns: f64) -> Place {
        Place {
            frame: self.frame as f64 + (time_ns - self.time_ns) / self.frame_ns(),
            rate_hz: self.rate_hz,
        }
    }

    /// The same line, from a later frame's point of view.
    fn predicted(&self, frame: u64) -> Self {
        let elapsed_ns = frame.saturating_sub(self.frame) as f64 * period_ns(self.rate_hz);
        let [time, drift] = self.variance;
        Self {
            frame,
            time_ns: self.time_of(frame as f64),
            variance: [
                time + elapsed_ns * (2.0 * self.covariance + elapsed_ns * drift),
                drift + elapsed_ns * WANDER,
            ],
            covariance: self.covariance + elapsed_ns * drift,
            ..*self
        }
    }

    /// Moves towards an observation of the latest point that lies so far off.
    fn correct(&mut self, off_ns: f64, noise: f64) {
        let [time, drift] = self.variance;
        let sum = time + noise;
        let (by_time, by_drift) = (time / sum, self.covariance / sum);
        self.time_ns += by_time * off_ns;
        self.drift = (self.drift + by_drift * off_ns).clamp(-MAX_DRIFT, MAX_DRIFT);
        self.variance = [
            time * (1.0 - by_time),
            (drift - by_drift * self.covariance).max(0.0),
        ];
        self.covariance *= 1.0 - by_time;
    }
}

/// How long a frame lasts by the rate alone.
fn period_ns(rate_hz: u32) -> f64 {
    1e9 / f64::from(rate_hz.max(1))
}

#[cfg(test)]
mod tests;
