//! Squares of eight frames by eight channels, turned over between interleaved memory and planes.

use super::planes::{Plane, TILE_FRAMES};

/// Turns squares of eight frames by eight channels over, which no plain loop does well. `stride` is
/// the number of channels in the interleaved memory, `at` the first of the eight frames in the planes: 0, 8, 16 or 24.
pub(crate) trait Transpose: Copy {
    /// Samples in a vector; there are registers for sixteen of them.
    const VECTOR: usize;
    /// `to[channel][at + frame] = from[frame * stride + channel]`. `from` has `7 * stride + 8` samples, or nothing is of
    /// use.
    fn gather(self, from: &[f32], stride: usize, to: &mut [Plane; 8], at: usize);
    /// `to[frame * stride + channel] = from[channel][at + frame]`, frame after frame, eight samples each even if the
    /// stride is less. `to` has room for `7 * stride + 8`, or nothing is of use.
    fn scatter(self, from: &[Plane; 8], at: usize, to: &mut [f32], stride: usize);
}

/// With moves one by one.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Plain;

impl Transpose for Plain {
    const VECTOR: usize = 4;

    #[inline(always)]
    fn gather(self, from: &[f32], stride: usize, to: &mut [Plane; 8], at: usize) {
        for frame in 0..8 {
            let row = from
                .get(frame * stride..)
                .and_then(|f| f.first_chunk::<8>());
            for (plane, sample) in to.iter_mut().zip(row.into_iter().flatten()) {
                plane[(at + frame) & (TILE_FRAMES - 1)] = *sample;
            }
        }
    }

    #[inline(always)]
    fn scatter(self, from: &[Plane; 8], at: usize, to: &mut [f32], stride: usize) {
        for frame in 0..8 {
            let row = to
                .get_mut(frame * stride..)
                .and_then(|t| t.first_chunk_mut::<8>());
            for (sample, plane) in row.into_iter().flatten().zip(from) {
                *sample = plane[(at + frame) & (TILE_FRAMES - 1)];
            }
        }
    }
}

/// With words; see [`squares`].
#[derive(Clone, Copy)]
pub(in crate::simd) struct ByWords<const VECTOR: usize, G, S> {
    pub(in crate::simd) gather: G,
    pub(in crate::simd) scatter: S,
}

impl<const VECTOR: usize, G, S> Transpose for ByWords<VECTOR, G, S>
where
    G: Fn(&[f32], usize, &mut [Plane; 8], usize) + Copy,
    S: Fn(&[Plane; 8], usize, &mut [f32], usize) + Copy,
{
    const VECTOR: usize = VECTOR;

    #[inline(always)]
    fn gather(self, from: &[f32], stride: usize, to: &mut [Plane; 8], at: usize) {
        (self.gather)(from, stride, to, at);
    }

    #[inline(always)]
    fn scatter(self, from: &[Plane; 8], at: usize, to: &mut [f32], stride: usize) {
        (self.scatter)(from, at, to, stride);
    }
}

/// `squares`, a [`Transpose`] by words of eight. It is made of closures, as they inherit what their maker may use.
macro_rules! squares {
    ($attr:meta, $inline:meta, $vector:literal) => {
        #[$inline]
        #[$attr]
        fn squares() -> impl Transpose {
            ByWords::<$vector, _, _> {
                gather: |from: &[f32], stride: usize, to: &mut [Plane; 8], at: usize| {
                    gather(from, stride, to, at);
                },
                scatter: |from: &[Plane; 8], at: usize, to: &mut [f32], stride: usize| {
                    scatter(from, at, to, stride);
                },
            }
        }

        #[$inline]
        #[$attr]
        fn gather(from: &[f32], stride: usize, to: &mut [Plane; 8], at: usize) {
            let Some(rows) = Rows::<8, 8>::new(from, stride, 0) else {
                return;
            };
            let columns = turned(rows.get(0));
            for (plane, column) in to.iter_mut().zip(columns) {
                if let Some(to) = plane.as_chunks_mut().0.get_mut(at / 8) {
                    column.store(to);
                }
            }
        }

        #[$inline]
        #[$attr]
        fn scatter(from: &[Plane; 8], at: usize, to: &mut [f32], stride: usize) {
            let Some(mut to) = RowsMut::<8, 8>::new(to, stride) else {
                return;
            };
            let rows = turned(eights(from, at));
            for (n, row) in rows.into_iter().enumerate() {
                row.store(to.row(n));
            }
        }

        /// Eight rows of eight samples to columns.
        #[$inline]
        #[$attr]
        fn turned(rows: [&[f32; 8]; 8]) -> [Word; 8] {
            let [x0, x1, x2, x3] = Word::columns(fours(rows, 0));
            let [x4, x5, x6, x7] = Word::columns(fours(rows, 1));
            [x0, x1, x2, x3, x4, x5, x6, x7]
        }
    };
}
pub(in crate::simd) use squares;

/// The first or the second four of each row. (A loop, as `array::map` is not always inlined.)
#[inline(always)]
pub(in crate::simd) fn fours(rows: [&[f32; 8]; 8], half: usize) -> [&[f32; 4]; 8] {
    let mut fours = [&[0.0; 4]; 8];
    for (four, row) in fours.iter_mut().zip(rows) {
        *four = &row.as_chunks().0[half & 1];
    }
    fours
}

/// Eight frames of each plane, from `at` on.
#[inline(always)]
pub(in crate::simd) fn eights(planes: &[Plane; 8], at: usize) -> [&[f32; 8]; 8] {
    let mut eights = [&[0.0; 8]; 8];
    for (eight, plane) in eights.iter_mut().zip(planes) {
        *eight = &plane.as_chunks().0[at / 8 % (TILE_FRAMES / 8)];
    }
    eights
}
