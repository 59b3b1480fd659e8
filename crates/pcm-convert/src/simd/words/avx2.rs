//! AVX2: the loops, and by hand what they do badly: narrow and 32-bit integers, 24 bits packed in 3 bytes,
//! and the dither lanes.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86")]
use core::arch::x86::*;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::*;

use super::avx2 as hooks;
use crate::arith::scale_f32;
use crate::encoding::big_endian;

crate::simd::kernels_for!(
    #[target_feature(enable = "avx2")]
    hooks
);

/// See `kernels`.
const BY_WORDS: bool = true;

#[target_feature(enable = "avx2")]
#[inline]
fn load_f32(x: &[f32; 8]) -> __m256 {
    // SAFETY: reads the array; no alignment is asked.
    unsafe { _mm256_loadu_ps(x.as_ptr()) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn store_f32(to: &mut [f32; 8], x: __m256) {
    // SAFETY: writes the array; no alignment is asked.
    unsafe { _mm256_storeu_ps(to.as_mut_ptr(), x) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn load(bytes: &[u8; 32]) -> __m256i {
    // SAFETY: reads the array; no alignment is asked.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn store(to: &mut [u8; 32], v: __m256i) {
    // SAFETY: writes the array; no alignment is asked.
    unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), v) }
}

/// Scaled to the format and rounded; NaN is 0. Clipped, but for what is below the range of 8 or 16 bits: narrowing
/// saturates.
#[target_feature(enable = "avx2")]
#[inline]
fn quantize<F: Encoding, const TZ: bool>(x: &[f32; 8]) -> __m256i {
    let x = load_f32(x);
    let number = _mm256_castps_si256(_mm256_cmp_ps::<_CMP_ORD_Q>(x, x));
    let scale = _mm256_set1_ps(scale_f32(F::BITS));
    let y = _mm256_mul_ps(x, scale);
    // Out of range the conversion gives i32::MIN, which is right at the lower end.
    let v = if F::BITS == 32 {
        // At the upper end its complement is wanted.
        let over = _mm256_castps_si256(_mm256_cmp_ps::<_CMP_GE_OQ>(y, scale));
        _mm256_xor_si256(round::<TZ>(y), over)
    } else {
        round::<TZ>(_mm256_min_ps(y, _mm256_set1_ps(scale_f32(F::BITS) - 1.0)))
    };
    let v = if F::BITS == 24 {
        _mm256_max_epi32(v, _mm256_set1_epi32(-(1 << 23)))
    } else {
        v
    };
    _mm256_and_si256(v, number)
}

#[target_feature(enable = "avx2")]
#[inline]
fn round<const TZ: bool>(y: __m256) -> __m256i {
    if TZ {
        _mm256_cvttps_epi32(y)
    } else {
        _mm256_cvtps_epi32(y)
    }
}

/// `s8`, `u8`, `s16` and `u16`.
#[target_feature(enable = "avx2")]
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
        let ([low, high], _) = from.as_chunks::<8>() else {
            continue;
        };
        // Packing takes 128 bits at a time.
        let v = _mm256_packs_epi32(quantize::<F, TZ>(low), quantize::<F, TZ>(high));
        let to = F::Raw::flat_mut(to);
        if F::BITS == 8 {
            let v = _mm256_permutevar8x32_epi32(
                _mm256_packs_epi16(v, v),
                _mm256_setr_epi32(0, 4, 1, 5, 0, 4, 1, 5),
            );
            let v = _mm256_xor_si256(v, _mm256_set1_epi8(if unsigned { i8::MIN } else { 0 }));
            if let Some(to) = to.first_chunk_mut::<16>() {
                // SAFETY: writes the array; no alignment is asked.
                unsafe { _mm_storeu_si128(to.as_mut_ptr().cast(), _mm256_castsi256_si128(v)) };
            }
        } else {
            let v = _mm256_permute4x64_epi64::<0b11_01_10_00>(v);
            let v = _mm256_xor_si256(v, _mm256_set1_epi16(if unsigned { i16::MIN } else { 0 }));
            if let Some(to) = to.first_chunk_mut() {
                let big = big_endian(F::FORMAT);
                store(to, if big { _mm256_shuffle_epi8(v, swap) } else { v });
            }
        }
    }
    kernels::encode16::<F, TZ>(x_rest, out_rest);
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
    let flip = _mm256_set1_epi32(if F::FORMAT.is_unsigned() { i32::MIN } else { 0 });
    let reverse = _mm256_broadcastsi128_si256(_mm_setr_epi8(
        3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12,
    ));
    for (to, from) in out.iter_mut().zip(x) {
        let v = _mm256_xor_si256(quantize::<F, TZ>(from), flip);
        if let Some(to) = F::Raw::flat_mut(to).first_chunk_mut() {
            let big = big_endian(F::FORMAT);
            store(
                to,
                if big {
                    _mm256_shuffle_epi8(v, reverse)
                } else {
                    v
                },
            );
        }
    }
    kernels::encode32::<F, TZ>(x_rest, out_rest);
}

/// 8 samples of 3 bytes in the upper 3 bytes of words, signed.
#[target_feature(enable = "avx2")]
#[inline]
fn load24<F: Encoding>(bytes: &[u8; 24]) -> __m256i {
    // SAFETY: bytes 0..16 and 8..24 of an array of 24.
    let (low, high) = unsafe {
        (
            _mm_loadu_si128(bytes.as_ptr().cast()),
            _mm_loadu_si128(bytes.as_ptr().add(8).cast()),
        )
    };
    // The upper lane's 12 bytes begin 4 bytes into it.
    let order = if big_endian(F::FORMAT) {
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
    let v = _mm256_shuffle_epi8(_mm256_set_m128i(high, low), order);
    _mm256_xor_si256(
        v,
        _mm256_set1_epi32(if F::FORMAT.is_unsigned() { i32::MIN } else { 0 }),
    )
}

/// 32 samples from the lower (`HIGH`: the upper) 3 bytes of words, signed, to 3 bytes each: 24 words, which the
/// 4 vectors have in groups of 3.
#[target_feature(enable = "avx2")]
#[inline]
fn store24<F: Encoding, const HIGH: bool>(to: &mut [u8; 96], v: [__m256i; 4]) {
    let order = match (HIGH, big_endian(F::FORMAT)) {
        (false, false) => _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1),
        (false, true) => _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1),
        (true, false) => _mm_setr_epi8(1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15, -1, -1, -1, -1),
        (true, true) => _mm_setr_epi8(3, 2, 1, 7, 6, 5, 11, 10, 9, 15, 14, 13, -1, -1, -1, -1),
    };
    let order = _mm256_broadcastsi128_si256(order);
    let flip = _mm256_set1_epi32(match (F::FORMAT.is_unsigned(), HIGH) {
        (false, _) => 0,
        (true, false) => 1 << 23,
        (true, true) => i32::MIN,
    });
    let [a, b, c, d] = v;
    // Each to where its words go; those that two vectors share come from both.
    let a = _mm256_permutevar8x32_epi32(
        _mm256_shuffle_epi8(_mm256_xor_si256(a, flip), order),
        _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7),
    );
    let b = _mm256_permutevar8x32_epi32(
        _mm256_shuffle_epi8(_mm256_xor_si256(b, flip), order),
        _mm256_setr_epi32(2, 4, 5, 6, 3, 7, 0, 1),
    );
    let c = _mm256_permutevar8x32_epi32(
        _mm256_shuffle_epi8(_mm256_xor_si256(c, flip), order),
        _mm256_setr_epi32(5, 6, 3, 7, 0, 1, 2, 4),
    );
    let d = _mm256_permutevar8x32_epi32(
        _mm256_shuffle_epi8(_mm256_xor_si256(d, flip), order),
        _mm256_setr_epi32(3, 7, 0, 1, 2, 4, 5, 6),
    );
    let thirds = [
        _mm256_blend_epi32::<0b1100_0000>(a, b),
        _mm256_blend_epi32::<0b1111_0000>(b, c),
        _mm256_blend_epi32::<0b1111_1100>(c, d),
    ];
    for (to, third) in to.as_chunks_mut::<32>().0.iter_mut().zip(thirds) {
        store(to, third);
    }
}

#[target_feature(enable = "avx2")]
fn decode24<F: Encoding>(src: &[F::Raw], dst: &mut [f32]) {
    let n = src.len().min(dst.len());
    let (Some(src), Some(dst)) = (src.get(..n), dst.get_mut(..n)) else {
        return;
    };
    let (x, x_rest) = src.as_chunks::<8>();
    let (out, out_rest) = dst.as_chunks_mut::<8>();
    let scale = _mm256_set1_ps(1.0 / scale_f32(32));
    let x = F::Raw::flat(x.as_flattened()).as_chunks().0;
    for (to, bytes) in out.iter_mut().zip(x) {
        // 24 significant bits: exact.
        store_f32(
            to,
            _mm256_mul_ps(_mm256_cvtepi32_ps(load24::<F>(bytes)), scale),
        );
    }
    kernels::decode24::<F>(x_rest, out_rest);
}

#[target_feature(enable = "avx2")]
fn encode24<F: Encoding, const TZ: bool>(src: &[f32], dst: &mut [F::Raw]) {
    let n = src.len().min(dst.len());
    let (Some(src), Some(dst)) = (src.get(..n), dst.get_mut(..n)) else {
        return;
    };
    let (x, x_rest) = src.as_chunks::<32>();
    let (out, out_rest) = dst.as_chunks_mut::<32>();
    for (to, from) in out.iter_mut().zip(x) {
        let ([a, b, c, d], _) = from.as_chunks::<8>() else {
            continue;
        };
        if let Some(to) = F::Raw::flat_mut(to).first_chunk_mut() {
            let v = [
                quantize::<F, TZ>(a),
                quantize::<F, TZ>(b),
                quantize::<F, TZ>(c),
                quantize::<F, TZ>(d),
            ];
            store24::<F, false>(to, v);
        }
    }
    kernels::encode24::<F, TZ>(x_rest, out_rest);
}

#[target_feature(enable = "avx2")]
pub(super) fn unpack24<F: Encoding>(src: &[F::Raw], dst: &mut [[u8; 4]]) {
    let n = src.len().min(dst.len());
    let (Some(src), Some(dst)) = (src.get(..n), dst.get_mut(..n)) else {
        return;
    };
    let (x, x_rest) = src.as_chunks::<8>();
    let (out, out_rest) = dst.as_chunks_mut::<8>();
    let x = F::Raw::flat(x.as_flattened()).as_chunks().0;
    let out = out.as_flattened_mut().as_flattened_mut().as_chunks_mut().0;
    for (to, bytes) in out.iter_mut().zip(x) {
        store(to, load24::<F>(bytes));
    }
    kernels::unpack24::<F>(x_rest, out_rest);
}

#[target_feature(enable = "avx2")]
pub(super) fn pack24<F: Encoding>(src: &[[u8; 4]], dst: &mut [F::Raw]) {
    let n = src.len().min(dst.len());
    let (Some(src), Some(dst)) = (src.get(..n), dst.get_mut(..n)) else {
        return;
    };
    let (x, x_rest) = src.as_chunks::<32>();
    let (out, out_rest) = dst.as_chunks_mut::<32>();
    let x = x.as_flattened().as_flattened().as_chunks::<128>().0;
    let out = F::Raw::flat_mut(out.as_flattened_mut()).as_chunks_mut().0;
    for (to, from) in out.iter_mut().zip(x) {
        if let ([a, b, c, d], _) = from.as_chunks::<32>() {
            store24::<F, true>(to, [load(a), load(b), load(c), load(d)]);
        }
    }
    kernels::pack24::<F>(x_rest, out_rest);
}

#[target_feature(enable = "avx2")]
fn noise_groups<const TRIANGULAR: bool>(
    words: &mut [u32; LANES],
    src: &[[f32; LANES]],
    lsb: f32,
    dst: &mut [[f32; LANES]],
) {
    // Both powers of two: the product is exact.
    let scale = _mm256_set1_ps(noise::scale(TRIANGULAR) * lsb);
    let mut lanes = [_mm256_setzero_si256(); LANES / 8];
    for (lanes, words) in lanes.iter_mut().zip(words.as_chunks::<8>().0) {
        // SAFETY: reads an array of 8 words; no alignment is asked.
        *lanes = unsafe { _mm256_loadu_si256(words.as_ptr().cast()) };
    }
    for (to, from) in dst.iter_mut().zip(src) {
        let (to, x) = (to.as_chunks_mut::<8>().0, from.as_chunks::<8>().0);
        for ((w, to), x) in lanes.iter_mut().zip(to).zip(x) {
            *w = _mm256_xor_si256(*w, _mm256_slli_epi32::<13>(*w));
            *w = _mm256_xor_si256(*w, _mm256_srli_epi32::<17>(*w));
            *w = _mm256_xor_si256(*w, _mm256_slli_epi32::<5>(*w));
            let value = if TRIANGULAR {
                // The sum of the two halves, both signed.
                let sum = _mm256_madd_epi16(*w, _mm256_set1_epi16(1));
                _mm256_add_epi32(sum, _mm256_set1_epi32(1))
            } else {
                *w
            };
            let noise = _mm256_mul_ps(_mm256_cvtepi32_ps(value), scale);
            store_f32(to, _mm256_add_ps(load_f32(x), noise));
        }
    }
    for (lanes, words) in lanes.iter().zip(words.as_chunks_mut::<8>().0) {
        // SAFETY: writes an array of 8 words; no alignment is asked.
        unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast(), *lanes) };
    }
}
