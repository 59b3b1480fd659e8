//! From any format to any other, as plain loops over the definition of a sample.

use crate::encoding::Encoding;
use crate::simd::kernels::counts;
use crate::step::convert_one;

/// `decode`, `encode`, `encode_largest`, `decode_f64`, `encode_f64` and `convert`.
macro_rules! loops {
    ($attr:meta) => {
        #[$attr]
        pub(in crate::simd) fn decode<F: Encoding>(src: &[F::Raw], dst: &mut [f32]) {
            loops::decode::<F>(src, dst);
        }

        #[$attr]
        pub(in crate::simd) fn encode<F: Encoding, const R: u8>(src: &[f32], dst: &mut [F::Raw]) {
            loops::encode::<F, R>(src, dst);
        }

        #[$attr]
        pub(in crate::simd) fn encode_largest<F: Encoding, const R: u8>(
            src: &[f32],
            dst: &mut [F::Raw],
        ) -> i32 {
            loops::encode_largest::<F, R, true>(src, dst)
        }

        #[$attr]
        pub(in crate::simd) fn decode_f64<F: Encoding>(src: &[F::Raw], dst: &mut [f64]) {
            loops::decode_f64::<F>(src, dst);
        }

        #[$attr]
        pub(in crate::simd) fn encode_f64<F: Encoding, const R: u8>(
            src: &[f64],
            dst: &mut [F::Raw],
        ) {
            loops::encode_f64::<F, R>(src, dst);
        }

        #[$attr]
        pub(in crate::simd) fn convert<A: Encoding, B: Encoding>(
            src: &[A::Raw],
            dst: &mut [B::Raw],
        ) {
            loops::convert::<A, B>(src, dst);
        }
    };
}
pub(in crate::simd) use loops;

#[inline(always)]
pub(in crate::simd) fn decode<F: Encoding>(src: &[F::Raw], dst: &mut [f32]) {
    for (to, from) in dst.iter_mut().zip(src) {
        *to = F::to_f32(*from);
    }
}

#[inline(always)]
pub(in crate::simd) fn encode<F: Encoding, const R: u8>(src: &[f32], dst: &mut [F::Raw]) {
    for (to, from) in dst.iter_mut().zip(src) {
        *to = F::from_f32::<R>(*from);
    }
}

/// Encodes, and returns the bits of the largest magnitude of `src`, or 0 unless that is `WANTED`. (Two loops: as one
/// they would not be vectorized.)
#[inline(always)]
pub(in crate::simd) fn encode_largest<F: Encoding, const R: u8, const WANTED: bool>(
    src: &[f32],
    dst: &mut [F::Raw],
) -> i32 {
    let largest = if WANTED { counts::largest(src) } else { 0 };
    encode::<F, R>(src, dst);
    largest
}

#[inline(always)]
pub(in crate::simd) fn decode_f64<F: Encoding>(src: &[F::Raw], dst: &mut [f64]) {
    for (to, from) in dst.iter_mut().zip(src) {
        *to = F::to_f64(*from);
    }
}

#[inline(always)]
pub(in crate::simd) fn encode_f64<F: Encoding, const R: u8>(src: &[f64], dst: &mut [F::Raw]) {
    for (to, from) in dst.iter_mut().zip(src) {
        *to = F::from_f64::<R>(*from);
    }
}

#[inline(always)]
pub(in crate::simd) fn convert<A: Encoding, B: Encoding>(src: &[A::Raw], dst: &mut [B::Raw]) {
    for (to, from) in dst.iter_mut().zip(src) {
        *to = convert_one::<A, B>(*from);
    }
}
