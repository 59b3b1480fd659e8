//! AVX-512 (F, BW, DQ, VL): the loops, and by hand what they do badly: 24 bits packed in 3 bytes, the
//! saturating cast to 32 bits, and the dither lanes.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86")]
use core::arch::x86::*;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::*;

use super::avx512 as hooks;
use crate::arith::scale_f32;
use crate::encoding::big_endian;

crate::backend::kernels_for!(
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    hooks
);

/// The 12 words that 16 samples of 3 bytes take.
const WORDS_48: __mmask16 = 0x0FFF;

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
fn decode24<F: Encoding>(src: &[F::Raw], dst: &mut [f32]) {
    let n = src.len().min(dst.len());
    let (Some(src), Some(dst)) = (src.get(..n), dst.get_mut(..n)) else {
        return;
    };
    let (x, x_rest) = src.as_chunks::<16>();
    let (out, out_rest) = dst.as_chunks_mut::<16>();
    let flip = _mm512_set1_epi32(if F::FORMAT.is_unsigned() { i32::MIN } else { 0 });
    let scale = _mm512_set1_ps(1.0 / scale_f32(32));
    // 12 bytes to each lane of 16, then each sample into the upper 3 bytes of a word.
    let spread = _mm512_setr_epi32(0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8, 0, 9, 10, 11, 0);
    let order = if big_endian(F::FORMAT) {
        _mm_setr_epi8(-1, 2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9)
    } else {
        _mm_setr_epi8(-1, 0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11)
    };
    let order = _mm512_broadcast_i32x4(order);
    for (to, from) in out.iter_mut().zip(x) {
        // SAFETY: `F::Raw` is an array of 3 bytes (`decode` comes here for no other), so 16 of them are the 12
        // words that the mask lets through.
        let v = unsafe { _mm512_maskz_loadu_epi32(WORDS_48, from.as_ptr().cast()) };
        let v = _mm512_shuffle_epi8(_mm512_permutexvar_epi32(spread, v), order);
        // 24 significant bits: exact.
        let y = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_xor_si512(v, flip)), scale);
        // SAFETY: writes an array of 16 floats; no alignment is asked.
        unsafe { _mm512_storeu_ps(to.as_mut_ptr(), y) };
    }
    kernels::decode24::<F>(x_rest, out_rest);
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
fn encode24<F: Encoding, const TZ: bool>(src: &[f32], dst: &mut [F::Raw]) {
    let n = src.len().min(dst.len());
    let (Some(src), Some(dst)) = (src.get(..n), dst.get_mut(..n)) else {
        return;
    };
    let (x, x_rest) = src.as_chunks::<16>();
    let (out, out_rest) = dst.as_chunks_mut::<16>();
    let (min, max) = (
        _mm512_set1_ps(-scale_f32(24)),
        _mm512_set1_ps(scale_f32(24) - 1.0),
    );
    let flip = _mm512_set1_epi32(if F::FORMAT.is_unsigned() { 1 << 23 } else { 0 });
    let order = if big_endian(F::FORMAT) {
        _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1)
    } else {
        _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1)
    };
    let order = _mm512_broadcast_i32x4(order);
    let join = _mm512_setr_epi32(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15);
    for (to, from) in out.iter_mut().zip(x) {
        // SAFETY: reads an array of 16 floats; no alignment is asked.
        let x = unsafe { _mm512_loadu_ps(from.as_ptr()) };
        // Lanes that are NaN are zeroed.
        let y = _mm512_maskz_mul_ps(
            _mm512_cmp_ps_mask::<_CMP_ORD_Q>(x, x),
            x,
            _mm512_set1_ps(scale_f32(24)),
        );
        let y = _mm512_max_ps(_mm512_min_ps(y, max), min);
        let v = if TZ {
            _mm512_cvttps_epi32(y)
        } else {
            _mm512_cvtps_epi32(y)
        };
        let v = _mm512_shuffle_epi8(_mm512_xor_si512(v, flip), order);
        let v = _mm512_permutexvar_epi32(join, v);
        // SAFETY: `F::Raw` is an array of 3 bytes (`encode` comes here for no other), so 16 of them are the 12
        // words that the mask lets through.
        unsafe { _mm512_mask_storeu_epi32(to.as_mut_ptr().cast(), WORDS_48, v) };
    }
    kernels::encode24::<F, TZ>(x_rest, out_rest);
}

/// `s32` and `u32`.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
fn encode32<F: Encoding, const TZ: bool>(src: &[f32], dst: &mut [F::Raw]) {
    let n = src.len().min(dst.len());
    let (Some(src), Some(dst)) = (src.get(..n), dst.get_mut(..n)) else {
        return;
    };
    let (x, x_rest) = src.as_chunks::<16>();
    let (out, out_rest) = dst.as_chunks_mut::<16>();
    let top = _mm512_set1_ps(scale_f32(32));
    let highest = _mm512_set1_epi32(i32::MAX);
    let flip = _mm512_set1_epi32(if F::FORMAT.is_unsigned() { i32::MIN } else { 0 });
    let reverse = _mm512_broadcast_i32x4(_mm_setr_epi8(
        3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12,
    ));
    for (to, from) in out.iter_mut().zip(x) {
        // SAFETY: reads an array of 16 floats; no alignment is asked.
        let x = unsafe { _mm512_loadu_ps(from.as_ptr()) };
        let y = _mm512_maskz_mul_ps(_mm512_cmp_ps_mask::<_CMP_ORD_Q>(x, x), x, top);
        // Out of range the conversion gives i32::MIN, which is wrong at the upper end.
        let over = _mm512_cmp_ps_mask::<_CMP_GE_OQ>(y, top);
        let v = if TZ {
            _mm512_cvttps_epi32(y)
        } else {
            _mm512_cvtps_epi32(y)
        };
        let v = _mm512_xor_si512(_mm512_mask_mov_epi32(v, over, highest), flip);
        let v = if big_endian(F::FORMAT) {
            _mm512_shuffle_epi8(v, reverse)
        } else {
            v
        };
        // SAFETY: `F::Raw` is an array of 4 bytes (`encode` comes here for no other), so 16 of them are the 64
        // bytes written; no alignment is asked.
        unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), v) };
    }
    kernels::encode32::<F, TZ>(x_rest, out_rest);
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
fn noise_groups<const TRIANGULAR: bool>(
    words: &mut [u32; LANES],
    src: &[[f32; LANES]],
    lsb: f32,
    dst: &mut [[f32; LANES]],
) {
    let (scale, lsb) = (
        _mm512_set1_ps(kernels::noise_scale(TRIANGULAR)),
        _mm512_set1_ps(lsb),
    );
    // SAFETY: reads an array of 16 words.
    let mut w = unsafe { _mm512_loadu_si512(words.as_ptr().cast()) };
    for (to, x) in dst.iter_mut().zip(src) {
        w = _mm512_xor_si512(w, _mm512_slli_epi32::<13>(w));
        w = _mm512_xor_si512(w, _mm512_srli_epi32::<17>(w));
        w = _mm512_xor_si512(w, _mm512_slli_epi32::<5>(w));
        let value = if TRIANGULAR {
            let low = _mm512_srai_epi32::<16>(_mm512_slli_epi32::<16>(w));
            _mm512_add_epi32(
                _mm512_add_epi32(_mm512_srai_epi32::<16>(w), low),
                _mm512_set1_epi32(1),
            )
        } else {
            w
        };
        let noise = _mm512_mul_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(value), scale), lsb);
        // SAFETY: reads and writes arrays of 16 floats; no alignment is asked.
        unsafe {
            _mm512_storeu_ps(
                to.as_mut_ptr(),
                _mm512_add_ps(_mm512_loadu_ps(x.as_ptr()), noise),
            )
        };
    }
    // SAFETY: writes an array of 16 words.
    unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), w) };
}
