//! One group of a banded table at up to [`BANK`](crate::simd::BANK) places. The first half of `rows` belongs to the
//! first taps, whose row `m` meets `x[at[i] + m + j]` in lane `j`; row `m` of the second half meets `x[at[i] + half +
//! m + j]`. Nothing is done where a place would reach beyond `x`.

/// `banded`, line by line, at as many places at once as there are registers for.
macro_rules! banded {
    ($attr:meta, $inline:meta, $at_once:literal) => {
        #[$attr]
        pub(in crate::simd) fn banded(
            rows: &[f32],
            half: usize,
            x: &[f32],
            at: &[usize],
            out: &mut Bank,
        ) {
            for (at, out) in at.chunks($at_once).zip(out.chunks_mut($at_once)) {
                match *at {
                    [a] => banded_at(rows, half, x, [a], out),
                    [a, b] => banded_at(rows, half, x, [a, b], out),
                    [a, b, c] if $at_once > 2 => banded_at(rows, half, x, [a, b, c], out),
                    [a, b, c, d] if $at_once > 2 => banded_at(rows, half, x, [a, b, c, d], out),
                    _ => {}
                }
            }
        }

        #[$inline]
        #[$attr]
        fn banded_at<const N: usize>(
            rows: &[f32],
            half: usize,
            x: &[f32],
            at: [usize; N],
            out: &mut [[f32; LANES]],
        ) {
            let count = rows.len() / LANES / 2;
            let walk = Walk::new(
                Reach::<1, LANES>::new([rows], [0], count * LANES, count, LANES),
                Reach::<N, LANES>::new([x; N], at, half, count, 1),
            );
            let (Some(walk), Some(out)) = (walk, out.first_chunk_mut::<N>()) else {
                return;
            };
            let mut front = [Line::splat(0.0); N];
            let mut back = [Line::splat(0.0); N];
            for (([c_front], [c_back]), _, (x_front, x_back)) in walk.both() {
                let (c_front, c_back) = (Line::load(c_front), Line::load(c_back));
                for i in 0..N {
                    front[i] = front[i].fused(c_front, Line::load(x_front[i]));
                    back[i] = back[i].fused(c_back, Line::load(x_back[i]));
                }
            }
            for i in 0..N {
                front[i].plus(back[i]).store(&mut out[i]);
            }
        }
    };
}
pub(in crate::simd) use banded;

/// `banded` where a line is two words, with the same bits as line by line. Lanes 8 to 15 of a row read 8 frames after
/// lanes 0 to 7. So what the upper half needs for one row, the lower half needs 8 rows later: where the upper half
/// trails by 8 rows (and leads in the accumulator that runs backwards), each load of the history feeds both, and half
/// of the loads are saved. Loads, many of them across cache lines, are what bounds this loop.
macro_rules! banded_halves {
    ($attr:meta, $inline:meta) => {
        #[$attr]
        pub(in crate::simd) fn banded(
            rows: &[f32],
            half: usize,
            x: &[f32],
            at: &[usize],
            out: &mut Bank,
        ) {
            match *at {
                [a] => banded_at(rows, half, x, [a], out),
                [a, b] => banded_at(rows, half, x, [a, b], out),
                [a, b, c] => banded_at(rows, half, x, [a, b, c], out),
                // More than three at once have no room in the registers.
                [a, b, c, d] => {
                    let (first, second) = out.split_at_mut(2);
                    banded_at(rows, half, x, [a, b], first);
                    banded_at(rows, half, x, [c, d], second);
                }
                _ => {}
            }
        }

        #[$inline]
        #[$attr]
        fn banded_at<const N: usize>(
            rows: &[f32],
            half: usize,
            x: &[f32],
            at: [usize; N],
            out: &mut [[f32; LANES]],
        ) {
            const APART: usize = Word::WIDTH;
            let count = rows.len() / LANES / 2;
            let walk = Walk::new(
                Reach::<1, LANES>::new([rows], [0], count * LANES, count, LANES),
                Reach::<N, APART>::new([x; N], at, half, count + APART, 1),
            );
            let (Some(walk), Some(out)) = (walk, out.first_chunk_mut::<N>()) else {
                return;
            };
            let mut front = [[Word::splat(0.0); 2]; N];
            let mut back = [[Word::splat(0.0); 2]; N];
            // In front the lower words lead and the upper ones trail; at the back it is the other way round.
            for (([c_front], [c_back]), (x_front, x_back)) in walk.leading() {
                let (lower, upper) = (Line::load(c_front).0, Line::load(c_back).1);
                for i in 0..N {
                    front[i][0] = front[i][0].fused(lower, Word::load(x_front[i]));
                    back[i][1] = back[i][1].fused(upper, Word::load(x_back[i]));
                }
            }
            for (lead, trail, (x_front, x_back)) in walk.both() {
                let (([front_lead], [back_lead]), ([front_trail], [back_trail])) = (lead, trail);
                let front_lower = Line::load(front_lead).0;
                let front_upper = Line::load(front_trail).1;
                let back_lower = Line::load(back_trail).0;
                let back_upper = Line::load(back_lead).1;
                for i in 0..N {
                    let (x_front, x_back) = (Word::load(x_front[i]), Word::load(x_back[i]));
                    front[i][0] = front[i][0].fused(front_lower, x_front);
                    front[i][1] = front[i][1].fused(front_upper, x_front);
                    back[i][0] = back[i][0].fused(back_lower, x_back);
                    back[i][1] = back[i][1].fused(back_upper, x_back);
                }
            }
            for (([c_front], [c_back]), (x_front, x_back)) in walk.trailing() {
                let (upper, lower) = (Line::load(c_front).1, Line::load(c_back).0);
                for i in 0..N {
                    front[i][1] = front[i][1].fused(upper, Word::load(x_front[i]));
                    back[i][0] = back[i][0].fused(lower, Word::load(x_back[i]));
                }
            }
            for i in 0..N {
                let ([lower, upper], [back_lower, back_upper]) = (front[i], back[i]);
                Line(lower.plus(back_lower), upper.plus(back_upper)).store(&mut out[i]);
            }
        }
    };
}
pub(in crate::simd) use banded_halves;
