//! What needs no shuffles by hand: plain loops, compiled again for each instruction set.

/// `duplicate` and `duplicate_in_place`.
macro_rules! moves {
    ($attr:meta) => {
        #[$attr]
        pub(in crate::simd) fn duplicate<S: Copy>(x: &[S], y: &mut [S]) {
            moves::duplicate(x, y);
        }

        #[$attr]
        pub(in crate::simd) fn duplicate_in_place<S: Copy>(
            block: &mut [S],
            at: usize,
            frames: usize,
        ) {
            moves::duplicate_in_place(block, at, frames);
        }
    };
}
pub(in crate::simd) use moves;

/// `average`.
macro_rules! averages {
    ($attr:meta) => {
        #[$attr]
        pub(in crate::simd) fn average(x: &[f32], y: &mut [f32]) {
            moves::average(x, y);
        }
    };
}
pub(in crate::simd) use averages;

/// Frames moved at a time.
const SPREAD: usize = 16;
/// In bytes.
const CACHE_LINE: usize = 64;

/// Mono to stereo, of samples of any type: smaller ones than `f32` by the block, as the compiler finds a
/// shuffle of bytes only there.
#[inline(always)]
pub(in crate::simd) fn duplicate<S: Copy>(input: &[S], output: &mut [S]) {
    let (frames, _) = output.as_chunks_mut::<2>();
    // As many of both, so that what is left behind the blocks of both belongs together.
    let count = frames.len().min(input.len());
    let mut rest = input.get(..count).unwrap_or_default();
    let mut last = frames.get_mut(..count).unwrap_or_default();
    if size_of::<S>() < size_of::<f32>() {
        let (blocks, few) = rest.as_chunks::<SPREAD>();
        let (out_blocks, few_out) = last.as_chunks_mut::<SPREAD>();
        for (to, from) in out_blocks.iter_mut().zip(blocks) {
            *to = from.map(|sample| [sample; 2]);
        }
        (rest, last) = (few, few_out);
    } else {
        // The first few frames are written twice, and stores behind them cross no cache line: with vectors, that
        // takes 0.6 of the time.
        let to_line = last.as_ptr().align_offset(CACHE_LINE);
        if (1..SPREAD).contains(&to_line)
            && let (Some(from), Some(to)) = (rest.first_chunk(), last.first_chunk_mut())
        {
            let from: &[S; SPREAD] = from;
            *to = from.map(|sample| [sample; 2]);
            rest = rest.get(to_line..).unwrap_or_default();
            last = last.get_mut(to_line..).unwrap_or_default();
        }
    }
    for (frame, sample) in last.iter_mut().zip(rest) {
        *frame = [*sample; 2];
    }
}

/// Mono that stands from `at` on to stereo from the front on: `at` is no less than `frames`, so that nothing
/// is written to before it has been read.
#[inline(always)]
pub(in crate::simd) fn duplicate_in_place<S: Copy>(block: &mut [S], at: usize, frames: usize) {
    let mut done = 0;
    while frames - done >= SPREAD {
        let from = block.get(at + done..).and_then(|x| x.first_chunk());
        let Some(from) = from.copied() else { return };
        let from: [S; SPREAD] = from;
        let to = block.get_mut(2 * done..).unwrap_or_default();
        if let ([to, ..], _) = to.as_chunks_mut::<2>().0.as_chunks_mut::<SPREAD>() {
            *to = from.map(|sample| [sample; 2]);
        }
        done += SPREAD;
    }
    for frame in done..frames {
        let Some(sample) = block.get(at + frame).copied() else {
            return;
        };
        if let Some(to) = block.get_mut(2 * frame..2 * frame + 2) {
            to.fill(sample);
        }
    }
}

/// Stereo to mono.
#[inline(always)]
pub(in crate::simd) fn average(input: &[f32], output: &mut [f32]) {
    let (frames, _) = input.as_chunks::<2>();
    for (sample, [left, right]) in output.iter_mut().zip(frames) {
        *sample = 0.5 * (left + right);
    }
}
