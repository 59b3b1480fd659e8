//! Each output from a window of samples and a row of taps, which are cubics of a position. Stops at a point that would
//! reach beyond the table or `x`.

/// `interpolated`. Rows of the usual lengths, `$lines` lines, are compiled without a loop.
macro_rules! interpolated {
    ($attr:meta, $inline:meta, [$($lines:literal),*]) => {
        #[$attr]
        pub(in crate::simd) fn interpolated(
            cubics: &Cubics<'_>,
            x: &[f32],
            first: Offset,
            points: &Points,
            out: &mut [f32],
        ) {
            match cubics.lines {
                $($lines => interpolated_of::<$lines>(cubics, x, first, points, out),)*
                _ => interpolated_of::<0>(cubics, x, first, points, out),
            }
        }

        /// Rows of `LINES` lines, or, if that is 0, of any number.
        #[$inline]
        #[$attr]
        fn interpolated_of<const LINES: usize>(
            cubics: &Cubics<'_>,
            x: &[f32],
            first: Offset,
            points: &Points,
            out: &mut [f32],
        ) {
            let lines = if LINES > 0 { LINES } else { cubics.lines };
            let stride = lines * LANES;
            let windows = cubics.windows(first, points);
            let starts = windows.starts.iter().zip(&windows.phases);
            for (out, ((start, phase), above)) in out.iter_mut().zip(starts.zip(&windows.above)) {
                let (start, row) = (*start as usize, *phase as usize * 4 * stride);
                let (Some(row), Some(x)) = (
                    cubics.coefficients.get(row..row + 4 * stride),
                    x.get(start..start + stride),
                ) else {
                    return;
                };
                let row = row.as_chunks::<LANES>().0.as_chunks::<4>().0;
                let x = x.as_chunks::<LANES>().0;
                let above = Line::splat(*above);
                if let ([cubic], [x]) = (row, x) {
                    *out = taps(cubic, above).times(Line::load(x)).sum();
                    continue;
                }
                let mut columns = row.iter().zip(x);
                let mut front = Line::splat(0.0);
                let mut back = Line::splat(0.0);
                for _ in 0..lines / 2 {
                    if let (Some((cubic, x)), Some((cubic_back, x_back))) =
                        (columns.next(), columns.next_back())
                    {
                        front = front.fused(taps(cubic, above), Line::load(x));
                        back = back.fused(taps(cubic_back, above), Line::load(x_back));
                    }
                }
                // The line in the middle, where their number is odd.
                if let Some((cubic, x)) = columns.next() {
                    back = back.fused(taps(cubic, above), Line::load(x));
                }
                *out = front.plus(back).sum();
            }
        }

        /// A line of taps. Both halves of the cubic are worked side by side, so that neither waits for the other.
        #[$inline]
        #[$attr]
        fn taps([c0, c1, c2, c3]: &[[f32; LANES]; 4], above: Line) -> Line {
            let lower = Line::load(c0).fused(above, Line::load(c1));
            let upper = Line::load(c2).fused(above, Line::load(c3));
            lower.fused(above.times(above), upper)
        }
    };
}
pub(in crate::simd) use interpolated;
