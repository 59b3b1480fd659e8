//! AVX2: the loops, and by hand what they do badly: 24 bits packed in 3 bytes, the saturating cast to 32
//! bits, and the dither lanes.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86")]
use core::arch::x86::*;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::*;

use super::avx2 as hooks;
use crate::arith::scale_f32;
use crate::encoding::big_endian;

crate::backend::kernels_for!(
    #[target_feature(enable = "avx2")]
    hooks
);

/// 8 samples from 24 bytes, to full scale 2^31.
#[target_feature(enable = "avx2")]
#[inline]
fn load24<const BE: bool>(bytes: &[u8; 24]) -> __m256i {
    // SAFETY: bytes 0..16 and 8..24 of an array of 24.
    let (low, high) = unsafe {
        (
            _mm_loadu_si128(bytes.as_ptr().cast()),
            _mm_loadu_si128(bytes.as_ptr().add(8).cast()),
        )
    };
    // The upper lane's 12 bytes begin 4 bytes into it.
    let order = if BE {
        _mm256_setr_epi8(
            -1, 2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9, //
            -1, 6, 5, 4, -1, 9, 8, 7, -1, 12, 11, 10, -1, 15, 14, 13,
        )
    } else {
        _mm256_setr_epi8(
            -1, 0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, //
            -1, 4, 5, 6, -1, 7, 8, 9, -1, 10, 11, 12, -1, 13, 14, 15,
        )
    };
    _mm256_shuffle_epi8(_mm256_set_m128i(high, low), order)
}

#[target_feature(enable = "avx2")]
fn decode24<F: Encoding>(src: &[F::Raw], dst: &mut [f32]) {
    if big_endian(F::FORMAT) {
        decode24_in::<F, true>(src, dst)
    } else {
        decode24_in::<F, false>(src, dst)
    }
}

#[target_feature(enable = "avx2")]
fn decode24_in<F: Encoding, const BE: bool>(src: &[F::Raw], dst: &mut [f32]) {
    let n = src.len().min(dst.len());
    let (Some(src), Some(dst)) = (src.get(..n), dst.get_mut(..n)) else {
        return;
    };
    let (x, x_rest) = src.as_chunks::<8>();
    let (out, out_rest) = dst.as_chunks_mut::<8>();
    let flip = _mm256_set1_epi32(if F::FORMAT.is_unsigned() { i32::MIN } else { 0 });
    let scale = _mm256_set1_ps(1.0 / scale_f32(32));
    for (to, from) in out.iter_mut().zip(x) {
        // SAFETY: `F::Raw` is an array of 3 bytes (`decode` comes here for no other), so 8 of them are 24.
        let bytes = unsafe { &*from.as_ptr().cast::<[u8; 24]>() };
        let v = _mm256_xor_si256(load24::<BE>(bytes), flip);
        // 24 significant bits: exact.
        let y = _mm256_mul_ps(_mm256_cvtepi32_ps(v), scale);
        // SAFETY: writes an array of 8 floats; no alignment is asked.
        unsafe { _mm256_storeu_ps(to.as_mut_ptr(), y) };
    }
    kernels::decode24::<F>(x_rest, out_rest);
}

#[target_feature(enable = "avx2")]
fn encode24<F: Encoding, const TZ: bool>(src: &[f32], dst: &mut [F::Raw]) {
    let n = src.len().min(dst.len());
    let (Some(src), Some(dst)) = (src.get(..n), dst.get_mut(..n)) else {
        return;
    };
    let (x, x_rest) = src.as_chunks::<8>();
    let (out, out_rest) = dst.as_chunks_mut::<8>();
    let (min, max) = (
        _mm256_set1_ps(-scale_f32(24)),
        _mm256_set1_ps(scale_f32(24) - 1.0),
    );
    let flip = _mm256_set1_epi32(if F::FORMAT.is_unsigned() { 1 << 23 } else { 0 });
    let order = if big_endian(F::FORMAT) {
        _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1)
    } else {
        _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1)
    };
    let order = _mm256_broadcastsi128_si256(order);
    let join = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7);
    for (to, from) in out.iter_mut().zip(x) {
        // SAFETY: reads an array of 8 floats; no alignment is asked.
        let x = unsafe { _mm256_loadu_ps(from.as_ptr()) };
        let number = _mm256_and_ps(x, _mm256_cmp_ps::<_CMP_ORD_Q>(x, x));
        let y = _mm256_mul_ps(number, _mm256_set1_ps(scale_f32(24)));
        let y = _mm256_max_ps(_mm256_min_ps(y, max), min);
        let v = if TZ {
            _mm256_cvttps_epi32(y)
        } else {
            _mm256_cvtps_epi32(y)
        };
        let v = _mm256_shuffle_epi8(_mm256_xor_si256(v, flip), order);
        let v = _mm256_permutevar8x32_epi32(v, join);
        let end = to.as_mut_ptr().cast::<u8>();
        // SAFETY: `F::Raw` is an array of 3 bytes (`encode` comes here for no other), so 8 of them are the 24
        // bytes written: 16, then 8 behind them.
        unsafe {
            _mm_storeu_si128(end.cast(), _mm256_castsi256_si128(v));
            _mm_storel_epi64(end.add(16).cast(), _mm256_extracti128_si256::<1>(v));
        }
    }
    kernels::encode24::<F, TZ>(x_rest, out_rest);
}

/// `s32` and `u32`.
#[target_feature(enable = "avx2")]
fn encode32<F: Encoding, const TZ: bool>(src: &[f32], dst: &mut [F::Raw]) {
    let n = src.len().min(dst.len());
    let (Some(src), Some(dst)) = (src.get(..n), dst.get_mut(..n)) else {
        return;
    };
    let (x, x_rest) = src.as_chunks::<8>();
    let (out, out_rest) = dst.as_chunks_mut::<8>();
    let top = _mm256_set1_ps(scale_f32(32));
    let flip = _mm256_set1_epi32(if F::FORMAT.is_unsigned() { i32::MIN } else { 0 });
    let reverse = _mm256_broadcastsi128_si256(_mm_setr_epi8(
        3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12,
    ));
    for (to, from) in out.iter_mut().zip(x) {
        // SAFETY: reads an array of 8 floats; no alignment is asked.
        let x = unsafe { _mm256_loadu_ps(from.as_ptr()) };
        let y = _mm256_mul_ps(_mm256_and_ps(x, _mm256_cmp_ps::<_CMP_ORD_Q>(x, x)), top);
        // Out of range the conversion gives i32::MIN; at the upper end its complement is wanted.
        let over = _mm256_castps_si256(_mm256_cmp_ps::<_CMP_GE_OQ>(y, top));
        let v = if TZ {
            _mm256_cvttps_epi32(y)
        } else {
            _mm256_cvtps_epi32(y)
        };
        let v = _mm256_xor_si256(_mm256_xor_si256(v, over), flip);
        let v = if big_endian(F::FORMAT) {
            _mm256_shuffle_epi8(v, reverse)
        } else {
            v
        };
        // SAFETY: `F::Raw` is an array of 4 bytes (`encode` comes here for no other), so 8 of them are the 32
        // bytes written; no alignment is asked.
        unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), v) };
    }
    kernels::encode32::<F, TZ>(x_rest, out_rest);
}

#[target_feature(enable = "avx2")]
fn noise_groups<const TRIANGULAR: bool>(
    words: &mut [u32; LANES],
    src: &[[f32; LANES]],
    lsb: f32,
    dst: &mut [[f32; LANES]],
) {
    let (scale, lsb) = (
        _mm256_set1_ps(kernels::noise_scale(TRIANGULAR)),
        _mm256_set1_ps(lsb),
    );
    // SAFETY: words 0..8 and 8..16 of an array of 16.
    let mut halves: [__m256i; 2] = unsafe {
        [
            _mm256_loadu_si256(words.as_ptr().cast()),
            _mm256_loadu_si256(words.as_ptr().add(8).cast()),
        ]
    };
    for (group, from) in dst.iter_mut().zip(src) {
        let (to, x) = (group.as_chunks_mut::<8>().0, from.as_chunks::<8>().0);
        for ((w, to), x) in halves.iter_mut().zip(to).zip(x) {
            *w = _mm256_xor_si256(*w, _mm256_slli_epi32::<13>(*w));
            *w = _mm256_xor_si256(*w, _mm256_srli_epi32::<17>(*w));
            *w = _mm256_xor_si256(*w, _mm256_slli_epi32::<5>(*w));
            let value = if TRIANGULAR {
                let low = _mm256_srai_epi32::<16>(_mm256_slli_epi32::<16>(*w));
                _mm256_add_epi32(
                    _mm256_add_epi32(_mm256_srai_epi32::<16>(*w), low),
                    _mm256_set1_epi32(1),
                )
            } else {
                *w
            };
            let noise = _mm256_mul_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(value), scale), lsb);
            // SAFETY: reads and writes arrays of 8 floats; no alignment is asked.
            unsafe {
                _mm256_storeu_ps(
                    to.as_mut_ptr(),
                    _mm256_add_ps(_mm256_loadu_ps(x.as_ptr()), noise),
                )
            };
        }
    }
    let [low, high] = halves;
    // SAFETY: words 0..8 and 8..16 of an array of 16.
    unsafe {
        _mm256_storeu_si256(words.as_mut_ptr().cast(), low);
        _mm256_storeu_si256(words.as_mut_ptr().add(8).cast(), high);
    }
}
