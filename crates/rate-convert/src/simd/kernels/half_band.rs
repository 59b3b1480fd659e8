//! The half-band sums: `out[j] = sum of row[k] * x[j + k]`, where `row` is symmetric and `half_row` its first half.

/// `half_band`: the whole lines of `out` that `x` reaches. Where `$left` lines are left, `$sums` computes the first
/// `$done` of them.
macro_rules! half_band {
    ($attr:meta, $($left:pat => $done:literal: $sums:path),+) => {
        #[$attr]
        pub(in crate::simd) fn half_band(half_row: &[f32], x: &[f32], out: &mut [f32]) {
            let (mut x, mut out) = (x, out);
            loop {
                let done = match out.len() / LANES {
                    0 => return,
                    $($left => {
                        $sums(half_row, x, out);
                        $done * LANES
                    })+
                };
                x = x.get(done..).unwrap_or(&[]);
                out = out.get_mut(done..).unwrap_or_default();
            }
        }
    };
}
pub(in crate::simd) use half_band;

/// `half_band_lines`: the first `N` lines of `out`.
macro_rules! half_band_lines {
    ($attr:meta, $inline:meta) => {
        #[$inline]
        #[$attr]
        fn half_band_lines<const N: usize>(half_row: &[f32], x: &[f32], out: &mut [f32]) {
            let taps = half_row.len();
            let places = core::array::from_fn(|i| i * LANES);
            let walk = Walk::new(
                Reach::<1, 1>::new([half_row], [0], 0, taps, 1),
                Reach::<N, LANES>::new([x; N], places, taps, taps, 1),
            );
            let out = out.as_chunks_mut::<LANES>().0.first_chunk_mut::<N>();
            let (Some(out), Some(walk)) = (out, walk) else {
                return;
            };
            let mut front = [Line::splat(0.0); N];
            let mut back = [Line::splat(0.0); N];
            for (([[c]], _), _, (x_front, x_back)) in walk.both() {
                let c = Line::splat(*c);
                for i in 0..N {
                    front[i] = front[i].fused(c, Line::load(x_front[i]));
                    back[i] = back[i].fused(c, Line::load(x_back[i]));
                }
            }
            for i in 0..N {
                front[i].plus(back[i]).store(&mut out[i]);
            }
        }
    };
}
pub(in crate::simd) use half_band_lines;

/// `half_band_pairs`: the first `N` pairs of neighbouring words of `out`, with the same bits as line by line. The
/// second word of a pair reads a word's width of frames after the first. So what the second needs for one tap, the
/// first needs a word's width of taps later: where the second trails by as many (and leads in the accumulator that
/// runs backwards), each load of the history feeds two words. Loads, many of them across cache lines, are what bounds
/// this loop.
macro_rules! half_band_pairs {
    ($attr:meta, $inline:meta) => {
        #[$inline]
        #[$attr]
        pub(in crate::simd) fn half_band_pairs<const N: usize>(
            half_row: &[f32],
            x: &[f32],
            out: &mut [f32],
        ) {
            const APART: usize = Word::WIDTH;
            let taps = half_row.len();
            let places = core::array::from_fn(|i| i * 2 * APART);
            let walk = Walk::new(
                Reach::<1, 1>::new([half_row], [0], 0, taps, 1),
                Reach::<N, APART>::new([x; N], places, taps, taps + APART, 1),
            );
            let pairs = out.as_chunks_mut::<APART>().0.as_chunks_mut::<2>().0;
            let (Some(out), Some(walk)) = (pairs.first_chunk_mut::<N>(), walk) else {
                return;
            };
            let mut front = [[Word::splat(0.0); 2]; N];
            let mut back = [[Word::splat(0.0); 2]; N];
            // In front the first word leads and the second trails; at the back it is the other way round.
            for (([[lead]], _), (x_front, x_back)) in walk.leading() {
                let lead = Word::splat(*lead);
                for i in 0..N {
                    front[i][0] = front[i][0].fused(lead, Word::load(x_front[i]));
                    back[i][1] = back[i][1].fused(lead, Word::load(x_back[i]));
                }
            }
            for (([[lead]], _), ([[trail]], _), (x_front, x_back)) in walk.both() {
                let (lead, trail) = (Word::splat(*lead), Word::splat(*trail));
                for i in 0..N {
                    let (x_front, x_back) = (Word::load(x_front[i]), Word::load(x_back[i]));
                    front[i][0] = front[i][0].fused(lead, x_front);
                    back[i][1] = back[i][1].fused(lead, x_back);
                    front[i][1] = front[i][1].fused(trail, x_front);
                    back[i][0] = back[i][0].fused(trail, x_back);
                }
            }
            for (([[trail]], _), (x_front, x_back)) in walk.trailing() {
                let trail = Word::splat(*trail);
                for i in 0..N {
                    front[i][1] = front[i][1].fused(trail, Word::load(x_front[i]));
                    back[i][0] = back[i][0].fused(trail, Word::load(x_back[i]));
                }
            }
            for i in 0..N {
                front[i][0].plus(back[i][0]).store(&mut out[i][0]);
                front[i][1].plus(back[i][1]).store(&mut out[i][1]);
            }
        }
    };
}
pub(in crate::simd) use half_band_pairs;
