//! The filters: how long, which window, where the band ends, and the coefficients themselves.

use crate::ratio::Ratio;

/// How good, and so how long, a [`Sinc`](crate::Sinc) is.
///
/// The gates that the tests hold, in f64, over 24, 44.1, 22.05 and 47.999 -> 48, 48 -> 44.1, 16 -> 44.1, 48 -> 8 kHz:
///
/// | | tones up to 0.9 of the lower Nyquist | gain at 0.9, up / down | alias of 23 kHz, 48 -> 44.1 |
/// |---|---|---|---|
/// | `Balanced` | 100 dB | 0.05 / 0.5 dB | -75 dB |
/// | `High` | 140 dB | 0.01 / 0.1 dB | -130 dB |
///
/// # Where the band ends
///
/// In parts of the lower Nyquist frequency:
///
/// | | flat up to | -6 dB at | stop band from | its level |
/// |---|---|---|---|---|
/// | upsampling, and 2:1 unless adjustable | 0.9 | 1.0 | 1.1 | -100 dB, `High` -140 dB |
/// | all other downsampling | 0.9 (gain at 0.9: above) | 0.952 | 1.043 | -75 dB, `High` -130 dB |
///
/// The first is a half-band: its transition lies about the Nyquist frequency itself. This halves the sums and keeps the
/// band flat, and a tone within 10 % of that frequency is folded, not removed. At 96 -> 48 kHz, `Balanced` / `High`, a
/// tone at 1.02 of 24 kHz comes out at -12 / -13 dB, at 1.043 at -24 / -27, at 1.08 at -61 / -71, and from 1.1 on at -105 /
/// -142. Images when upsampling mirror this: those of tones up to 0.9 are at -105 / -143, of one at 0.98 at -12 / -13.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Quality {
    /// Beyond what 16 bits can carry. The look-ahead is 36 input frames when upsampling (1.5 ms at 24 kHz), and 40 where
    /// taps are cubics of the position: if adjustable, or if the ratio's own table would exceed 384 KiB.
    #[default]
    Balanced,
    /// As far as `f32` samples reach. The look-ahead is 48 input frames when upsampling (2.0 ms at 24 kHz), and 54
    /// where taps are cubics of the position.
    High,
}

/// The numbers behind a [`Quality`].
struct Numbers {
    up_taps: usize,
    up_beta: f64,
    /// Taps at 48 -> 44.1 kHz, the ratio at which lengths were tuned; other ratios scale it.
    down_taps: u64,
    down_beta: f64,
    /// Cubics per input frame, where taps are cubics of the position.
    phases: u32,
    /// The filter at twice the input's rate that finds values between those of the half-band. Its transition may be as
    /// wide as the half-band's pass band, so it is short.
    fine_taps: usize,
    fine_beta: f64,
    fine_phases: u32,
}

impl Quality {
    const fn numbers(self) -> Numbers {
        match self {
            Self::Balanced => Numbers {
                up_taps: 72,
                up_beta: 10.7,
                down_taps: 72,
                down_beta: 10.0,
                phases: 12,
                fine_taps: 16,
                fine_beta: 12.0,
                fine_phases: 16,
            },
            Self::High => Numbers {
                up_taps: 96,
                up_beta: 15.0,
                down_taps: 112,
                down_beta: 14.0,
                phases: 32,
                fine_taps: 24,
                fine_beta: 16.0,
                fine_phases: 16,
            },
        }
    }
}

/// Downsampling ends its pass band here, as a part of the output's Nyquist frequency, so that the stop band begins
/// soon enough after it: 21,000 Hz for a 44.1 kHz output.
const DOWN_CUTOFF: f64 = 21_000.0 / 22_050.0;

/// Smaller coefficients count as 0: they are rounding noise of `sin(n * pi)`, and would only make denormal products.
const TINY: f64 = 1e-13;

/// Values of a row that are kept until their sum is known; those beyond are found again. (2.5 KiB on the stack: all of
/// a row up to 44.1 -> 16 kHz.)
const KEPT: usize = 320;

/// One low-pass prototype: a Kaiser-windowed sinc (J. F. Kaiser, "Nonrecursive digital filter design using the
/// I0-sinh window function", 1974), as a continuous function of time in input frames.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Prototype {
    /// Taps under the window, even: it is this many input frames wide.
    pub(crate) taps: usize,
    /// Cubics per frame, where taps are cubics of the position.
    pub(crate) phases: u32,
    cutoff: f64,
    beta: f64,
}

impl Prototype {
    /// The filter for a ratio.
    pub(crate) const fn new(ratio: Ratio, quality: Quality) -> Self {
        let (from, to) = (ratio.from.get(), ratio.to.get());
        if from <= to {
            return Self::half_band(quality);
        }
        let n = quality.numbers();
        let half = (n.down_taps * 147 * from as u64).div_ceil(320 * to as u64);
        let phases = (n.phases as u64 * to as u64).div_ceil(from as u64) as u32;
        Self {
            taps: 2 * half as usize,
            // The response is narrower by the ratio, so its impulse is wider and needs fewer cubics per frame.
            phases: if phases > 2 { phases } else { 2 },
            cutoff: DOWN_CUTOFF * to as f64 / from as f64,
            beta: n.down_beta,
        }
    }

    /// The filter whose band ends exactly at the lower Nyquist frequency: for upsampling, and for exact 2x and 1/2.
    pub(crate) const fn half_band(quality: Quality) -> Self {
        let n = quality.numbers();
        Self {
            taps: n.up_taps,
            phases: n.phases,
            cutoff: 1.0,
            beta: n.up_beta,
        }
    }

    /// The filter that finds values between those of a signal at twice its rate. Its frames are that signal's.
    pub(crate) const fn fine(quality: Quality) -> Self {
        let n = quality.numbers();
        Self {
            taps: n.fine_taps,
            phases: n.fine_phases,
            cutoff: 1.0,
            beta: n.fine_beta,
        }
    }

    /// The impulse response `t` input frames from its centre, to a common factor.
    fn at(&self, t: f64) -> f64 {
        let u = t / (self.taps as f64 / 2.0);
        let inside = 1.0 - u * u;
        if inside < 0.0 {
            return 0.0;
        }
        let angle = core::f64::consts::PI * self.cutoff * t;
        let sinc = if angle == 0.0 {
            1.0
        } else {
            libm::sin(angle) / angle
        };
        sinc * bessel_i0(self.beta * libm::sqrt(inside))
    }

    /// Gives the taps of the output that stands `numerator / denominator` of a frame behind the window's centre tap
    /// (`taps / 2 - 1`) to `put(tap, coefficient)`; they add up to `sum`, so that the gain at DC is exact in every
    /// phase.
    pub(crate) fn row(
        &self,
        numerator: f64,
        denominator: f64,
        sum: f64,
        mut put: impl FnMut(usize, f32),
    ) {
        let mut kept = [0.0; KEPT];
        let row = Row::new(self, numerator / denominator, sum, &mut kept);
        for k in 0..self.taps {
            let value = kept.get(k).copied().unwrap_or_else(|| row.at(k));
            put(k, row.scaled(value) as f32);
        }
    }

    /// Gives each tap as a cubic of the way `t`, 0.0..=1.0, from `numerator / denominator` of a frame to
    /// `(numerator + 1) / denominator`, to `put(tap, [c0, c1, c2, c3])`. It goes through the taps of [`Self::row`] at 0,
    /// 1/3, 2/3 and 1, so their sum is 1 everywhere.
    pub(crate) fn cubics(
        &self,
        numerator: u32,
        denominator: u32,
        mut put: impl FnMut(usize, [f32; 4]),
    ) {
        let at = |third: f64| (f64::from(numerator) + third / 3.0) / f64::from(denominator);
        let rows = [0.0, 1.0, 2.0, 3.0].map(|third| Row::new(self, at(third), 1.0, &mut []));
        for k in 0..self.taps {
            // Newton's differences, for steps of 1/3.
            let [v0, v1, v2, v3] = rows.each_ref().map(|row| row.scaled(row.at(k)));
            let (first, second, third) =
                (v1 - v0, v2 - 2.0 * v1 + v0, v3 - 3.0 * v2 + 3.0 * v1 - v0);
            let cubic = [
                v0,
                3.0 * first - 1.5 * second + third,
                4.5 * (second - third),
                4.5 * third,
            ];
            put(k, cubic.map(|c| ordinary(c) as f32));
        }
    }
}

/// The taps of one position.
struct Row<'a> {
    prototype: &'a Prototype,
    /// Of a frame, behind the window's centre tap.
    behind: f64,
    sum: f64,
    total: f64,
}

impl<'a> Row<'a> {
    /// The first values are put into `kept`.
    fn new(prototype: &'a Prototype, behind: f64, sum: f64, kept: &mut [f64]) -> Self {
        let mut row = Self {
            prototype,
            behind,
            sum,
            total: 0.0,
        };
        let values = (0..prototype.taps).map(|k| {
            let value = row.at(k);
            if let Some(slot) = kept.get_mut(k) {
                *slot = value;
            }
            value
        });
        row.total = values.sum();
        row
    }

    /// The value of a tap, to a factor.
    fn at(&self, k: usize) -> f64 {
        let centre = (self.prototype.taps / 2) as f64 - 1.0;
        self.prototype.at((k as f64 - centre) - self.behind)
    }

    /// The tap with this value.
    fn scaled(&self, value: f64) -> f64 {
        ordinary(value * self.sum / self.total)
    }
}

/// 0 for what is [`TINY`].
fn ordinary(c: f64) -> f64 {
    if c.abs() < TINY { 0.0 } else { c }
}

/// The modified Bessel function of the first kind, order 0, by its power series (Abramowitz and Stegun 9.6.12); for
/// arguments up to 15 it ends within 50 terms.
fn bessel_i0(x: f64) -> f64 {
    let q = x * x / 4.0;
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..80_u32 {
        let k = f64::from(k);
        term *= q / (k * k);
        sum += term;
        if term < sum * 1e-18 {
            break;
        }
    }
    sum
}
