//! Which instruction set runs the kernels.

/// An instruction set. Those that are [fused](Self::is_fused) give the same bits as each other; the rest multiply and
/// add apart, are within 1e-6 of them, and give the same bits as each other too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// What the target has in any case.
    Scalar,
    /// x86 with AVX2 and FMA.
    Avx2,
    /// x86 with AVX-512F.
    Avx512,
    /// 64-bit Arm.
    Neon,
    /// WebAssembly built with `simd128`.
    Simd128,
}

#[cfg(all(
    any(target_arch = "x86", target_arch = "x86_64"),
    not(dsp_force_scalar)
))]
cpufeatures::new!(cpu_avx2, "avx2", "fma");
#[cfg(all(
    any(target_arch = "x86", target_arch = "x86_64"),
    not(dsp_force_scalar)
))]
cpufeatures::new!(cpu_avx512, "avx512f", "avx2", "fma");

impl Backend {
    /// Every one there is, the plainest first.
    pub const ALL: [Self; 5] = [
        Self::Scalar,
        Self::Avx2,
        Self::Avx512,
        Self::Neon,
        Self::Simd128,
    ];

    /// The fastest that this machine has. The first call asks the CPU, so make it outside of the audio thread;
    /// constructors do.
    #[must_use]
    pub fn detect() -> Self {
        let mut best = Self::Scalar;
        for backend in Self::ALL {
            if backend.is_available() {
                best = backend;
            }
        }
        best
    }

    /// Whether this machine, and this build, can run it.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Self::Scalar => true,
            #[cfg(all(
                any(target_arch = "x86", target_arch = "x86_64"),
                not(dsp_force_scalar)
            ))]
            Self::Avx2 => cpu_avx2::get(),
            #[cfg(all(
                any(target_arch = "x86", target_arch = "x86_64"),
                not(dsp_force_scalar)
            ))]
            Self::Avx512 => cpu_avx512::get(),
            #[cfg(all(
                target_arch = "aarch64",
                target_feature = "neon",
                not(dsp_force_scalar)
            ))]
            Self::Neon => true,
            #[cfg(all(
                target_arch = "wasm32",
                target_feature = "simd128",
                not(dsp_force_scalar)
            ))]
            Self::Simd128 => true,
            _ => false,
        }
    }

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
