use core::fmt;

pub(crate) mod kernels;
pub(crate) mod plain;

#[cfg(all(
    any(target_arch = "x86", target_arch = "x86_64"),
    not(dsp_force_scalar)
))]
#[path = "x86.rs"]
pub(crate) mod native;
#[cfg(not(all(
    any(target_arch = "x86", target_arch = "x86_64"),
    not(dsp_force_scalar)
)))]
#[path = "portable.rs"]
pub(crate) mod native;

/// The instruction set that a mixer's kernels are compiled for. All give the same bits.
///
/// On aarch64 and wasm32 the plain loops already are vector code (NEON is part of the target, simd128
/// of the build), so that [`Scalar`](Self::Scalar) is all there is. `--cfg dsp_force_scalar` makes it
/// so on x86 as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// The definition: plain Rust, compiled for the target as it is.
    Scalar,
    /// x86 with AVX2.
    Avx2,
    /// x86 with AVX-512 F, BW, DQ and VL.
    Avx512,
}

impl Backend {
    /// All of them, the plain one first.
    pub const ALL: [Self; 3] = [Self::Scalar, Self::Avx2, Self::Avx512];

    /// The widest that this processor has. Asked when a mixer is made, never while it mixes.
    pub fn detect() -> Self {
        let mut best = Self::Scalar;
        for backend in Self::ALL {
            if backend.is_available() {
                best = backend;
            }
        }
        best
    }

    /// Whether this processor has it and the build does not forbid it.
    pub fn is_available(self) -> bool {
        match self {
            Self::Scalar => true,
            Self::Avx2 => native::has_avx2(),
            Self::Avx512 => native::has_avx512(),
        }
    }

    /// `scalar`, `avx2` or `avx512`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
