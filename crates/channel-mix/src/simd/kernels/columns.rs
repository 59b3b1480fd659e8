//! AVX2: one output or two, of any number of inputs. Of sixteen frames, four channels at a time are
//! turned over in registers into vectors of one channel each and added to the sums. Nothing is written
//! but the output.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86")]
use core::arch::x86::*;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::*;

use super::avx2::{four_columns, store};
use crate::plan::quads::{Quad, Quads};

/// Frames at a time: two vectors for each sum, so that one need not wait for the other.
const FRAMES: usize = 16;

/// Two vectors of one channel each, or of one sum.
type Pair = [__m256; 2];

/// Returns the frames done; the last few are left to another.
#[target_feature(enable = "avx2")]
#[inline]
pub(crate) fn columns(table: &Quads, outputs: usize, input: &[f32], output: &mut [f32]) -> usize {
    match outputs {
        1 => columns_of::<1>(table, input, output),
        _ => columns_of::<2>(table, input, output),
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn columns_of<const ROWS: usize>(table: &Quads, input: &[f32], output: &mut [f32]) -> usize {
    let inputs = table.inputs;
    // Of a frame of fewer than four channels, four samples are read all the same.
    let read = FRAMES * inputs + 4_usize.saturating_sub(inputs);
    let mut frames = 0;
    for y in output.chunks_exact_mut(FRAMES * ROWS) {
        let first = frames * inputs;
        let Some(x) = input.get(first..first + read) else {
            break;
        };
        let mut sums = [[_mm256_setzero_ps(); 2]; ROWS];
        for (sums, empty) in sums.iter_mut().zip(table.empty) {
            *sums = [_mm256_set1_ps(empty); 2];
        }
        for quad in table.get() {
            // SAFETY: the quad's four channels are within a frame, or are the first four samples from
            // its start on; `x` has sixteen frames and those.
            let (a, b) = unsafe {
                let rows = x.as_ptr().add(usize::from(quad.start));
                (
                    four_columns(rows, inputs),
                    four_columns(rows.add(FRAMES / 2 * inputs), inputs),
                )
            };
            let all = [0x55, 0xFF][ROWS - 1];
            if quad.terms & all == all {
                add::<ROWS, true>(&mut sums, quad, a, b);
            } else {
                add::<ROWS, false>(&mut sums, quad, a, b);
            }
        }
        write(&sums, y);
        frames += FRAMES;
    }
    frames
}

/// Adds the products of a quad, in channel order; with `ALL`, without a look at which there are.
#[target_feature(enable = "avx2")]
#[inline]
fn add<const ROWS: usize, const ALL: bool>(
    sums: &mut [Pair; ROWS],
    quad: &Quad,
    a: [__m256; 4],
    b: [__m256; 4],
) {
    for (n, (a, b)) in a.into_iter().zip(b).enumerate() {
        for (row, sums) in sums.iter_mut().enumerate() {
            if ALL || quad.terms >> (2 * n + row) & 1 == 1 {
                let gain = _mm256_broadcast_ss(&quad.gains[n][row & 1]);
                sums[0] = _mm256_add_ps(sums[0], _mm256_mul_ps(gain, a));
                sums[1] = _mm256_add_ps(sums[1], _mm256_mul_ps(gain, b));
            }
        }
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn write<const ROWS: usize>(sums: &[Pair; ROWS], to: &mut [f32]) {
    let (vectors, _) = to.as_chunks_mut::<8>();
    match (&sums[..], vectors) {
        ([sum], [first, second]) => {
            store(first, sum[0]);
            store(second, sum[1]);
        }
        ([left, right], [a, b, c, d]) => {
            for (n, [first, second]) in [[a, b], [c, d]].into_iter().enumerate() {
                let low = _mm256_unpacklo_ps(left[n], right[n]);
                let high = _mm256_unpackhi_ps(left[n], right[n]);
                store(first, _mm256_permute2f128_ps::<0x20>(low, high));
                store(second, _mm256_permute2f128_ps::<0x31>(low, high));
            }
        }
        _ => {}
    }
}
