//! AVX-512 (F, BW, DQ, VL): the loops, and by hand what they do badly: narrow and 32-bit integers, 24 bits
//! packed in 3 bytes, and the dither lanes.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86")]
use core::arch::x86::*;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::*;

// What the 256-bit loops around these write and read, they hand over in 256 bits.
use super::avx2::{pack24, unpack24};
use super::avx512 as hooks;
use crate::arith::scale_f32;
use crate::encoding::big_endian;

crate::simd::kernels_for!(
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    hooks
);

/// See `kernels`.
const BY_WORDS: bool = true;
/// The 12 words that 16 samples of 3 bytes take.
const WORDS_48: __mmask16 = 0x0FFF;

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
#[inline]
fn load_f32(x: &[f32; 16]) -> __m512 {
    // SAFETY: reads the array; no alignment is asked.
    unsafe { _mm512_loadu_ps(x.as_ptr()) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
#[inline]
fn store_f32(to: &mut [f32; 16], x: __m512) {
    // SAFETY: writes the array; no alignment is asked.
    unsafe { _mm512_storeu_ps(to.as_mut_ptr(), x) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
#[inline]
fn store(to: &mut [u8; 64], v: __m512i) {
    // SAFETY: writes the array; no alignment is asked.
    unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), v) }
}

/// Scaled to the format and rounded; NaN is 0. Clipped, but for what is below the range of 8 or 16 bits: narrowing
/// saturates.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
#[inline]
fn quantize<F: Encoding, const TZ: bool>(x: &[f32; 16]) -> __m512i {
    let x = load_f32(x);
    let scale = _mm512_set1_ps(scale_f32(F::BITS));
    // Lanes that are NaN are zeroed.
    let y = _mm512_maskz_mul_ps(_mm512_cmp_ps_mask::<_CMP_ORD_Q>(x, x), x, scale);
    if F::BITS == 32 {
        // Out of range the conversion gives i32::MIN, which is wrong at the upper end.
        let over = _mm512_cmp_ps_mask::<_CMP_GE_OQ>(y, scale);
        return _mm512_mask_mov_epi32(round::<TZ>(y), over, _mm512_set1_epi32(i32::MAX));
    }
    let y = _mm512_min_ps(y, _mm512_set1_ps(scale_f32(F::BITS) - 1.0));
    if F::BITS == 24 {
        round::<TZ>(_mm512_max_ps(y, _mm512_set1_ps(-scale_f32(F::BITS))))
    } else {
        round::<TZ>(y)
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
#[inline]
fn round<const TZ: bool>(y: __m512) -> __m512i {
    if TZ {
        _mm512_cvttps_epi32(y)
    } else {
        _mm512_cvtps_epi32(y)
    }
}

/// `s8`, `u8`, `s16` and `u16`.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
fn encode16<F: Encoding, const TZ: bool>(src: &[f32], dst: &mut [F::Raw]) {
    let n = src.len().min(dst.len());
    let (Some(src), Some(dst)) = (src.get(..n), dst.get_mut(..n)) else {
        return;
    };
    let (x, x_rest) = src.as_chunks::<16>();
    let (out, out_rest) = dst.as_chunks_mut::<16>();
    let unsigned = F::FORMAT.is_unsigned();
    let swap = _mm256_broadcastsi128_si256(_mm_setr_epi8(
        1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14,
    ));
    for (to, from) in out.iter_mut().zip(x) {
        let v = quantize::<F, TZ>(from);
        let to = F::Raw::flat_mut(to);
        if F::BITS == 8 {
            let v = _mm512_cvtsepi32_epi8(v);
            let v = _mm_xor_si128(v, _mm_set1_epi8(if unsigned { i8::MIN } else { 0 }));
            if let Some(to) = to.first_chunk_mut::<16>() {
                // SAFETY: writes the array; no alignment is asked.
                unsafe { _mm_storeu_si128(to.as_mut_ptr().cast(), v) };
            }
        } else {
            let v = _mm512_cvtsepi32_epi16(v);
            let v = _mm256_xor_si256(v, _mm256_set1_epi16(if unsigned { i16::MIN } else { 0 }));
            let big = big_endian(F::FORMAT);
            let v = if big { _mm256_shuffle_epi8(v, swap) } else { v };
            if let Some(to) = to.first_chunk_mut::<32>() {
                // SAFETY: writes the array; no alignment is asked.
                unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), v) };
            }
        }
    }
    kernels::encode16::<F, TZ>(x_rest, out_rest);
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
    let flip = _mm512_set1_epi32(if F::FORMAT.is_unsigned() { i32::MIN } else { 0 });
    let reverse = _mm512_broadcast_i32x4(_mm_setr_epi8(
        3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12,
    ));
    for (to, from) in out.iter_mut().zip(x) {
        let v = _mm512_xor_si512(quantize::<F, TZ>(from), flip);
        if let Some(to) = F::Raw::flat_mut(to).first_chunk_mut() {
            let big = big_endian(F::FORMAT);
            store(
                to,
                if big {
                    _mm512_shuffle_epi8(v, reverse)
                } else {
                    v
                },
            );
        }
    }
    kernels::encode32::<F, TZ>(x_rest, out_rest);
}

/// 16 samples of 3 bytes in the upper 3 bytes of words, signed.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
#[inline]
fn load24<F: Encoding>(bytes: &[u8; 48]) -> __m512i {
    // SAFETY: the mask lets the 12 words of the array through.
    let v = unsafe { _mm512_maskz_loadu_epi32(WORDS_48, bytes.as_ptr().cast()) };
    // 12 bytes to each lane of 16, then each sample into a word.
    let spread = _mm512_setr_epi32(0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8, 0, 9, 10, 11, 0);
    let order = if big_endian(F::FORMAT) {
        _mm_setr_epi8(-1, 2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9)
    } else {
        _mm_setr_epi8(-1, 0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11)
    };
    let v = _mm512_shuffle_epi8(
        _mm512_permutexvar_epi32(spread, v),
        _mm512_broadcast_i32x4(order),
    );
    _mm512_xor_si512(
        v,
        _mm512_set1_epi32(if F::FORMAT.is_unsigned() { i32::MIN } else { 0 }),
    )
}

/// 16 samples from the lower 3 bytes of words, signed, to 3 bytes each.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
#[inline]
fn store24<F: Encoding>(to: &mut [u8; 48], v: __m512i) {
    let order = if big_endian(F::FORMAT) {
        _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1)
    } else {
        _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1)
    };
    let flip = _mm512_set1_epi32(if F::FORMAT.is_unsigned() { 1 << 23 } else { 0 });
    let join = _mm512_setr_epi32(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15);
    let v = _mm512_shuffle_epi8(_mm512_xor_si512(v, flip), _mm512_broadcast_i32x4(order));
    let v = _mm512_permutexvar_epi32(join, v);
    // SAFETY: the mask lets the 12 words of the array through.
    unsafe { _mm512_mask_storeu_epi32(to.as_mut_ptr().cast(), WORDS_48, v) };
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
fn decode24<F: Encoding>(src: &[F::Raw], dst: &mut [f32]) {
    let n = src.len().min(dst.len());
    let (Some(src), Some(dst)) = (src.get(..n), dst.get_mut(..n)) else {
        return;
    };
    let (x, x_rest) = src.as_chunks::<16>();
    let (out, out_rest) = dst.as_chunks_mut::<16>();
    let scale = _mm512_set1_ps(1.0 / scale_f32(32));
    let x = F::Raw::flat(x.as_flattened()).as_chunks().0;
    for (to, bytes) in out.iter_mut().zip(x) {
        // 24 significant bits: exact.
        store_f32(
            to,
            _mm512_mul_ps(_mm512_cvtepi32_ps(load24::<F>(bytes)), scale),
        );
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
    for (to, from) in out.iter_mut().zip(x) {
        if let Some(to) = F::Raw::flat_mut(to).first_chunk_mut() {
            store24::<F>(to, quantize::<F, TZ>(from));
        }
    }
    kernels::encode24::<F, TZ>(x_rest, out_rest);
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
fn noise_groups<const TRIANGULAR: bool>(
    words: &mut [u32; LANES],
    src: &[[f32; LANES]],
    lsb: f32,
    dst: &mut [[f32; LANES]],
) {
    // Both powers of two: the product is exact.
    let scale = _mm512_set1_ps(noise::scale(TRIANGULAR) * lsb);
    let mut lanes = [_mm512_setzero_si512(); LANES / 16];
    for (lanes, words) in lanes.iter_mut().zip(words.as_chunks::<16>().0) {
        // SAFETY: reads an array of 16 words; no alignment is asked.
        *lanes = unsafe { _mm512_loadu_si512(words.as_ptr().cast()) };
    }
    for (to, from) in dst.iter_mut().zip(src) {
        let (to, x) = (to.as_chunks_mut::<16>().0, from.as_chunks::<16>().0);
        for ((w, to), x) in lanes.iter_mut().zip(to).zip(x) {
            *w = _mm512_xor_si512(*w, _mm512_slli_epi32::<13>(*w));
            *w = _mm512_xor_si512(*w, _mm512_srli_epi32::<17>(*w));
            *w = _mm512_xor_si512(*w, _mm512_slli_epi32::<5>(*w));
            let value = if TRIANGULAR {
                // The sum of the two halves, both signed.
                let sum = _mm512_madd_epi16(*w, _mm512_set1_epi16(1));
                _mm512_add_epi32(sum, _mm512_set1_epi32(1))
            } else {
                *w
            };
            let noise = _mm512_mul_ps(_mm512_cvtepi32_ps(value), scale);
            store_f32(to, _mm512_add_ps(load_f32(x), noise));
        }
    }
    for (lanes, words) in lanes.iter().zip(words.as_chunks_mut::<16>().0) {
        // SAFETY: writes an array of 16 words; no alignment is asked.
        unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), *lanes) };
    }
}
