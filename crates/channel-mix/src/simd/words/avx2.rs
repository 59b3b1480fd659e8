//! AVX2. The loops of the other files compiled again, and by hand what is all shuffles.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86")]
use core::arch::x86::*;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::*;

use super::avx512::both_bits;
use crate::plan::lanes::Lanes;
use crate::simd::kernels::tile::{self, Io, Job, Plane, TILE_FRAMES, Transpose};
use crate::simd::plain::{self, MAX_PAIRS, PairGains, has_centre};

/// Turns squares over with shuffles. Only to be made where AVX2 is known to be there.
#[derive(Clone, Copy)]
pub(crate) struct Shuffles(());

impl Shuffles {
    #[target_feature(enable = "avx2")]
    pub(crate) fn new() -> Self {
        Self(())
    }
}

impl Transpose for Shuffles {
    const VECTOR: usize = 8;

    #[inline(always)]
    fn gather(self, from: &[f32], stride: usize, to: &mut [Plane; 8], at: usize) {
        // SAFETY: a `Shuffles` only comes from a function that AVX2 was needed to call.
        unsafe { gather(from, stride, to, at) }
    }

    #[inline(always)]
    fn scatter(self, from: &[Plane; 8], at: usize, to: &mut [f32], stride: usize) {
        // SAFETY: a `Shuffles` only comes from a function that AVX2 was needed to call.
        unsafe { scatter(from, at, to, stride) }
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn gather(from: &[f32], stride: usize, to: &mut [Plane; 8], at: usize) {
    if from.len() < 7 * stride + 8 || at > TILE_FRAMES - 8 {
        return;
    }
    let rows = from.as_ptr();
    // SAFETY: eight samples of each of eight rows, the last of which the length covers.
    let columns = unsafe { transpose(rows, stride) };
    for (plane, column) in to.iter_mut().zip(columns) {
        // SAFETY: `at` leaves eight samples to the end of the plane.
        unsafe { _mm256_storeu_ps(plane.as_mut_ptr().add(at), column) };
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn scatter(from: &[Plane; 8], at: usize, to: &mut [f32], stride: usize) {
    if to.len() < 7 * stride + 8 || at > TILE_FRAMES - 8 {
        return;
    }
    // SAFETY: the planes lie behind each other; `at` leaves eight samples to the end of each.
    let rows = unsafe { transpose(from.as_flattened().as_ptr().add(at), TILE_FRAMES) };
    for (n, row) in rows.into_iter().enumerate() {
        // SAFETY: eight samples in each of eight rows, the last of which the length covers.
        unsafe { _mm256_storeu_ps(to.as_mut_ptr().add(n * stride), row) };
    }
}

/// Reads eight rows of eight samples, `stride` apart, and turns them over.
///
/// # Safety
/// All of them must be readable.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn transpose(rows: *const f32, stride: usize) -> [__m256; 8] {
    // SAFETY: two halves of what the caller vouches for.
    let ([x0, x1, x2, x3], [x4, x5, x6, x7]) = unsafe {
        (
            four_columns(rows, stride),
            four_columns(rows.add(4), stride),
        )
    };
    [x0, x1, x2, x3, x4, x5, x6, x7]
}

/// Reads eight rows of four samples, `stride` apart, and turns them over.
///
/// # Safety
/// All of them must be readable.
#[target_feature(enable = "avx2")]
#[inline]
pub(super) unsafe fn four_columns(rows: *const f32, stride: usize) -> [__m256; 4] {
    // Rows n and n + 4 side by side: what is left to do stays within 128 bits.
    let [a, b, c, d] = [0, 1, 2, 3].map(|row| {
        // SAFETY: row 7 is the last, and the caller vouches for it.
        unsafe {
            let first = _mm_loadu_ps(rows.add(row * stride));
            let second = _mm_loadu_ps(rows.add((row + 4) * stride));
            _mm256_insertf128_ps::<1>(_mm256_castps128_ps256(first), second)
        }
    });
    let (ab01, ab23) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
    let (cd01, cd23) = (_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
    [
        _mm256_shuffle_ps::<0b01_00_01_00>(ab01, cd01),
        _mm256_shuffle_ps::<0b11_10_11_10>(ab01, cd01),
        _mm256_shuffle_ps::<0b01_00_01_00>(ab23, cd23),
        _mm256_shuffle_ps::<0b11_10_11_10>(ab23, cd23),
    ]
}

#[target_feature(enable = "avx2")]
pub(crate) fn tile<const CHANNELS: usize>(
    job: &Job<'_>,
    io: &mut impl Io,
    first: usize,
    end: usize,
) {
    tile::mix::<CHANNELS>(Shuffles::new(), job, io, first, end);
}

#[target_feature(enable = "avx2")]
pub(crate) fn duplicate<S: Copy>(input: &[S], output: &mut [S]) {
    plain::duplicate(input, output);
}

#[target_feature(enable = "avx2")]
pub(crate) fn duplicate_in_place<S: Copy>(block: &mut [S], at: usize, frames: usize) {
    plain::duplicate_in_place(block, at, frames);
}

#[target_feature(enable = "avx2")]
pub(crate) fn average(input: &[f32], output: &mut [f32]) {
    plain::average(input, output);
}

#[target_feature(enable = "avx2")]
fn load(from: &[f32; 8]) -> __m256d {
    // SAFETY: the reference covers the 32 bytes that are read; no alignment is asked for.
    _mm256_castps_pd(unsafe { _mm256_loadu_ps(from.as_ptr()) })
}

#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn store(to: &mut [f32; 8], x: __m256) {
    // SAFETY: the reference covers the 32 bytes that are written; no alignment is asked for.
    unsafe { _mm256_storeu_ps(to.as_mut_ptr(), x) }
}

/// One gain for the left and one for the right of four stereo frames.
#[target_feature(enable = "avx2")]
fn spread([left, right]: [f32; 2]) -> __m256 {
    _mm256_castpd_ps(_mm256_set1_pd(f64::from_bits(both_bits(left, right))))
}

/// Pairs of channels to stereo; returns the frames done.
#[target_feature(enable = "avx2")]
pub(crate) fn pairs(inputs: usize, gains: &PairGains, input: &[f32], output: &mut [f32]) -> usize {
    match inputs {
        4 => pairs_of::<4, 2>(gains, input, output),
        6 => six_to_two(gains, input, output),
        8 => pairs_of::<8, 4>(gains, input, output),
        10 => pairs_of::<10, 5>(gains, input, output),
        12 => pairs_of::<12, 6>(gains, input, output),
        _ => 0,
    }
}

/// Six channels to two, four frames at a time; returns the frames done. Each kind of pair lies in
/// lanes of its own in each of the three vectors: two blends and one permutation bring the four of a
/// kind together.
#[target_feature(enable = "avx2")]
fn six_to_two(gains: &PairGains, input: &[f32], output: &mut [f32]) -> usize {
    let [front, centre, back, ..] = gains.map(|g| spread(g));
    let (blocks, _) = input.as_chunks::<24>();
    let (outputs, _) = output.as_chunks_mut::<8>();
    let frames = 4 * blocks.len().min(outputs.len());
    for (block, out) in blocks.iter().zip(outputs) {
        let (vectors, _) = block.as_chunks::<8>();
        let [a, b, c] = vectors else { continue };
        let (a, b, c) = (load(a), load(b), load(c));
        // Pair `n` of the 12 is of kind `n % 3`. A set bit takes the lane from the later vector.
        let p0 = _mm256_blend_pd::<0b0010>(_mm256_blend_pd::<0b0100>(a, b), c);
        let p1 = _mm256_blend_pd::<0b0100>(_mm256_blend_pd::<0b1001>(a, b), c);
        let p2 = _mm256_blend_pd::<0b1001>(_mm256_blend_pd::<0b0010>(a, b), c);
        let p0 = _mm256_castpd_ps(_mm256_permute4x64_pd::<0b01_10_11_00>(p0));
        let p1 = _mm256_castpd_ps(_mm256_permute4x64_pd::<0b10_11_00_01>(p1));
        let p2 = _mm256_castpd_ps(_mm256_permute4x64_pd::<0b11_00_01_10>(p2));
        let sum = _mm256_mul_ps(front, p0);
        let sum = _mm256_add_ps(sum, _mm256_mul_ps(centre, _mm256_moveldup_ps(p1)));
        store(out, _mm256_add_ps(sum, _mm256_mul_ps(back, p2)));
    }
    frames
}

/// Four frames at a time. Two pairs of frames 0 and 2, and of 1 and 3, are read side by side, so that
/// one unpacking for each pair is all the shuffling there is.
#[target_feature(enable = "avx2")]
fn pairs_of<const INPUTS: usize, const PAIRS: usize>(
    gains: &PairGains,
    input: &[f32],
    output: &mut [f32],
) -> usize {
    const { assert!(INPUTS == 2 * PAIRS && INPUTS >= 4 && PAIRS <= MAX_PAIRS) };
    let gains: [__m256; PAIRS] = core::array::from_fn(|n| spread(gains[n]));
    let (blocks, _) = input.as_chunks::<INPUTS>().0.as_chunks::<4>();
    let (outputs, _) = output.as_chunks_mut::<8>();
    let frames = 4 * blocks.len().min(outputs.len());
    for ([f0, f1, f2, f3], out) in blocks.iter().zip(outputs) {
        let mut sum = _mm256_setzero_ps();
        for (n, gain) in gains.iter().enumerate() {
            // The last of an odd number is read with the one before it.
            let at = (n / 2 * 4).min(INPUTS - 4);
            let (even, odd) = (side_by_side(f0, f2, at), side_by_side(f1, f3, at));
            let pair = if 2 * n == at {
                _mm256_unpacklo_pd(even, odd)
            } else {
                _mm256_unpackhi_pd(even, odd)
            };
            let mut x = _mm256_castpd_ps(pair);
            if n == 1 && has_centre(INPUTS) {
                x = _mm256_moveldup_ps(x);
            }
            let product = _mm256_mul_ps(*gain, x);
            sum = if n == 0 {
                product
            } else {
                _mm256_add_ps(sum, product)
            };
        }
        store(out, sum);
    }
    frames
}

/// Four samples of each of two frames.
#[target_feature(enable = "avx2")]
#[inline]
fn side_by_side<const INPUTS: usize>(a: &[f32; INPUTS], b: &[f32; INPUTS], at: usize) -> __m256d {
    let at = at.min(const { INPUTS - 4 });
    // SAFETY: `at` leaves four samples to the end of either frame.
    unsafe {
        let (a, b) = (a.as_ptr().add(at).cast(), b.as_ptr().add(at).cast());
        _mm256_insertf128_pd::<1>(_mm256_castpd128_pd256(_mm_loadu_pd(a)), _mm_loadu_pd(b))
    }
}

/// Frames of up to 8 channels, as many at a time as a vector holds; returns the frames done. The last
/// few are left to another: whole vectors are read and written here, each write repaired by the next.
#[target_feature(enable = "avx2")]
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

#[target_feature(enable = "avx2")]
fn lanes_of<const SLOTS: usize>(
    table: &Lanes,
    inputs: usize,
    outputs: usize,
    input: &[f32],
    output: &mut [f32],
) -> usize {
    let mut indices = [_mm256_setzero_si256(); SLOTS];
    let mut gains = [_mm256_setzero_ps(); SLOTS];
    let mut masks = [_mm256_setzero_ps(); SLOTS];
    for slot in 0..SLOTS {
        let (Some(index), Some(gain), Some(mask)) = (
            table.indices.get(slot),
            table.gains.get(slot),
            table.masks.get(slot),
        ) else {
            continue;
        };
        let index: [i32; 8] = core::array::from_fn(|lane| i32::from(index[lane]));
        let mask: [f32; 8] = core::array::from_fn(|lane| {
            f32::from_bits(if mask >> lane & 1 == 1 { u32::MAX } else { 0 })
        });
        // SAFETY: the array is the 32 bytes that are read; no alignment is asked for.
        indices[slot] = unsafe { _mm256_loadu_si256(index.as_ptr().cast()) };
        if let Some(gain) = gain.first_chunk::<8>() {
            gains[slot] = _mm256_castpd_ps(load(gain));
        }
        masks[slot] = _mm256_castpd_ps(load(&mask));
    }
    let (read, written) = (table.frames * inputs, table.frames * outputs);
    let steps = |samples: usize, step: usize| match samples.checked_sub(8) {
        Some(rest) => rest.checked_div(step).map_or(0, |steps| steps + 1),
        None => 0,
    };
    let steps = steps(input.len(), read).min(steps(output.len(), written));
    let (x_at, y_at) = (input.as_ptr(), output.as_mut_ptr());
    for step in 0..steps {
        // SAFETY: each step but the first begins `read` samples after the one before, and the last of
        // them leaves eight to the end.
        let x = unsafe { _mm256_loadu_ps(x_at.add(step * read)) };
        let mut sum = _mm256_setzero_ps();
        for slot in 0..SLOTS {
            let picked = _mm256_permutevar8x32_ps(x, indices[slot]);
            let product = _mm256_mul_ps(gains[slot], picked);
            sum = if slot == 0 {
                _mm256_and_ps(product, masks[0])
            } else {
                _mm256_blendv_ps(sum, _mm256_add_ps(sum, product), masks[slot])
            };
        }
        // SAFETY: as above, of `written` samples.
        unsafe { _mm256_storeu_ps(y_at.add(step * written), sum) };
    }
    steps * table.frames
}
