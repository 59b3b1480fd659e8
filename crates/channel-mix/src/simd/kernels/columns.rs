//! One output or two, of any number of inputs. Of sixteen frames, four channels at a time are turned over in registers
//! into words of one channel each and added to the sums. Nothing is written but the output.

/// `columns`, for words of eight: two for each sum, so that one need not wait for the other. Returns the frames done; the
/// last few are left to another.
macro_rules! columns {
    ($attr:meta, $inline:meta) => {
        #[$attr]
        pub(in crate::simd) fn columns(
            table: &Quads,
            job: &Job<'_>,
            x: &[f32],
            y: &mut [f32],
        ) -> usize {
            match job.outputs.get() {
                1 => columns_of::<1>(table, x, y),
                _ => columns_of::<2>(table, x, y),
            }
        }

        #[$inline]
        #[$attr]
        fn columns_of<const ROWS: usize>(table: &Quads, x: &[f32], y: &mut [f32]) -> usize {
            const FRAMES: usize = 2 * Word::WIDTH;
            let inputs = table.inputs;
            let mut frames = 0;
            // Of a frame of fewer than four channels, four samples are read all the same.
            let blocks = Rows::<FRAMES, 4>::all(x, inputs, inputs.saturating_sub(4));
            for (y, rows) in y.chunks_exact_mut(FRAMES * ROWS).zip(blocks) {
                let mut sums = [[Word::splat(0.0); 2]; ROWS];
                for (sums, empty) in sums.iter_mut().zip(table.empty) {
                    *sums = [Word::splat(empty); 2];
                }
                for quad in table.get() {
                    let start = quad.start.into();
                    let rows = rows.get(start);
                    let ([a, b], _) = rows.as_chunks::<{ Word::WIDTH }>() else {
                        continue;
                    };
                    let (a, b) = (Word::columns(*a), Word::columns(*b));
                    if quad.full {
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
        #[$inline]
        #[$attr]
        fn add<const ROWS: usize, const ALL: bool>(
            sums: &mut [[Word; 2]; ROWS],
            quad: &Quad,
            a: [Word; 4],
            b: [Word; 4],
        ) {
            for (n, (a, b)) in a.into_iter().zip(b).enumerate() {
                for (row, sums) in sums.iter_mut().enumerate() {
                    if ALL || quad.terms >> (2 * n + row) & 1 == 1 {
                        let gain = Word::splat(quad.gains[n][row & 1]);
                        sums[0] = sums[0].plus(gain.times(a));
                        sums[1] = sums[1].plus(gain.times(b));
                    }
                }
            }
        }

        #[$inline]
        #[$attr]
        fn write<const ROWS: usize>(sums: &[[Word; 2]; ROWS], to: &mut [f32]) {
            match (&sums[..], to.as_chunks_mut().0) {
                ([sum], [first, second]) => {
                    sum[0].store(first);
                    sum[1].store(second);
                }
                ([left, right], [a, b, c, d]) => {
                    for (n, [first, second]) in [[a, b], [c, d]].into_iter().enumerate() {
                        let frames = Word::weave(left[n], right[n]);
                        frames.0.store(first);
                        frames.1.store(second);
                    }
                }
                _ => {}
            }
        }
    };
}
pub(in crate::simd) use columns;
