//! SSE2: the loops, and by hand what they do badly: the saturating cast to 32 bits and the dither lanes.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86")]
use core::arch::x86::*;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::*;

use super::sse2 as hooks;
use crate::arith::scale_f32;
use crate::encoding::big_endian;

crate::backend::kernels_for!(
    #[target_feature(enable = "sse2")]
    hooks
);

#[target_feature(enable = "sse2")]
fn decode24<F: Encoding>(src: &[F::Raw], dst: &mut [f32]) {
    kernels::decode24::<F>(src, dst);
}

#[target_feature(enable = "sse2")]
fn encode24<F: Encoding, const TZ: bool>(src: &[f32], dst: &mut [F::Raw]) {
    kernels::encode24::<F, TZ>(src, dst);
}

/// `s32` and `u32`.
#[target_feature(enable = "sse2")]
fn encode32<F: Encoding, const TZ: bool>(src: &[f32], dst: &mut [F::Raw]) {
    if big_endian(F::FORMAT) {
        // Reversing bytes takes a shuffle that SSE2 has not.
        return kernels::encode32::<F, TZ>(src, dst);
    }
    let n = src.len().min(dst.len());
    let (Some(src), Some(dst)) = (src.get(..n), dst.get_mut(..n)) else {
        return;
    };
    let (x, x_rest) = src.as_chunks::<4>();
    let (out, out_rest) = dst.as_chunks_mut::<4>();
    let flip = _mm_castps_si128(_mm_set1_ps(-0.0));
    for (to, from) in out.iter_mut().zip(x) {
        // SAFETY: reads the 4 floats of an array of 4; no alignment is asked.
        let x = unsafe { _mm_loadu_ps(from.as_ptr()) };
        let y = _mm_mul_ps(
            _mm_and_ps(x, _mm_cmpord_ps(x, x)),
            _mm_set1_ps(scale_f32(32)),
        );
        // Out of range the conversion gives i32::MIN; at the upper end its complement is wanted.
        let over = _mm_castps_si128(_mm_cmpge_ps(y, _mm_set1_ps(scale_f32(32))));
        let v = _mm_xor_si128(
            if TZ {
                _mm_cvttps_epi32(y)
            } else {
                _mm_cvtps_epi32(y)
            },
            over,
        );
        let v = if F::FORMAT.is_unsigned() {
            _mm_xor_si128(v, flip)
        } else {
            v
        };
        // SAFETY: writes the 16 bytes of an array of 4 samples of 4 bytes (`F::Raw`, checked by the
        // caller of this function: `encode` selects it by size); no alignment is asked.
        unsafe { _mm_storeu_si128(to.as_mut_ptr().cast(), v) };
    }
    kernels::encode32::<F, TZ>(x_rest, out_rest);
}

#[target_feature(enable = "sse2")]
fn noise_groups<const TRIANGULAR: bool>(
    words: &mut [u32; LANES],
    src: &[[f32; LANES]],
    lsb: f32,
    dst: &mut [[f32; LANES]],
) {
    let (scale, lsb) = (
        _mm_set1_ps(kernels::noise_scale(TRIANGULAR)),
        _mm_set1_ps(lsb),
    );
    let (quarters, _) = words.as_chunks_mut::<4>();
    for (q, word) in quarters.iter_mut().enumerate() {
        // SAFETY: reads an array of 4 words.
        let mut w = unsafe { _mm_loadu_si128(word.as_ptr().cast()) };
        for (group, from) in dst.iter_mut().zip(src) {
            w = _mm_xor_si128(w, _mm_slli_epi32::<13>(w));
            w = _mm_xor_si128(w, _mm_srli_epi32::<17>(w));
            w = _mm_xor_si128(w, _mm_slli_epi32::<5>(w));
            let value = if TRIANGULAR {
                let low = _mm_srai_epi32::<16>(_mm_slli_epi32::<16>(w));
                _mm_add_epi32(
                    _mm_add_epi32(_mm_srai_epi32::<16>(w), low),
                    _mm_set1_epi32(1),
                )
            } else {
                w
            };
            let noise = _mm_mul_ps(_mm_mul_ps(_mm_cvtepi32_ps(value), scale), lsb);
            let quarter = (
                group.as_chunks_mut::<4>().0.get_mut(q),
                from.as_chunks::<4>().0.get(q),
            );
            if let (Some(to), Some(x)) = quarter {
                // SAFETY: reads and writes arrays of 4 floats; no alignment is asked.
                unsafe {
                    _mm_storeu_ps(to.as_mut_ptr(), _mm_add_ps(_mm_loadu_ps(x.as_ptr()), noise))
                };
            }
        }
        // SAFETY: writes an array of 4 words.
        unsafe { _mm_storeu_si128(word.as_mut_ptr().cast(), w) };
    }
}
