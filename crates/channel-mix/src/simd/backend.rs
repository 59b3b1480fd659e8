//! Which instruction set runs the kernels.

use core::fmt;

/// The instruction set that a mixer's kernels are compiled for. All give the same bits.
///
/// `--cfg dsp_force_scalar` makes [`Scalar`](Self::Scalar) the only one that is available.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// The definition: plain Rust, compiled for the target as it is.
    Scalar,
    /// x86 with AVX2.
    Avx2,
    /// x86 with AVX-512 F, BW, DQ and VL.
    Avx512,
    /// 64-bit Arm.
    Neon,
    /// WebAssembly built with `simd128`.
    Simd128,
}

impl Backend {
    /// All of them, the plain one first.
    pub const ALL: [Self; 5] = [
        Self::Scalar,
        Self::Avx2,
        Self::Avx512,
        Self::Neon,
        Self::Simd128,
    ];

    /// `scalar`, `avx2`, `avx512`, `neon` or `simd128`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Neon => "neon",
            Self::Simd128 => "simd128",
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
