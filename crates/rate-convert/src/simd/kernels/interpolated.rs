//! Each output from its own row, interpolated between four; rows are `stride` apart, a multiple of [`LANES`]. Stops at a
//! point that would reach beyond the table or `x`.

use crate::simd::shapes::LANES;

/// `interpolated`. Rows of the usual lengths, `$lines` lines, are compiled without a loop.
macro_rules! interpolated {
    ($attr:meta, $inline:meta, [$($lines:literal),*]) => {
        #[$attr]
        pub(in crate::simd) fn interpolated(
            table: &[f32],
            stride: usize,
            x: &[f32],
            points: &Points,
            out: &mut [f32],
        ) {
            match stride / LANES {
                $($lines => interpolated_of::<$lines>(table, stride, x, points, out),)*
                _ => interpolated_of::<0>(table, stride, x, points, out),
            }
        }

        /// Rows of `LINES` lines, or, if that is 0, of any number.
        #[$inline]
        #[$attr]
        fn interpolated_of<const LINES: usize>(
            table: &[f32],
            stride: usize,
            x: &[f32],
            points: &Points,
            out: &mut [f32],
        ) {
            let lines = if LINES > 0 { LINES } else { stride / LANES };
            let stride = lines * LANES;
            let pairs = lines / 2;
            let [w0, w1, w2, w3] = cubics(&points.above);
            let weights = w0.iter().zip(&w1).zip(w2.iter().zip(&w3));
            let points = points.places.iter().zip(weights);
            for (out, ((at, row), ((w0, w1), (w2, w3)))) in out.iter_mut().zip(points) {
                let Some(rows) = table.get(row * stride..(row + 4) * stride) else {
                    return;
                };
                let Some(x) = x.get(*at..at + stride) else {
                    return;
                };
                let (rows, x) = (rows.as_chunks::<LANES>().0, x.as_chunks::<LANES>().0);
                let Some((first, second)) = rows.split_at_checked(2 * lines) else {
                    return;
                };
                let (Some((row0, row1)), Some((row2, row3))) = (
                    first.split_at_checked(lines),
                    second.split_at_checked(lines),
                ) else {
                    return;
                };
                let rows = [row0, row1, row2, row3];
                let weights = [
                    Line::splat(*w0),
                    Line::splat(*w1),
                    Line::splat(*w2),
                    Line::splat(*w3),
                ];
                let mut front = Line::splat(0.0);
                let mut back = Line::splat(0.0);
                let from_front = columns(rows, x.get(..pairs).unwrap_or(&[]));
                let mut from_back = columns(rows, x).rev();
                for ((c_front, x_front), (c_back, x_back)) in from_front.zip(&mut from_back) {
                    front = front.fused(between(weights, c_front), Line::load(x_front));
                    back = back.fused(between(weights, c_back), Line::load(x_back));
                }
                // The line in the middle, where their number is odd.
                if lines % 2 == 1
                    && let Some((c, x)) = from_back.next()
                {
                    back = back.fused(between(weights, c), Line::load(x));
                }
                *out = front.plus(back).sum();
            }
        }

        /// A line of coefficients between four rows.
        #[$inline]
        #[$attr]
        fn between(weights: [Line; 4], rows: [&[f32; LANES]; 4]) -> Line {
            let [w0, w1, w2, w3] = weights;
            let [row0, row1, row2, row3] = rows;
            w0.times(Line::load(row0))
                .fused(w3, Line::load(row3))
                .fused(w1, Line::load(row1))
                .fused(w2, Line::load(row2))
        }
    };
}
pub(in crate::simd) use interpolated;

/// The lines of four rows and of the samples that they meet.
#[inline(always)]
pub(in crate::simd) fn columns<'a>(
    [row0, row1, row2, row3]: [&'a [[f32; LANES]]; 4],
    x: &'a [[f32; LANES]],
) -> impl DoubleEndedIterator<Item = ([&'a [f32; LANES]; 4], &'a [f32; LANES])> {
    let rows = (row0.iter().zip(row1)).zip(row2.iter().zip(row3));
    rows.zip(x)
        .map(|(((c0, c1), (c2, c3)), x)| ([c0, c1, c2, c3], x))
}

/// Lagrange's weights for the values at -1, 0, 1 and 2 of cubics, each at its `t`, 0.0..=1.0.
#[inline(always)]
pub(in crate::simd) fn cubics(t: &[f64; LANES]) -> [[f32; LANES]; 4] {
    let mut weights = [[0.0; LANES]; 4];
    for (n, t) in t.iter().enumerate() {
        let (before, next, after) = (t + 1.0, t - 1.0, t - 2.0);
        weights[0][n] = (t * next * after / -6.0) as f32;
        weights[1][n] = (before * next * after / 2.0) as f32;
        weights[2][n] = (before * t * after / -2.0) as f32;
        weights[3][n] = (before * t * next / 6.0) as f32;
    }
    weights
}
