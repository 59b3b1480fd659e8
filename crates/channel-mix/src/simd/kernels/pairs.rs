//! Pairs of channels, left and right, to stereo: for each pair the gains of its left and its right. Each kernel does as
//! many frames as make whole steps, and returns how many.

/// `pairs`; `$sums` does frames of `$inputs` channels.
macro_rules! pairs {
    ($attr:meta, $($inputs:pat => $sums:path),+) => {
        #[$attr]
        pub(in crate::simd) fn pairs(
            inputs: usize,
            gains: &PairGains,
            x: &[f32],
            y: &mut [f32],
        ) -> usize {
            match inputs {
                $($inputs => $sums(gains, x, y),)+
            }
        }
    };
}
pub(in crate::simd) use pairs;

/// `pairs_of`: four frames at a time, whose samples are two words of eight. Two pairs of frames 0 and 2, and of 1 and 3,
/// are read side by side, so that one unpacking for each pair is all the shuffling there is.
macro_rules! pairs_of {
    ($attr:meta, $inline:meta) => {
        #[$inline]
        #[$attr]
        pub(in crate::simd) fn pairs_of<const INPUTS: usize, const PAIRS: usize>(
            gains: &PairGains,
            x: &[f32],
            y: &mut [f32],
        ) -> usize {
            const { assert!(INPUTS == 2 * PAIRS && INPUTS >= 4 && PAIRS <= MAX_PAIRS) };
            let mut by = [Word::splat(0.0); PAIRS];
            for (by, gains) in by.iter_mut().zip(gains) {
                *by = Word::by_turns(*gains);
            }
            let blocks = x.as_chunks::<INPUTS>().0.as_chunks::<4>().0;
            let outputs = y.as_chunks_mut::<{ Word::WIDTH }>().0;
            let frames = 4 * blocks.len().min(outputs.len());
            for ([f0, f1, f2, f3], out) in blocks.iter().zip(outputs) {
                let mut sum = Word::splat(0.0);
                for (n, by) in by.iter().enumerate() {
                    // The last of an odd number is read with the one before it.
                    let at = (n / 2 * 4).min(INPUTS - 4);
                    let even = Word::load_fours(four(f0, at), four(f2, at));
                    let odd = Word::load_fours(four(f1, at), four(f3, at));
                    let mut x = if 2 * n == at {
                        even.first_pairs(odd)
                    } else {
                        even.second_pairs(odd)
                    };
                    if n == 1 && has_centre(INPUTS) {
                        x = x.lefts();
                    }
                    let product = by.times(x);
                    sum = if n == 0 { product } else { sum.plus(product) };
                }
                sum.store(out);
            }
            frames
        }
    };
}
pub(in crate::simd) use pairs_of;

/// Four samples of a frame.
#[inline(always)]
pub(in crate::simd) fn four<const INPUTS: usize>(frame: &[f32; INPUTS], at: usize) -> &[f32; 4] {
    let four = frame.get(at..).and_then(|frame| frame.first_chunk());
    four.unwrap_or(&[0.0; 4])
}

/// `six_to_two`: three words at a time. Three pairs a frame and a word's pairs share no factor, so each kind of pair lies
/// in lanes of its own in each of the three.
macro_rules! six_to_two {
    ($attr:meta, $inline:meta) => {
        #[$inline]
        #[$attr]
        fn six_to_two(gains: &PairGains, x: &[f32], y: &mut [f32]) -> usize {
            let [front, centre, back, ..] = *gains;
            let front = Word::by_turns(front);
            let centre = Word::by_turns(centre);
            let back = Word::by_turns(back);
            let blocks = x.as_chunks::<{ Word::WIDTH }>().0.as_chunks::<3>().0;
            let outputs = y.as_chunks_mut::<{ Word::WIDTH }>().0;
            let frames = Word::WIDTH / 2 * blocks.len().min(outputs.len());
            for ([a, b, c], out) in blocks.iter().zip(outputs) {
                let thirds = Word::thirds(Word::load(a), Word::load(b), Word::load(c));
                let sum = front.times(thirds.0);
                let sum = sum.plus(centre.times(thirds.1.lefts()));
                sum.plus(back.times(thirds.2)).store(out);
            }
            frames
        }
    };
}
pub(in crate::simd) use six_to_two;

/// `eight_to_two`: four words at a time, of two frames each.
macro_rules! eight_to_two {
    ($attr:meta, $inline:meta) => {
        #[$inline]
        #[$attr]
        fn eight_to_two(gains: &PairGains, x: &[f32], y: &mut [f32]) -> usize {
            let [front, centre, back, side, ..] = *gains;
            let front = Word::by_turns(front);
            let centre = Word::by_turns(centre);
            let back = Word::by_turns(back);
            let side = Word::by_turns(side);
            let blocks = x.as_chunks::<{ Word::WIDTH }>().0.as_chunks::<4>().0;
            let outputs = y.as_chunks_mut::<{ Word::WIDTH }>().0;
            let frames = Word::WIDTH / 2 * blocks.len().min(outputs.len());
            for ([a, b, c, d], out) in blocks.iter().zip(outputs) {
                let (a, b) = (Word::load(a), Word::load(b));
                let quarters = Word::quarters(a, b, Word::load(c), Word::load(d));
                let sum = front.times(quarters.0);
                let sum = sum.plus(centre.times(quarters.1.lefts()));
                let sum = sum.plus(back.times(quarters.2));
                sum.plus(side.times(quarters.3)).store(out);
            }
            frames
        }
    };
}
pub(in crate::simd) use eight_to_two;
