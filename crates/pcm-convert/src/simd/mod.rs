//! Instruction sets, and the choice between them.

pub(crate) mod kernels;
#[cfg(all(
    target_arch = "aarch64",
    target_feature = "neon",
    not(dsp_force_scalar)
))]
#[path = "aarch64.rs"]
mod neon;
mod plain;
#[cfg(all(
    target_arch = "wasm32",
    target_feature = "simd128",
    not(dsp_force_scalar)
))]
#[path = "wasm32.rs"]
mod simd128;
#[cfg(all(
    any(target_arch = "x86", target_arch = "x86_64"),
    not(dsp_force_scalar)
))]
mod x86;

mod dispatch;
#[cfg(test)]
mod tests;
pub(crate) use dispatch::{
    add_noise, clean, convert, count, decode, decode_f64, encode, encode_f64, largest, noise,
    put_channel, put_stereo, take_channel, take_stereo,
};

use core::fmt;

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
    /// AArch64.
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
        match self {
            Self::Scalar => true,
            #[cfg(all(
                any(target_arch = "x86", target_arch = "x86_64"),
                not(dsp_force_scalar)
            ))]
            Self::Sse2 | Self::Avx2 | Self::Avx512 => x86::is_available(self),
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
        #[cfg(all(
            any(target_arch = "x86", target_arch = "x86_64"),
            not(dsp_force_scalar)
        ))]
        let best = x86::best();
        #[cfg(all(
            target_arch = "aarch64",
            target_feature = "neon",
            not(dsp_force_scalar)
        ))]
        let best = Backend::Neon;
        #[cfg(all(
            target_arch = "wasm32",
            target_feature = "simd128",
            not(dsp_force_scalar)
        ))]
        let best = Backend::Simd128;
        #[cfg(any(
            dsp_force_scalar,
            not(any(
                target_arch = "x86",
                target_arch = "x86_64",
                all(target_arch = "aarch64", target_feature = "neon"),
                all(target_arch = "wasm32", target_feature = "simd128"),
            ))
        ))]
        let best = Backend::Scalar;
        Self(best)
    }

    #[inline]
    pub(crate) fn get(self) -> Backend {
        self.0
    }
}

/// The whole list of kernels, compiled for a backend. `$hooks` holds what a backend may do by hand instead:
/// see `kernels`.
macro_rules! kernels_for {
    ($(#[$attr:meta])* $hooks:ident) => {
        use crate::encoding::{Encoding, Float, Raw, S24In32HighLe as S24High};
        use crate::noise::{self, LANES};
        use crate::simd::kernels::{self, PIECE};
        use crate::step::Step;

        $(#[$attr])*
        pub(in crate::simd) fn decode<F: Encoding>(src: &[F::Raw], dst: &mut [f32]) {
            if F::Raw::BYTES == 3 {
                $hooks::decode24::<F>(src, dst);
            } else {
                kernels::decode::<F>(src, dst);
            }
        }

        $(#[$attr])*
        pub(in crate::simd) fn encode<F: Encoding, const TZ: bool>(src: &[f32], dst: &mut [F::Raw]) {
            if F::Raw::BYTES == 3 {
                $hooks::encode24::<F, TZ>(src, dst);
            } else if F::BITS == 32 {
                $hooks::encode32::<F, TZ>(src, dst);
            } else if F::BITS == 8 * F::Raw::BYTES as u32 && F::BITS <= 16 {
                $hooks::encode16::<F, TZ>(src, dst);
            } else {
                kernels::encode::<F, TZ>(src, dst);
            }
        }

        $(#[$attr])*
        pub(in crate::simd) fn decode_f64<F: Encoding>(src: &[F::Raw], dst: &mut [f64]) {
            if F::Raw::BYTES != 3 || !$hooks::BY_WORDS {
                return kernels::decode_f64::<F>(src, dst);
            }
            let mut block = [[0; 4]; PIECE];
            for (from, to) in src.chunks(PIECE).zip(dst.chunks_mut(PIECE)) {
                let words = block.get_mut(..from.len()).unwrap_or_default();
                $hooks::unpack24::<F>(from, words);
                kernels::decode_f64::<S24High>(words, to);
            }
        }

        $(#[$attr])*
        pub(in crate::simd) fn encode_f64<F: Encoding, const TZ: bool>(src: &[f64], dst: &mut [F::Raw]) {
            if F::Raw::BYTES != 3 || !$hooks::BY_WORDS {
                return kernels::encode_f64::<F, TZ>(src, dst);
            }
            let mut block = [[0; 4]; PIECE];
            for (from, to) in src.chunks(PIECE).zip(dst.chunks_mut(PIECE)) {
                let words = block.get_mut(..from.len()).unwrap_or_default();
                kernels::encode_f64::<S24High, TZ>(from, words);
                $hooks::pack24::<F>(words, to);
            }
        }

        $(#[$attr])*
        pub(in crate::simd) fn convert<A: Encoding, B: Encoding>(src: &[A::Raw], dst: &mut [B::Raw]) {
            let packed = A::Raw::BYTES == 3 || B::Raw::BYTES == 3;
            if packed && $hooks::BY_WORDS {
                // `s24_32hle` holds the same values, and is what the other formats meet fast: to 3 bytes or from
                // them it is only another order of bytes.
                let mut block = [[0; 4]; PIECE];
                for (from, to) in src.chunks(PIECE).zip(dst.chunks_mut(PIECE)) {
                    let words = block.get_mut(..from.len()).unwrap_or_default();
                    if A::Raw::BYTES == 3 {
                        $hooks::unpack24::<A>(from, words);
                    } else {
                        kernels::convert::<A, S24High>(from, words);
                    }
                    if B::Raw::BYTES == 3 {
                        $hooks::pack24::<B>(words, to);
                    } else {
                        kernels::convert::<S24High, B>(words, to);
                    }
                }
            } else {
                kernels::convert::<A, B>(src, dst);
            }
        }

        $(#[$attr])*
        pub(in crate::simd) fn take_channel<S: Step>(
            src: &[S::From],
            channels: core::num::NonZeroUsize,
            channel: usize,
            plane: &mut [S::To],
        ) {
            kernels::take_channel::<S>(src, channels, channel, plane);
        }

        $(#[$attr])*
        pub(in crate::simd) fn put_channel<S: Step>(
            plane: &[S::From],
            channels: core::num::NonZeroUsize,
            channel: usize,
            dst: &mut [S::To],
        ) {
            kernels::put_channel::<S>(plane, channels, channel, dst);
        }

        $(#[$attr])*
        pub(in crate::simd) fn take_stereo<S: Step>(src: &[S::From], left: &mut [S::To], right: &mut [S::To]) {
            kernels::take_stereo::<S>(src, left, right);
        }

        $(#[$attr])*
        pub(in crate::simd) fn put_stereo<S: Step>(left: &[S::From], right: &[S::From], dst: &mut [S::To]) {
            kernels::put_stereo::<S>(left, right, dst);
        }

        $(#[$attr])*
        pub(in crate::simd) fn count(src: &[f32], above: f32) -> (u32, u32) {
            kernels::count(src, above)
        }

        $(#[$attr])*
        pub(in crate::simd) fn largest(src: &[f32]) -> i32 {
            kernels::largest(src)
        }

        $(#[$attr])*
        pub(in crate::simd) fn clean<F: Float>(samples: &mut [F::Raw]) -> u32 {
            kernels::clean::<F>(samples)
        }

        $(#[$attr])*
        pub(in crate::simd) fn noise(
            words: &mut [u32; LANES],
            src: &[[f32; LANES]],
            lsb: f32,
            dst: &mut [[f32; LANES]],
            triangular: bool,
        ) {
            // Two loops, so that neither decides inside.
            if triangular {
                $hooks::noise_groups::<true>(words, src, lsb, dst);
            } else {
                $hooks::noise_groups::<false>(words, src, lsb, dst);
            }
        }

        $(#[$attr])*
        pub(in crate::simd) fn add_noise(src: &[f32], noise: &[f32], lsb: f32, dst: &mut [f32], round: bool) {
            if round {
                noise::add_and_round(src, noise, lsb, dst);
            } else {
                noise::add(src, noise, lsb, dst);
            }
        }
    };
}
use kernels_for;
