//! Each output from its own row, interpolated between the four rows from `point.row` on; rows are `stride` apart, a
//! multiple of [`LANES`](crate::simd::LANES). Stops at a point that would reach behind the table or `x`.

/// `interpolated`.
macro_rules! interpolated {
    ($attr:meta) => {
        #[$attr]
        pub(in crate::simd) fn interpolated(
            table: &[f32],
            stride: usize,
            x: &[f32],
            points: &[Point],
            out: &mut [f32],
        ) {
            let vectors = stride / LANES;
            let pairs = vectors / 2;
            for (out, point) in out.iter_mut().zip(points) {
                let Some(rows) = table.get(point.row * stride..(point.row + 4) * stride) else {
                    return;
                };
                let Some(x) = x.get(point.at..point.at + stride) else {
                    return;
                };
                let weights = point.weights;
                let places = [0, stride, 2 * stride, 3 * stride];
                let apart = (vectors - pairs) * LANES;
                let (Some(walk), Some(x_walk)) = (
                    Walk::<4, LANES>::new([rows; 4], places, apart, pairs, LANES),
                    Walk::<1, LANES>::new([x], [0], apart, pairs, LANES),
                ) else {
                    return;
                };
                let mut front = Line::splat(0.0);
                let mut back = Line::splat(0.0);
                for ((c_front, c_back), ([x_front], [x_back])) in walk.zip(x_walk) {
                    front = front.fused(between(weights, c_front), Line::load(x_front));
                    back = back.fused(between(weights, c_back), Line::load(x_back));
                }
                if vectors % 2 == 1 {
                    let middle = pairs * LANES;
                    let places = places.map(|place| place + middle);
                    let c = Walk::<4, LANES>::new([rows; 4], places, 0, 1, LANES);
                    let x = Walk::<1, LANES>::new([x], [middle], 0, 1, LANES);
                    for ((c, _), ([x], _)) in c.into_iter().flatten().zip(x.into_iter().flatten()) {
                        back = back.fused(between(weights, c), Line::load(x));
                    }
                }
                *out = front.plus(back).sum();
            }
        }

        /// A line of coefficients between four rows.
        #[inline]
        #[$attr]
        fn between(weights: [f32; 4], rows: [&[f32; LANES]; 4]) -> Line {
            let [w0, w1, w2, w3] = weights;
            let [row0, row1, row2, row3] = rows;
            Line::splat(w0)
                .times(Line::load(row0))
                .fused(Line::splat(w3), Line::load(row3))
                .fused(Line::splat(w1), Line::load(row1))
                .fused(Line::splat(w2), Line::load(row2))
        }
    };
}
pub(in crate::simd) use interpolated;
