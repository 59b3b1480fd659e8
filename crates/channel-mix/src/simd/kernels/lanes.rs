//! Whole frames in a word: a lane of it is an output sample, and one permutation of the input a slot fetches what that
//! slot adds to it.

/// `lanes`: as many frames at a time as a word holds; returns the frames done. `$walk` is how it goes over the frames.
macro_rules! lanes {
    ($attr:meta, $inline:meta, $walk:ident) => {
        #[$attr]
        pub(in crate::simd) fn lanes(
            table: &Lanes,
            job: &Job<'_>,
            x: &[f32],
            y: &mut [f32],
        ) -> usize {
            match table.slots {
                0 | 1 => lanes_of::<1>(table, job, x, y),
                2 => lanes_of::<2>(table, job, x, y),
                3 => lanes_of::<3>(table, job, x, y),
                4 => lanes_of::<4>(table, job, x, y),
                5 => lanes_of::<5>(table, job, x, y),
                _ => lanes_of::<6>(table, job, x, y),
            }
        }

        #[$inline]
        #[$attr]
        fn lanes_of<const SLOTS: usize>(
            table: &Lanes,
            job: &Job<'_>,
            x: &[f32],
            y: &mut [f32],
        ) -> usize {
            let mut orders = [Order::new(&[0; 16]); SLOTS];
            let mut gains = [Word::splat(0.0); SLOTS];
            let mut masks = [Mask::new(0); SLOTS];
            for (to, from) in orders.iter_mut().zip(&table.indices) {
                *to = Order::new(from);
            }
            for (to, from) in gains.iter_mut().zip(&table.gains) {
                if let [first, ..] = from.as_chunks().0 {
                    *to = Word::load(first);
                }
            }
            for (to, from) in masks.iter_mut().zip(table.masks) {
                *to = Mask::new(from);
            }
            let mixed = |x: Word| {
                let mut sum = gains[0].times(x.permute(orders[0])).only(masks[0]);
                for slot in 1..SLOTS {
                    let product = gains[slot].times(x.permute(orders[slot]));
                    sum = sum.plus_where(masks[slot], product);
                }
                sum
            };
            let (inputs, outputs) = (job.inputs.get(), job.outputs.get());
            let (read, written) = (table.frames * inputs, table.frames * outputs);
            table.frames * $walk!(mixed, read, x, written, y)
        }
    };
}
pub(in crate::simd) use lanes;

/// By whole words, each write repaired by the next: the last few frames are left to another.
macro_rules! by_words {
    ($mixed:ident, $read:ident, $x:ident, $written:ident, $y:ident) => {{
        let mut steps = Steps::new($x, $read, $y, $written);
        while let Some((x, y)) = steps.next() {
            $mixed(Word::load(x)).store(y);
        }
        steps.done()
    }};
}
pub(in crate::simd) use by_words;

/// By as much as belongs to the frames.
macro_rules! by_frames {
    ($mixed:ident, $read:ident, $x:ident, $written:ident, $y:ident) => {{
        let mut steps = 0;
        let frames = $x.chunks_exact($read.max(1));
        for (x, y) in frames.zip($y.chunks_exact_mut($written.max(1))) {
            $mixed(Word::load_first(x)).store_first(y);
            steps += 1;
        }
        steps
    }};
}
pub(in crate::simd) use by_frames;
