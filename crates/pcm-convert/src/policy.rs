//! How a float becomes an integer: rounding, dither, noise shaping; and the names of the choices.

use core::fmt;
use core::str::FromStr;

/// What happens to the fraction of an LSB.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Rounding {
    /// To the nearest integer, ties to the even one: half the error of truncation, and no dead zone at zero.
    #[default]
    NearestEven,
    /// The fraction is cut off, as a C or numpy cast does.
    TowardZero,
    /// To the nearest integer, ties to the one farther from zero, as `f32::round` and C's `lround` do:
    /// 0.5 -> 1, -2.5 -> -3.
    HalfAwayFromZero,
}

/// [`Rounding::NearestEven`], for a const parameter.
pub(crate) const NEAREST: u8 = Rounding::NearestEven as u8;
/// [`Rounding::TowardZero`], for a const parameter.
pub(crate) const TOWARD_ZERO: u8 = Rounding::TowardZero as u8;
/// [`Rounding::HalfAwayFromZero`], for a const parameter.
pub(crate) const HALF_AWAY: u8 = Rounding::HalfAwayFromZero as u8;

/// Runs `$body` with `$R` standing for `$rounding` as a const parameter.
macro_rules! with_rounding {
    ($rounding:expr, $R:ident => $body:expr) => {
        match $rounding {
            $crate::policy::Rounding::NearestEven => {
                const $R: u8 = $crate::policy::NEAREST;
                $body
            }
            $crate::policy::Rounding::TowardZero => {
                const $R: u8 = $crate::policy::TOWARD_ZERO;
                $body
            }
            $crate::policy::Rounding::HalfAwayFromZero => {
                const $R: u8 = $crate::policy::HALF_AWAY;
                $body
            }
        }
    };
}
pub(crate) use with_rounding;

impl Rounding {
    /// Every choice.
    pub const ALL: &'static [Self] = &[Self::NearestEven, Self::TowardZero, Self::HalfAwayFromZero];

    /// `nearest`, `toward-zero` or `half-away`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NearestEven => "nearest",
            Self::TowardZero => "toward-zero",
            Self::HalfAwayFromZero => "half-away",
        }
    }
}

/// Noise added before rounding, so that the error does not depend on the signal. Meant for
/// a [`Rounding`] to nearest; applied to integer formats of at most 24 bits (wider ones are finer than the
/// `f32` they come from) and never to floats. mu-law and A-law are dithered on the 16-bit grid.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Dither {
    /// No noise.
    #[default]
    None,
    /// Uniform, 1 LSB wide (RPDF): the mean of the error is zero whatever the signal; its power still moves
    /// with it.
    Rectangular,
    /// Triangular, 2 LSB wide (TPDF): mean and power of the total error are constant, LSB^2/4.
    Triangular,
    /// Triangular, the difference of successive uniform values of the same channel: as `Triangular`, with
    /// the noise rising by 6 dB per octave (Wannamaker, Lipshitz and Vanderkooy, "Dithering to eliminate
    /// quantization distortion", Canadian Acoustics 1989).
    TriangularHighPass,
    /// Triangular, with the whole error fed back through a filter that moves it to where the ear is deaf.
    Shaped(NoiseShaper),
}

/// A published error feedback filter. All were designed for 44.1 kHz and serve at 48 kHz; at other rates
/// their curve is stretched in proportion, which moves it off the ear's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum NoiseShaper {
    /// 5 taps, for the improved E-weighting. Lipshitz, Vanderkooy and Wannamaker, "Minimally Audible Noise
    /// Shaping", J. Audio Eng. Soc. 39(11), 1991.
    Lipshitz,
    /// 9 taps, for the modified E-weighting: the gentlest. The same paper.
    ModifiedE,
    /// 9 taps, for the improved E-weighting: the steepest. The same paper.
    ImprovedE,
    /// 3 taps, for the F-weighting. Wannamaker, "Psychoacoustically Optimal Noise Shaping", J. Audio Eng.
    /// Soc. 40(7/8), 1992.
    FWeighted3,
    /// 9 taps, for the F-weighting. The same paper.
    FWeighted,
}

impl NoiseShaper {
    /// Every filter.
    pub const ALL: &'static [Self] = &[
        Self::Lipshitz,
        Self::ModifiedE,
        Self::ImprovedE,
        Self::FWeighted3,
        Self::FWeighted,
    ];

    /// `h[1..]` of the noise transfer function 1 - sum(h\[k\] z^-k); the first tap is for the latest error.
    pub const fn taps(self) -> &'static [f32] {
        match self {
            Self::Lipshitz => &[2.033, -2.165, 1.959, -1.590, 0.6149],
            Self::ModifiedE => &[
                1.662, -1.263, 0.4827, -0.2913, 0.1268, -0.1124, 0.03252, -0.01265, -0.03524,
            ],
            Self::ImprovedE => &[
                2.847, -4.685, 6.214, -7.184, 6.639, -5.032, 3.263, -1.632, 0.4191,
            ],
            Self::FWeighted3 => &[1.623, -0.982, 0.109],
            Self::FWeighted => &[
                2.412, -3.370, 3.937, -4.174, 3.353, -2.205, 1.281, -0.569, 0.0847,
            ],
        }
    }

    /// `lipshitz`, `modified-e-weighted`, `improved-e-weighted`, `f-weighted-3` or `f-weighted`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lipshitz => "lipshitz",
            Self::ModifiedE => "modified-e-weighted",
            Self::ImprovedE => "improved-e-weighted",
            Self::FWeighted3 => "f-weighted-3",
            Self::FWeighted => "f-weighted",
        }
    }
}

impl Dither {
    /// Every choice.
    pub const ALL: &'static [Self] = &[
        Self::None,
        Self::Rectangular,
        Self::Triangular,
        Self::TriangularHighPass,
        Self::Shaped(NoiseShaper::Lipshitz),
        Self::Shaped(NoiseShaper::ModifiedE),
        Self::Shaped(NoiseShaper::ImprovedE),
        Self::Shaped(NoiseShaper::FWeighted3),
        Self::Shaped(NoiseShaper::FWeighted),
    ];

    /// `none`, `rectangular`, `tpdf`, `tpdf-hp`, or the name of the noise shaper.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Rectangular => "rectangular",
            Self::Triangular => "tpdf",
            Self::TriangularHighPass => "tpdf-hp",
            Self::Shaped(shaper) => shaper.name(),
        }
    }
}

macro_rules! named {
    ($($type:ident, $error:ident, $what:literal, $all:expr;)*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        #[doc = concat!("A name that is no ", $what, ".")]
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[non_exhaustive]
        pub struct $error;

        impl fmt::Display for $error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!("unknown ", $what, "; expected one of"))?;
                for known in $all {
                    write!(f, " {known}")?;
                }
                Ok(())
            }
        }

        impl core::error::Error for $error {}

        impl FromStr for $type {
            type Err = $error;

            /// The names that `Display` writes.
            fn from_str(name: &str) -> Result<Self, $error> {
                let known: &[Self] = $all;
                known.iter().copied().find(|k| k.name() == name).ok_or($error)
            }
        }
    )*};
}

named! {
    Rounding, UnknownRounding, "rounding", Rounding::ALL;
    Dither, UnknownDither, "dither", Dither::ALL;
    NoiseShaper, UnknownNoiseShaper, "noise shaper", NoiseShaper::ALL;
}
