//! Which instruction set runs the kernels.

use core::fmt;

use super::native;

/// An instruction set that the conversions are compiled for. Every one gives the same bits.
///
/// The plain functions of this crate use [`Backend::detect`]; [`Converter`](crate::Converter) and
/// [`Quantizer`](crate::Quantizer) can be told. Built with `--cfg dsp_force_scalar`, only `Scalar` exists.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Backend {
    /// The loops as the compiler makes them for the build's target; always there.
    Scalar,
    /// x86 and x86-64 with SSE2.
    Sse2,
    /// x86 and x86-64 with AVX2.
    Avx2,
    /// x86 and x86-64 with AVX-512 F, BW, DQ and VL (Skylake-X and Zen 4 onwards).
    Avx512,
    /// AArch64, little-endian.
    Neon,
    /// WebAssembly, in a module built with `simd128`.
    Simd128,
}

impl Backend {
    /// Every backend, whether this machine has it or not.
    pub const ALL: &'static [Self] = &[
        Self::Scalar,
        Self::Sse2,
        Self::Avx2,
        Self::Avx512,
        Self::Neon,
        Self::Simd128,
    ];

    /// The fastest one that this machine has. The first call asks the CPU (which can trap in a virtual
    /// machine); later ones read a cached answer. Call it before the first audio callback, or build a
    /// `Converter` or `Quantizer`, which does.
    pub fn detect() -> Self {
        Selected::detect().get()
    }

    /// Whether this machine, and this build, has it.
    pub fn is_available(self) -> bool {
        self == Self::Scalar || native::is_available(self)
    }

    /// `scalar`, `sse2`, `avx2`, `avx512`, `neon` or `simd128`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Sse2 => "sse2",
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

/// A backend that was found to be available. Only this module makes one, so holding it is the proof that
/// `dispatch` may run code for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Selected(Backend);

impl Selected {
    pub(crate) fn new(backend: Backend) -> Option<Self> {
        backend.is_available().then_some(Self(backend))
    }

    /// The fastest one; cheap after the first call.
    #[inline]
    pub(crate) fn detect() -> Self {
        Self(native::best())
    }

    #[inline]
    pub(crate) fn get(self) -> Backend {
        self.0
    }
}
