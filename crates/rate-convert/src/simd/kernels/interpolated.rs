//! Each output from a window of samples and a row of taps, which are cubics of a position. Stops at a point that would
//! reach beyond the table or `x`.
//!
//! `N` channels have the same taps, which are the greater part of the work: they are found once for all of them.

/// `interpolated`. Rows of the usual lengths, `$lines` lines, are compiled without a loop.
macro_rules! interpolated {
    ($attr:meta, $inline:meta, [$($lines:literal),*]) => {
        #[$attr]
        pub(in crate::simd) fn interpolated<const N: usize>(
            cubics: &Cubics<'_>,
            x: [&[f32]; N],
            first: Offset,
            points: &Points,
            out: [&mut [f32]; N],
        ) {
            match cubics.lines {
                $($lines => interpolated_of::<$lines, N>(cubics, x, first, points, out),)*
                _ => interpolated_of::<0, N>(cubics, x, first, points, out),
            }
        }

        /// Rows of `LINES` lines, or, if that is 0, of any number.
        #[$inline]
        #[$attr]
        fn interpolated_of<const LINES: usize, const N: usize>(
            cubics: &Cubics<'_>,
            x: [&[f32]; N],
            first: Offset,
            points: &Points,
            mut out: [&mut [f32]; N],
        ) {
            let lines = if LINES > 0 { LINES } else { cubics.lines };
            let stride = lines * LANES;
            let windows = cubics.windows(first, points);
            let outputs = out.first().map_or(0, |out| out.len()).min(LANES);
            for lane in 0..outputs {
                let start = windows.starts[lane] as usize;
                let row = windows.phases[lane] as usize * 4 * stride;
                let above = Line::splat(windows.above[lane]);
                let Some(row) = cubics.coefficients.get(row..row + 4 * stride) else {
                    return;
                };
                let row = row.as_chunks::<LANES>().0.as_chunks::<4>().0;
                let mut windows: [&[[f32; LANES]]; N] = [&[]; N];
                for (window, x) in windows.iter_mut().zip(x) {
                    let Some(x) = x.get(start..start + stride) else {
                        return;
                    };
                    *window = x.as_chunks().0;
                }
                if let [cubic] = row {
                    let taps = taps(cubic, above);
                    for (out, x) in out.iter_mut().zip(windows) {
                        if let (Some(out), [x]) = (out.get_mut(lane), x) {
                            *out = taps.times(Line::load(x)).sum();
                        }
                    }
                    continue;
                }
                let (mut front, mut back) = ([Line::splat(0.0); N], [Line::splat(0.0); N]);
                for at in 0..lines / 2 {
                    let at_back = lines - 1 - at;
                    if let (Some(cubic), Some(cubic_back)) = (row.get(at), row.get(at_back)) {
                        let (taps, taps_back) = (taps(cubic, above), taps(cubic_back, above));
                        for ((x, front), back) in windows.iter().zip(&mut front).zip(&mut back) {
                            if let (Some(x), Some(x_back)) = (x.get(at), x.get(at_back)) {
                                *front = front.fused(taps, Line::load(x));
                                *back = back.fused(taps_back, Line::load(x_back));
                            }
                        }
                    }
                }
                // The line in the middle, where their number is odd.
                if let (1, Some(cubic)) = (lines % 2, row.get(lines / 2)) {
                    let taps = taps(cubic, above);
                    for (x, back) in windows.iter().zip(&mut back) {
                        if let Some(x) = x.get(lines / 2) {
                            *back = back.fused(taps, Line::load(x));
                        }
                    }
                }
                for ((out, front), back) in out.iter_mut().zip(front).zip(back) {
                    if let Some(out) = out.get_mut(lane) {
                        *out = front.plus(back).sum();
                    }
                }
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
