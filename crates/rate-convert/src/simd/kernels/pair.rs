//! Two groups of a banded table, the second `apart` frames after the first at each place. Each group gets what
//! `banded` gives, but where their windows overlap, one load feeds both: loads that cross cache lines are what bounds
//! these loops. Nothing is done where a place would reach beyond `x`, or where the groups do not overlap.

/// `banded_pair`.
macro_rules! pair {
    ($attr:meta, $inline:meta) => {
        #[$attr]
        pub(in crate::simd) fn banded_pair(
            rows: [&[f32]; 2],
            half: usize,
            apart: usize,
            x: &[f32],
            at: &[usize],
            out: &mut [Bank; 2],
        ) {
            match *at {
                [a] => banded_pair_at(rows, half, apart, x, [a], out),
                [a, b] => banded_pair_at(rows, half, apart, x, [a, b], out),
                [a, b, c] => banded_pair_at(rows, half, apart, x, [a, b, c], out),
                [a, b, c, d] => banded_pair_at(rows, half, apart, x, [a, b, c, d], out),
                _ => {}
            }
        }

        #[$inline]
        #[$attr]
        fn banded_pair_at<const N: usize>(
            rows: [&[f32]; 2],
            half: usize,
            apart: usize,
            x: &[f32],
            at: [usize; N],
            out: &mut [Bank; 2],
        ) {
            let count = rows[0].len() / LANES / 2;
            if apart > count || rows[0].len() != rows[1].len() {
                return;
            }
            let walk = Walk::new(
                Reach::<2, LANES>::new(rows, [0; 2], count * LANES, count, LANES),
                Reach::<N, LANES>::new([x; N], at, half, count + apart, 1),
            );
            let Some(walk) = walk else {
                return;
            };
            let mut front = [[Line::splat(0.0); N]; 2];
            let mut back = [[Line::splat(0.0); N]; 2];
            // In front the first group leads and the second trails; at the back it is the other way round.
            for (([c_front, _], [_, c_back]), (x_front, x_back)) in walk.leading() {
                let (c_front, c_back) = (Line::load(c_front), Line::load(c_back));
                for i in 0..N {
                    front[0][i] = front[0][i].fused(c_front, Line::load(x_front[i]));
                    back[1][i] = back[1][i].fused(c_back, Line::load(x_back[i]));
                }
            }
            for (lead, trail, (x_front, x_back)) in walk.both() {
                let (([front_first, _], [_, back_second]), ([_, front_second], [back_first, _])) =
                    (lead, trail);
                let (front_first, front_second) =
                    (Line::load(front_first), Line::load(front_second));
                let (back_first, back_second) = (Line::load(back_first), Line::load(back_second));
                for i in 0..N {
                    let (x_front, x_back) = (Line::load(x_front[i]), Line::load(x_back[i]));
                    front[0][i] = front[0][i].fused(front_first, x_front);
                    front[1][i] = front[1][i].fused(front_second, x_front);
                    back[0][i] = back[0][i].fused(back_first, x_back);
                    back[1][i] = back[1][i].fused(back_second, x_back);
                }
            }
            for (([_, c_front], [c_back, _]), (x_front, x_back)) in walk.trailing() {
                let (c_front, c_back) = (Line::load(c_front), Line::load(c_back));
                for i in 0..N {
                    front[1][i] = front[1][i].fused(c_front, Line::load(x_front[i]));
                    back[0][i] = back[0][i].fused(c_back, Line::load(x_back[i]));
                }
            }
            const { assert!(N <= BANK) };
            for group in 0..2 {
                for i in 0..N {
                    front[group][i]
                        .plus(back[group][i])
                        .store(&mut out[group][i]);
                }
            }
        }
    };
}
pub(in crate::simd) use pair;
