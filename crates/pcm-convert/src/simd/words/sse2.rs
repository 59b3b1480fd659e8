//! SSE2: the loops, and by hand what they do badly: narrow and 32-bit integers, 24 bits packed in 3 bytes,
//! lowest first, and the dither lanes. Reversing bytes takes a shuffle that SSE2 has not: that is left to the
//! loops.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86")]
use core::arch::x86::*;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::*;

use super::sse2 as hooks;
use crate::arith::scale_f32;
use crate::encoding::big_endian;

crate::simd::kernels_for!(
    #[target_feature(enable = "sse2")]
    hooks
);

/// See `kernels`.
const BY_WORDS: bool = true;

#[target_feature(enable = "sse2")]
#[inline]
fn load_f32(x: &[f32; 4]) -> __m128 {
    // SAFETY: reads the array; no alignment is asked.
    unsafe { _mm_loadu_ps(x.as_ptr()) }
}

#[target_feature(enable = "sse2")]
#[inline]
fn store_f32(to: &mut [f32; 4], x: __m128) {
    // SAFETY: writes the array; no alignment is asked.
    unsafe { _mm_storeu_ps(to.as_mut_ptr(), x) }
}

#[target_feature(enable = "sse2")]
#[inline]
fn load(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: reads the array; no alignment is asked.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

#[target_feature(enable = "sse2")]
#[inline]
fn store(to: &mut [u8; 16], v: __m128i) {
    // SAFETY: writes the array; no alignment is asked.
    unsafe { _mm_storeu_si128(to.as_mut_ptr().cast(), v) }
}

/// Scaled to the format and rounded; NaN is 0. Clipped, but for what is below the range of 8 or 16 bits: narrowing
/// saturates.
#[target_feature(enable = "sse2")]
#[inline]
fn quantize<F: Encoding, const TZ: bool>(x: &[f32; 4]) -> __m128i {
    let x = load_f32(x);
    let scale = _mm_set1_ps(scale_f32(F::BITS));
    let y = _mm_mul_ps(_mm_and_ps(x, _mm_cmpord_ps(x, x)), scale);
    if F::BITS == 32 {
        // Out of range the conversion gives i32::MIN; at the upper end its complement is wanted.
        let over = _mm_castps_si128(_mm_cmpge_ps(y, scale));
        return _mm_xor_si128(round::<TZ>(y), over);
    }
    let y = _mm_min_ps(y, _mm_set1_ps(scale_f32(F::BITS) - 1.0));
    if F::BITS == 24 {
        round::<TZ>(_mm_max_ps(y, _mm_set1_ps(-scale_f32(F::BITS))))
    } else {
        round::<TZ>(y)
    }
}

#[target_feature(enable = "sse2")]
#[inline]
fn round<const TZ: bool>(y: __m128) -> __m128i {
    if TZ {
        _mm_cvttps_epi32(y)
    } else {
        _mm_cvtps_epi32(y)
    }
}

/// `s8`, `u8`, `s16` and `u16`.
#[target_feature(enable = "sse2")]
fn encode16<F: Encoding, const TZ: bool>(src: &[f32], dst: &mut [F::Raw]) {
    let n = src.len().min(dst.len());
    let (Some(src), Some(dst)) = (src.get(..n), dst.get_mut(..n)) else {
        return;
    };
    let (x, x_rest) = src.as_chunks::<16>();
    let (out, out_rest) = dst.as_chunks_mut::<16>();
    let unsigned = F::FORMAT.is_unsigned();
    for (to, from) in out.iter_mut().zip(x) {
        let ([a, b, c, d], _) = from.as_chunks::<4>() else {
            continue;
        };
        let low = _mm_packs_epi32(quantize::<F, TZ>(a), quantize::<F, TZ>(b));
        let high = _mm_packs_epi32(quantize::<F, TZ>(c), quantize::<F, TZ>(d));
        let to = F::Raw::flat_mut(to);
        if F::BITS == 8 {
            let v = _mm_packs_epi16(low, high);
            let v = _mm_xor_si128(v, _mm_set1_epi8(if unsigned { i8::MIN } else { 0 }));
            if let Some(to) = to.first_chunk_mut() {
                store(to, v);
            }
            continue;
        }
        let flip = _mm_set1_epi16(if unsigned { i16::MIN } else { 0 });
        for (to, v) in to.as_chunks_mut().0.iter_mut().zip([low, high]) {
            let v = _mm_xor_si128(v, flip);
            if big_endian(F::FORMAT) {
                store(
                    to,
                    _mm_or_si128(_mm_slli_epi16::<8>(v), _mm_srli_epi16::<8>(v)),
                );
            } else {
                store(to, v);
            }
        }
    }
    kernels::encode16::<F, TZ>(x_rest, out_rest);
}

/// `s32` and `u32`.
#[target_feature(enable = "sse2")]
fn encode32<F: Encoding, const TZ: bool>(src: &[f32], dst: &mut [F::Raw]) {
    if big_endian(F::FORMAT) {
        return kernels::encode32::<F, TZ>(src, dst);
    }
    let n = src.len().min(dst.len());
    let (Some(src), Some(dst)) = (src.get(..n), dst.get_mut(..n)) else {
        return;
    };
    let (x, x_rest) = src.as_chunks::<4>();
    let (out, out_rest) = dst.as_chunks_mut::<4>();
    let flip = _mm_set1_epi32(if F::FORMAT.is_unsigned() { i32::MIN } else { 0 });
    for (to, from) in out.iter_mut().zip(x) {
        if let Some(to) = F::Raw::flat_mut(to).first_chunk_mut() {
            store(to, _mm_xor_si128(quantize::<F, TZ>(from), flip));
        }
    }
    kernels::encode32::<F, TZ>(x_rest, out_rest);
}

/// 4 samples of 3 bytes, lowest first, in the upper 3 bytes of words, signed.
#[target_feature(enable = "sse2")]
#[inline]
fn load24<F: Encoding>(bytes: &[u8; 12]) -> __m128i {
    // SAFETY: bytes 0..8 and 4..12 of an array of 12.
    let (low, high) = unsafe {
        (
            _mm_loadl_epi64(bytes.as_ptr().cast()),
            _mm_loadl_epi64(bytes.as_ptr().add(4).cast()),
        )
    };
    // Each half holds two samples in 6 of its 8 bytes: the first 6, or the last.
    let first = _mm_unpacklo_epi64(_mm_slli_epi64::<8>(low), _mm_srli_epi64::<8>(high));
    let second = _mm_unpacklo_epi64(_mm_slli_epi64::<16>(low), high);
    let v = _mm_or_si128(
        _mm_and_si128(first, _mm_set1_epi64x(0xFFFF_FF00)),
        _mm_and_si128(second, _mm_set1_epi64x(0xFFFF_FF00 << 32)),
    );
    _mm_xor_si128(
        v,
        _mm_set1_epi32(if F::FORMAT.is_unsigned() { i32::MIN } else { 0 }),
    )
}

/// 4 samples from the lower (`HIGH`: the upper) 3 bytes of words, signed, to 3 bytes each, lowest first.
#[target_feature(enable = "sse2")]
#[inline]
fn store24<F: Encoding, const HIGH: bool>(to: &mut [u8; 12], v: __m128i) {
    let v = if HIGH { _mm_srli_epi32::<8>(v) } else { v };
    let flip = if F::FORMAT.is_unsigned() { 1 << 23 } else { 0 };
    let v = _mm_xor_si128(v, _mm_set1_epi32(flip));
    // Two samples in the lower 6 bytes of each half.
    let pairs = _mm_or_si128(
        _mm_and_si128(v, _mm_set1_epi64x(0x00FF_FFFF)),
        _mm_srli_epi64::<8>(_mm_and_si128(v, _mm_set1_epi64x(0x00FF_FFFF << 32))),
    );
    let upper = _mm_unpackhi_epi64(pairs, pairs);
    let low = _mm_or_si128(pairs, _mm_slli_epi64::<48>(upper));
    let high = _mm_cvtsi128_si32(_mm_srli_epi64::<16>(upper));
    // SAFETY: bytes 0..8 of an array of 12.
    unsafe { _mm_storel_epi64(to.as_mut_ptr().cast(), low) };
    if let Some(to) = to.last_chunk_mut() {
        *to = high.to_le_bytes();
    }
}

#[target_feature(enable = "sse2")]
fn decode24<F: Encoding>(src: &[F::Raw], dst: &mut [f32]) {
    if big_endian(F::FORMAT) {
        return kernels::decode24::<F>(src, dst);
    }
    let n = src.len().min(dst.len());
    let (Some(src), Some(dst)) = (src.get(..n), dst.get_mut(..n)) else {
        return;
    };
    let (x, x_rest) = src.as_chunks::<4>();
    let (out, out_rest) = dst.as_chunks_mut::<4>();
    let scale = _mm_set1_ps(1.0 / scale_f32(32));
    let x = F::Raw::flat(x.as_flattened()).as_chunks().0;
    for (to, bytes) in out.iter_mut().zip(x) {
        // 24 significant bits: exact.
        store_f32(to, _mm_mul_ps(_mm_cvtepi32_ps(load24::<F>(bytes)), scale));
    }
    kernels::decode24::<F>(x_rest, out_rest);
}

#[target_feature(enable = "sse2")]
fn encode24<F: Encoding, const TZ: bool>(src: &[f32], dst: &mut [F::Raw]) {
    if big_endian(F::FORMAT) {
        return kernels::encode24::<F, TZ>(src, dst);
    }
    let n = src.len().min(dst.len());
    let (Some(src), Some(dst)) = (src.get(..n), dst.get_mut(..n)) else {
        return;
    };
    let (x, x_rest) = src.as_chunks::<4>();
    let (out, out_rest) = dst.as_chunks_mut::<4>();
    for (to, from) in out.iter_mut().zip(x) {
        if let Some(to) = F::Raw::flat_mut(to).first_chunk_mut() {
            store24::<F, false>(to, quantize::<F, TZ>(from));
        }
    }
    kernels::encode24::<F, TZ>(x_rest, out_rest);
}

#[target_feature(enable = "sse2")]
fn unpack24<F: Encoding>(src: &[F::Raw], dst: &mut [[u8; 4]]) {
    if big_endian(F::FORMAT) {
        return kernels::unpack24::<F>(src, dst);
    }
    let n = src.len().min(dst.len());
    let (Some(src), Some(dst)) = (src.get(..n), dst.get_mut(..n)) else {
        return;
    };
    let (x, x_rest) = src.as_chunks::<4>();
    let (out, out_rest) = dst.as_chunks_mut::<4>();
    let x = F::Raw::flat(x.as_flattened()).as_chunks().0;
    let out = out.as_flattened_mut().as_flattened_mut().as_chunks_mut().0;
    for (to, bytes) in out.iter_mut().zip(x) {
        store(to, load24::<F>(bytes));
    }
    kernels::unpack24::<F>(x_rest, out_rest);
}

#[target_feature(enable = "sse2")]
fn pack24<F: Encoding>(src: &[[u8; 4]], dst: &mut [F::Raw]) {
    if big_endian(F::FORMAT) {
        return kernels::pack24::<F>(src, dst);
    }
    let n = src.len().min(dst.len());
    let (Some(src), Some(dst)) = (src.get(..n), dst.get_mut(..n)) else {
        return;
    };
    let (x, x_rest) = src.as_chunks::<4>();
    let (out, out_rest) = dst.as_chunks_mut::<4>();
    for (to, from) in out.iter_mut().zip(x) {
        if let (Some(words), Some(to)) = (
            from.as_flattened().first_chunk(),
            F::Raw::flat_mut(to).first_chunk_mut(),
        ) {
            store24::<F, true>(to, load(words));
        }
    }
    kernels::pack24::<F>(x_rest, out_rest);
}

#[target_feature(enable = "sse2")]
fn noise_groups<const TRIANGULAR: bool>(
    words: &mut [u32; LANES],
    src: &[[f32; LANES]],
    lsb: f32,
    dst: &mut [[f32; LANES]],
) {
    // Both powers of two: the product is exact.
    let scale = _mm_set1_ps(noise::scale(TRIANGULAR) * lsb);
    let mut lanes = [_mm_setzero_si128(); LANES / 4];
    for (lanes, words) in lanes.iter_mut().zip(words.as_chunks::<4>().0) {
        // SAFETY: reads an array of 4 words; no alignment is asked.
        *lanes = unsafe { _mm_loadu_si128(words.as_ptr().cast()) };
    }
    for (to, from) in dst.iter_mut().zip(src) {
        let (to, x) = (to.as_chunks_mut::<4>().0, from.as_chunks::<4>().0);
        for ((w, to), x) in lanes.iter_mut().zip(to).zip(x) {
            *w = _mm_xor_si128(*w, _mm_slli_epi32::<13>(*w));
            *w = _mm_xor_si128(*w, _mm_srli_epi32::<17>(*w));
            *w = _mm_xor_si128(*w, _mm_slli_epi32::<5>(*w));
            let value = if TRIANGULAR {
                // The sum of the two halves, both signed.
                let sum = _mm_madd_epi16(*w, _mm_set1_epi16(1));
                _mm_add_epi32(sum, _mm_set1_epi32(1))
            } else {
                *w
            };
            let noise = _mm_mul_ps(_mm_cvtepi32_ps(value), scale);
            store_f32(to, _mm_add_ps(load_f32(x), noise));
        }
    }
    for (lanes, words) in lanes.iter().zip(words.as_chunks_mut::<4>().0) {
        // SAFETY: writes an array of 4 words; no alignment is asked.
        unsafe { _mm_storeu_si128(words.as_mut_ptr().cast(), *lanes) };
    }
}
