//! Which instruction set runs the kernels.

/// An instruction set. Those that are [fused](Self::is_fused) give the same bits as each other. The others multiply
/// and add apart: they are within 1e-6 of the fused ones, and give the same bits as each other too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// What the target has in any case.
    Scalar,
    /// x86 with AVX2 and FMA.
    Avx2,
    /// x86 with AVX-512 F and VL.
    Avx512,
    /// 64-bit Arm.
    Neon,
    /// WebAssembly built with `simd128`.
    Simd128,
}

impl Backend {
    /// Every one there is, the plainest first.
    pub const ALL: [Self; 5] = [
        Self::Scalar,
        Self::Avx2,
        Self::Avx512,
        Self::Neon,
        Self::Simd128,
    ];

    /// A short name for reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Neon => "neon",
            Self::Simd128 => "simd128",
        }
    }

    /// Whether it rounds a multiply-add once.
    #[must_use]
    pub const fn is_fused(self) -> bool {
        matches!(self, Self::Avx2 | Self::Avx512 | Self::Neon)
    }
}
