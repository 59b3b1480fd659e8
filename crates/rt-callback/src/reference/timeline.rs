//! Timelines: the time of each of a device's frames, estimated from when its blocks came.
//!
//! Frames follow each other evenly, except where a device stood still, was replaced or lost sound. Between those points
//! time is a line over the frames, whose offset and slope a Kalman filter of two states estimates. This is the
//! second-order loop of F. Adriaensen, "Using a DLL to filter time" (2005). Its bandwidth narrows from the first block
//! on, to what the noise of the observations asks for. Nothing here reads a clock.

use alloc::collections::VecDeque;

/// How many stretches are remembered. Frames that are asked for lie at most seconds back.
const STRETCHES: usize = 8;
/// The standard deviation of a clock's rate from its nominal rate.
const DRIFT: f64 = 150e-6;
/// The largest drift of a line. No clock is further off.
const MAX_DRIFT: f64 = 0.01;
/// How much the drift wanders, as a variance per nanosecond: (1e-8)² in a second.
const WANDER: f64 = 1e-16 / 1e9;
/// The assumed standard deviation of the first observations, and the least of any, in nanoseconds.
const FIRST_NOISE_NS: f64 = 20e3;
const LEAST_NOISE_NS: f64 = 5e3;
/// The weight of the newest observation in the estimate of the noise.
const NOISE_WEIGHT: f64 = 1.0 / 32.0;
/// An observation is suspicious if it is off the line by this many standard deviations and a frame.
const BOUND: f64 = 6.0;
/// An observation that is this far off begins a new line at once, because no callback is that late.
const CERTAIN_NS: f64 = 100e6;
/// A stretch that begins within this time behind the end of the last one follows it without a gap.
const SEAM_NS: f64 = 1e6;

/// An observation: when a frame was heard or captured, as the device tells it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    /// The frame, in device frames since the start. The count goes on through changes of the device's rate.
    pub(super) frame: u64,
    /// The device's rate from that frame on.
    pub(super) rate_hz: u32,
    /// The time since an origin that both devices share.
    pub(super) time_ns: f64,
}

/// A position of the output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// In device frames, with a fraction.
    pub(super) frame: f64,
    pub(super) rate_hz: u32,
}

/// The timeline of a device: a line for each stretch between two jumps of time.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    stretches: VecDeque<Line>,
    /// The last observation, if it was off the line.
    suspect: Option<Seen>,
    /// The variance of the observations around the line, in ns². 0 before the first.
    noise: f64,
}

/// One stretch of even time.
#[derive(Debug, Clone, Copy)]
struct Line {
    from_frame: u64,
    rate_hz: u32,
    /// The latest frame of the line, and its time.
    frame: u64,
    time_ns: f64,
    /// By which fraction a frame lasts longer than the rate says.
    drift: f64,
    /// The variances of time and drift.
    variance: [f64; 2],
    covariance: f64,
}

impl Timeline {
    /// Adds an observation. They come in the order of the frames.
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

    /// Handles an observation off the line. A single one may be a late callback. Two that agree begin another line.
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

    /// Begins a stretch. The clock may be another one or the same, so the drift is kept and its variance reset.
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

    /// The time of a position of the device's stream, past or future. `None` before the first observation.
    pub(super) fn time_of(&self, frame: f64) -> Option<f64> {
        let lines = self.stretches.iter();
        let line = lines
            .rev()
            .find(|line| line.from_frame as f64 <= frame)
            .or(self.stretches.front())?;
        Some(line.time_of(frame))
    }

    /// The position of the device's stream at a time. `None` before the first stretch, and where the device stood
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

    /// The same line, predicted for a later frame.
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

    /// Corrects the line by an observation of its latest frame that is `off_ns` off.
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

/// How long a frame lasts by the rate, without drift.
fn period_ns(rate_hz: u32) -> f64 {
    1e9 / f64::from(rate_hz.max(1))
}

#[cfg(test)]
mod tests;
