//! AVX-512. The loops of the other files compiled again, and by hand what is all shuffles.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86")]
use core::arch::x86::*;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::*;

use super::avx2;
use crate::plan::lanes::Lanes;
use crate::plan::quads::Quads;
use crate::simd::plain::{self, PairGains};

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
pub(crate) fn columns(table: &Quads, outputs: usize, input: &[f32], output: &mut [f32]) -> usize {
    super::columns::columns(table, outputs, input, output)
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
pub(crate) fn average(input: &[f32], output: &mut [f32]) {
    plain::average(input, output);
}

#[target_feature(enable = "avx512f")]
fn load(from: &[f32; 16]) -> __m512d {
    // SAFETY: the reference covers the 64 bytes that are read; no alignment is asked for.
    _mm512_castps_pd(unsafe { _mm512_loadu_ps(from.as_ptr()) })
}

#[target_feature(enable = "avx512f")]
fn store(to: &mut [f32; 16], x: __m512) {
    // SAFETY: the reference covers the 64 bytes that are written; no alignment is asked for.
    unsafe { _mm512_storeu_ps(to.as_mut_ptr(), x) }
}

/// The sum of vectors of stereo frames, in order: `gains` are one for the left and one for the right of
/// each. The second vector is the centre, whose left sample goes to both sides.
#[target_feature(enable = "avx512f")]
fn sum<const PAIRS: usize>(pairs: [__m512d; PAIRS], gains: &[__m512; PAIRS]) -> __m512 {
    let mut sum = _mm512_setzero_ps();
    for (n, (pair, gain)) in pairs.into_iter().zip(gains).enumerate() {
        let mut x = _mm512_castpd_ps(pair);
        if n == 1 {
            x = _mm512_moveldup_ps(x);
        }
        let product = _mm512_mul_ps(*gain, x);
        sum = if n == 0 {
            product
        } else {
            _mm512_add_ps(sum, product)
        };
    }
    sum
}

#[target_feature(enable = "avx512f")]
fn spread<const PAIRS: usize>(gains: [[f32; 2]; PAIRS]) -> [__m512; PAIRS] {
    gains.map(|[left, right]| {
        _mm512_castpd_ps(_mm512_set1_pd(f64::from_bits(both_bits(left, right))))
    })
}

/// Two floats as they lie in memory.
pub(crate) fn both_bits(left: f32, right: f32) -> u64 {
    u64::from(left.to_bits()) | u64::from(right.to_bits()) << 32
}

/// Pairs of channels to stereo; returns the frames done.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
pub(crate) fn pairs(inputs: usize, gains: &PairGains, input: &[f32], output: &mut [f32]) -> usize {
    let [a, b, c, d, ..] = *gains;
    match inputs {
        6 => six_to_two(input, output, [a, b, c]),
        8 => eight_to_two(input, output, [a, b, c, d]),
        // Wider vectors would not help: most of it is reading.
        _ => avx2::pairs(inputs, gains, input, output),
    }
}

/// Six channels to two, eight frames at a time; returns the frames done. Three pairs a frame and eight
/// lanes share no factor, so each kind of pair lies in lanes of its own in each of the three vectors:
/// two blends and one permutation bring the eight of a kind together.
#[target_feature(enable = "avx512f")]
fn six_to_two(input: &[f32], output: &mut [f32], gains: [[f32; 2]; 3]) -> usize {
    let gains = spread(gains);
    let first = _mm512_setr_epi64(0, 3, 6, 1, 4, 7, 2, 5);
    let second = _mm512_setr_epi64(1, 4, 7, 2, 5, 0, 3, 6);
    let third = _mm512_setr_epi64(2, 5, 0, 3, 6, 1, 4, 7);
    let (blocks, _) = input.as_chunks::<48>();
    let (outputs, _) = output.as_chunks_mut::<16>();
    let frames = 8 * blocks.len().min(outputs.len());
    for (block, out) in blocks.iter().zip(outputs) {
        let (vectors, _) = block.as_chunks::<16>();
        let [a, b, c] = vectors else { continue };
        let (a, b, c) = (load(a), load(b), load(c));
        // Pair `n` of the 24 is of kind `n % 3`. A set bit takes the lane from the later vector.
        let p0 = _mm512_mask_blend_pd(0b0010_0100, _mm512_mask_blend_pd(0b1001_0010, a, b), c);
        let p1 = _mm512_mask_blend_pd(0b0100_1001, _mm512_mask_blend_pd(0b0010_0100, a, b), c);
        let p2 = _mm512_mask_blend_pd(0b1001_0010, _mm512_mask_blend_pd(0b0100_1001, a, b), c);
        let pairs = [
            _mm512_permutexvar_pd(first, p0),
            _mm512_permutexvar_pd(second, p1),
            _mm512_permutexvar_pd(third, p2),
        ];
        store(out, sum(pairs, &gains));
    }
    frames
}

/// Eight channels to two, eight frames at a time; returns the frames done.
#[target_feature(enable = "avx512f")]
fn eight_to_two(input: &[f32], output: &mut [f32], gains: [[f32; 2]; 4]) -> usize {
    let gains = spread(gains);
    let low = _mm512_setr_epi64(0, 4, 8, 12, 1, 5, 9, 13);
    let high = _mm512_setr_epi64(2, 6, 10, 14, 3, 7, 11, 15);
    let (blocks, _) = input.as_chunks::<64>();
    let (outputs, _) = output.as_chunks_mut::<16>();
    let frames = 8 * blocks.len().min(outputs.len());
    for (block, out) in blocks.iter().zip(outputs) {
        let (vectors, _) = block.as_chunks::<16>();
        let [a, b, c, d] = vectors else { continue };
        let (a, b, c, d) = (load(a), load(b), load(c), load(d));
        // Two frames a vector. First the pairs 0 and 1, and 2 and 3, of four frames side by side.
        let (ab01, ab23) = (
            _mm512_permutex2var_pd(a, low, b),
            _mm512_permutex2var_pd(a, high, b),
        );
        let (cd01, cd23) = (
            _mm512_permutex2var_pd(c, low, d),
            _mm512_permutex2var_pd(c, high, d),
        );
        let pairs = [
            _mm512_shuffle_f64x2::<0b01_00_01_00>(ab01, cd01),
            _mm512_shuffle_f64x2::<0b11_10_11_10>(ab01, cd01),
            _mm512_shuffle_f64x2::<0b01_00_01_00>(ab23, cd23),
            _mm512_shuffle_f64x2::<0b11_10_11_10>(ab23, cd23),
        ];
        store(out, sum(pairs, &gains));
    }
    frames
}

/// Frames of up to 16 channels, as many at a time as a vector holds; returns the frames done.
#[target_feature(enable = "avx512f")]
pub(crate) fn lanes(
    table: &Lanes,
    inputs: usize,
    outputs: usize,
    input: &[f32],
    output: &mut [f32],
) -> usize {
    match table.slots {
        0 | 1 => lanes_of::<1>(table, inputs, outputs, input, output),
        2 => lanes_of::<2>(table, inputs, outputs, input, output),
        3 => lanes_of::<3>(table, inputs, outputs, input, output),
        4 => lanes_of::<4>(table, inputs, outputs, input, output),
        5 => lanes_of::<5>(table, inputs, outputs, input, output),
        _ => lanes_of::<6>(table, inputs, outputs, input, output),
    }
}

#[target_feature(enable = "avx512f")]
fn lanes_of<const SLOTS: usize>(
    table: &Lanes,
    inputs: usize,
    outputs: usize,
    input: &[f32],
    output: &mut [f32],
) -> usize {
    let mut indices = [_mm512_setzero_si512(); SLOTS];
    let mut gains = [_mm512_setzero_ps(); SLOTS];
    let mut masks = [0_u16; SLOTS];
    for (to, from) in indices.iter_mut().zip(&table.indices) {
        let wide = from.map(i32::from);
        // SAFETY: the array is the 64 bytes that are read; no alignment is asked for.
        *to = unsafe { _mm512_loadu_epi32(wide.as_ptr()) };
    }
    for (to, from) in gains.iter_mut().zip(&table.gains) {
        *to = _mm512_castpd_ps(load(from));
    }
    masks
        .iter_mut()
        .zip(&table.masks)
        .for_each(|(to, from)| *to = *from);

    let (read, written) = (table.frames * inputs, table.frames * outputs);
    if read == 0 || written == 0 || read > 16 || written > 16 {
        return 0;
    }
    let (read_mask, write_mask) = (ones(read), ones(written));
    let mut frames = 0;
    for (x, y) in input
        .chunks_exact(read.max(1))
        .zip(output.chunks_exact_mut(written.max(1)))
    {
        // SAFETY: the mask lets no lane beyond the `read` samples of the slice be touched.
        let x = unsafe { _mm512_maskz_loadu_ps(read_mask, x.as_ptr()) };
        let mut sum = _mm512_setzero_ps();
        for slot in 0..SLOTS {
            let picked = _mm512_permutexvar_ps(indices[slot], x);
            if slot == 0 {
                sum = _mm512_maskz_mul_ps(masks[0], gains[0], picked);
            } else {
                let product = _mm512_mul_ps(gains[slot], picked);
                sum = _mm512_mask_add_ps(sum, masks[slot], sum, product);
            }
        }
        // SAFETY: the mask lets no lane beyond the `written` samples of the slice be touched.
        unsafe { _mm512_mask_storeu_ps(y.as_mut_ptr(), write_mask, sum) };
        frames += table.frames;
    }
    frames
}

/// The lowest `n` bits, `n` from 1 to 16.
fn ones(n: usize) -> u16 {
    u16::MAX >> (16 - n)
}
