//! Drift control: follows two clocks that should be the same and are not.

/// The largest trim of a [`DriftControl`], either way: 2,000 ppm, or 3.5 cents. Sound cards differ by some hundred ppm;
/// the rest brings the fill back to its target.
pub const MAX_DRIFT_TRIM: f64 = 0.002;
/// The largest difference between the clocks that is accepted as drift.
const MAX_DRIFT: f64 = 0.001;
/// Trim per second of error, and per second of error and second of time.
///
/// The fill of a queue is the integral of the trim, so the loop has second order, with its corner at 0.1 rad/s and a
/// damping of 1. It follows a step of the drift within half a minute, with almost no overshoot. A wobble of 1 ms in the
/// measured fill moves the pitch by less than 200 ppm before it is smoothed. (Franklin, Powell and Emami-Naeini,
/// "Feedback Control of Dynamic Systems", on PI control of an integrator.)
const PROPORTIONAL: f64 = 0.2;
const INTEGRAL: f64 = 0.01;
/// Time constant of the low-pass on the measured fill, in seconds. It is a tenth of the loop's own, so that it takes
/// little of the phase margin.
const SMOOTHING_S: f64 = 1.0;
/// The longest time that counts between two measurements, in seconds. Over a longer one the machine slept.
const MAX_STEP_S: f64 = 1.0;

/// Keeps a queue between two clocks at its length, by a trim of the rate conversion between them. It is a PI controller
/// behind a low-pass.
///
/// It reads no clock: its results depend only on the arguments of its calls. [`Duplex`](crate::Duplex) runs one. It can
/// also be used with [`Reader::set_trim`](crate::Reader::set_trim) or with `Sinc::set_trim` of rate-convert.
///
/// ```
/// use rt_callback::DriftControl;
///
/// // The queue should hold 60 ms. Looked at every 10 ms, it grows by 100 ppm of the time.
/// let mut control = DriftControl::new(0.060);
/// let mut fill_s = 0.060;
/// for _ in 0..10_000 {
///     let trim = control.update(fill_s, 0.010);
///     fill_s += 0.010 * (100e-6 - trim);
/// }
/// assert!((fill_s - 0.060_f64).abs() < 1e-5);
/// assert!((control.drift() - 100e-6).abs() < 1e-6);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct DriftControl {
    target_s: f64,
    /// Smoothed distance of the fill from its target, in seconds.
    error_s: f64,
    drift: f64,
    /// Whether something has been measured since the last reset.
    settled: bool,
}

impl DriftControl {
    /// Makes a control for a queue that should hold `target_s` seconds.
    #[must_use]
    pub const fn new(target_s: f64) -> Self {
        Self {
            target_s,
            error_s: 0.0,
            drift: 0.0,
            settled: false,
        }
    }

    /// How much the queue should hold, in seconds.
    #[must_use]
    pub const fn target_s(&self) -> f64 {
        self.target_s
    }

    /// Sets how much the queue should hold, in seconds. The known drift is kept.
    pub const fn set_target(&mut self, target_s: f64) {
        self.target_s = target_s;
        self.reset();
    }

    /// Adds a measurement and returns the trim: by which fraction to empty the queue faster, within
    /// ±[`MAX_DRIFT_TRIM`].
    ///
    /// The queue holds `fill_s` seconds, and the last call was `elapsed_s` seconds ago. Any interval works; ten calls a
    /// second are enough.
    ///
    /// A measurement that is not finite is ignored.
    pub fn update(&mut self, fill_s: f64, elapsed_s: f64) -> f64 {
        let error_s = fill_s - self.target_s;
        if error_s.is_finite() && elapsed_s > 0.0 {
            let step_s = elapsed_s.min(MAX_STEP_S);
            if self.settled {
                // Backward Euler: stable for any step.
                self.error_s += (error_s - self.error_s) * step_s / (SMOOTHING_S + step_s);
            } else {
                self.error_s = error_s;
                self.settled = true;
            }
            // The drift is not integrated further into the limit of the trim (anti-windup).
            let wanted = PROPORTIONAL * self.error_s + self.drift;
            let more = wanted.clamp(-MAX_DRIFT_TRIM, MAX_DRIFT_TRIM) - wanted;
            if more == 0.0 || more * self.error_s > 0.0 {
                let drift = self.drift + INTEGRAL * self.error_s * step_s;
                self.drift = drift.clamp(-MAX_DRIFT, MAX_DRIFT);
            }
        }
        self.trim()
    }

    /// The trim that [`update`](Self::update) returned last.
    #[must_use]
    pub fn trim(&self) -> f64 {
        (PROPORTIONAL * self.error_s + self.drift).clamp(-MAX_DRIFT_TRIM, MAX_DRIFT_TRIM)
    }

    /// By which fraction the filling clock is faster than the emptying one, as estimated so far.
    #[must_use]
    pub const fn drift(&self) -> f64 {
        self.drift
    }

    /// Forgets the measured fill, and keeps the known drift. Call this when the queue has been emptied or filled by
    /// other means.
    pub const fn reset(&mut self) {
        self.error_s = 0.0;
        self.settled = false;
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    /// A repeatable wobble in -1.0..1.0.
    fn noise(state: &mut u32) -> f64 {
        *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(*state >> 8) / f64::from(1_u32 << 23) - 1.0
    }

    struct Run {
        fills_s: Vec<f64>,
        trims: Vec<f64>,
        control: DriftControl,
    }

    /// A queue whose target is 60 ms, looked at every `step_s` with an error of up to `jitter_s`.
    fn run(drift: f64, start_s: f64, step_s: f64, jitter_s: f64, seconds: f64) -> Run {
        let mut control = DriftControl::new(0.060);
        let (mut fill_s, mut state) = (start_s, 7);
        let (mut fills_s, mut trims) = (Vec::new(), Vec::new());
        for _ in 0..(seconds / step_s) as usize {
            let trim = control.update(fill_s + jitter_s * noise(&mut state), step_s);
            fill_s += step_s * (drift - trim);
            fills_s.push(fill_s);
            trims.push(trim);
        }
        Run {
            fills_s,
            trims,
            control,
        }
    }

    #[test]
    fn a_step_of_the_drift_is_answered_without_swinging() {
        for drift in [300e-6, -300e-6, 50e-6, 0.0] {
            for step_s in [0.001, 0.01, 0.1, 0.5] {
                let Run {
                    fills_s,
                    trims,
                    control,
                } = run(drift, 0.060, step_s, 0.0, 240.0);
                let at = |s: f64| (s / step_s) as usize;
                let errors: Vec<f64> = fills_s.iter().map(|fill_s| fill_s - 0.060).collect();
                // Never more than 2 ms away, and after a minute within a quarter of a millisecond.
                assert!(
                    errors.iter().all(|error| error.abs() < 0.002),
                    "{drift} {step_s}"
                );
                assert!(errors[at(60.0)..].iter().all(|error| error.abs() < 0.00025));
                assert!(errors[at(180.0)..].iter().all(|error| error.abs() < 1e-6));
                // It comes back from one side: beyond the target by less than a tenth of the way.
                let peak = errors
                    .iter()
                    .fold(0.0_f64, |peak, error| peak.max(error.abs()));
                let beyond = errors.iter().map(|error| -error * drift.signum());
                assert!(beyond.fold(0.0, f64::max) <= 0.1 * peak, "{drift} {step_s}");
                assert!(trims.iter().all(|trim| trim.abs() < 1.5 * 300e-6));
                assert!((control.drift() - drift).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn jitter_does_not_become_wow() {
        let quiet = run(300e-6, 0.060, 0.01, 0.0, 120.0);
        let Run { fills_s, trims, .. } = run(300e-6, 0.060, 0.01, 0.005, 120.0);
        for (fill_s, without) in fills_s.iter().zip(&quiet.fills_s) {
            assert!((fill_s - without).abs() < 0.001, "{fill_s} {without}");
        }
        // 5 ms of jitter, white: less than 250 ppm of pitch, which nobody hears (5 cents are 2,900).
        for (trim, without) in trims.iter().zip(&quiet.trims).skip(1_000) {
            assert!((trim - without).abs() < 250e-6, "{trim} {without}");
        }
    }

    #[test]
    fn a_fill_that_is_far_off_is_led_back_within_the_limits() {
        for start_s in [0.0, 0.030, 0.120, 0.500] {
            let Run { fills_s, trims, .. } = run(-200e-6, start_s, 0.01, 0.001, 600.0);
            assert!(trims.iter().all(|trim| trim.abs() <= MAX_DRIFT_TRIM));
            let end_s = fills_s[fills_s.len() - 1];
            assert!((end_s - 0.060).abs() < 0.0005, "{start_s} {end_s}");
            // On the other side of the target it goes no further than a fifth of the way.
            let way = (start_s - 0.060).abs();
            let side = (start_s - 0.060_f64).signum();
            let beyond = fills_s.iter().map(|fill_s| (0.060 - fill_s) * side);
            assert!(beyond.fold(0.0, f64::max) < 0.2 * way + 0.001, "{start_s}");
        }
    }

    #[test]
    fn a_clock_that_wanders_is_followed() {
        let mut control = DriftControl::new(0.060);
        let mut fill_s: f64 = 0.060;
        for i in 0..120_000 {
            // Like a quartz that warms up: 100 ppm either way in ten minutes.
            let drift = 100e-6 * (f64::from(i) * 0.01 * core::f64::consts::TAU / 600.0).sin();
            fill_s += 0.01 * (drift - control.update(fill_s, 0.01));
            assert!((fill_s - 0.060).abs() < 0.001);
        }
    }

    #[test]
    fn news_that_is_none_changes_nothing() {
        let mut control = DriftControl::new(0.060);
        control.update(0.061, 0.1);
        let before = control.trim();
        assert!(before > 0.0);
        for (fill_s, elapsed_s) in [
            (f64::NAN, 0.1),
            (f64::INFINITY, 0.1),
            (0.5, 0.0),
            (0.5, f64::NAN),
        ] {
            assert_eq!(control.update(fill_s, elapsed_s), before);
        }
        // A sleep of an hour counts as one measurement.
        let drift = control.drift();
        control.update(0.061, 3_600.0);
        assert!(control.drift() - drift < 2e-5);
        let drift = control.drift();
        control.reset();
        assert_eq!(control.drift(), drift);
        assert_eq!(control.trim(), drift);
    }
}
