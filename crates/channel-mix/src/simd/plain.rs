//! Interleaved kernels that need no shuffles by hand: the compiler vectorises them.

/// Mono to stereo, of samples of any type: smaller ones than `f32` by the block, as the compiler finds a
/// shuffle of bytes only there.
#[inline(always)]
pub(crate) fn duplicate<S: Copy>(input: &[S], output: &mut [S]) {
    let (frames, _) = output.as_chunks_mut::<2>();
    // As many of both, so that what is left behind the blocks of both belongs together.
    let count = frames.len().min(input.len());
    let mut rest = input.get(..count).unwrap_or_default();
    let mut last = frames.get_mut(..count).unwrap_or_default();
    if size_of::<S>() < size_of::<f32>() {
        let (blocks, few) = rest.as_chunks::<16>();
        let (out_blocks, few_out) = last.as_chunks_mut::<16>();
        for (to, from) in out_blocks.iter_mut().zip(blocks) {
            *to = from.map(|sample| [sample; 2]);
        }
        (rest, last) = (few, few_out);
    }
    for (frame, sample) in last.iter_mut().zip(rest) {
        *frame = [*sample; 2];
    }
}

/// Frames moved at a time in place.
const SPREAD: usize = 16;

/// Mono that stands from `at` on to stereo from the front on: `at` is no less than `frames`, so that nothing
/// is written to before it has been read.
#[inline(always)]
pub(crate) fn duplicate_in_place<S: Copy>(block: &mut [S], at: usize, frames: usize) {
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
pub(crate) fn average(input: &[f32], output: &mut [f32]) {
    let (frames, _) = input.as_chunks::<2>();
    for (sample, [left, right]) in output.iter_mut().zip(frames) {
        *sample = 0.5 * (left + right);
    }
}

/// The most pairs of channels that [`pairs`] mixes.
pub(crate) const MAX_PAIRS: usize = 6;

/// For each pair of channels, the gains of its left and its right.
pub(crate) type PairGains = [[f32; 2]; MAX_PAIRS];

/// Whether the second pair is a centre, which goes to both sides, and an LFE, which goes nowhere: so in
/// all layouts of an even number of channels but quad.
pub(crate) fn has_centre(inputs: usize) -> bool {
    inputs != 4
}

/// Pairs of channels, left and right, to stereo: as many vectors of two as there are pairs.
#[inline(always)]
pub(crate) fn pairs(inputs: usize, gains: &PairGains, input: &[f32], output: &mut [f32]) {
    match inputs {
        4 => pairs_of::<4>(gains, input, output),
        6 => pairs_of::<6>(gains, input, output),
        8 => pairs_of::<8>(gains, input, output),
        10 => pairs_of::<10>(gains, input, output),
        _ => pairs_of::<12>(gains, input, output),
    }
}

#[inline(always)]
fn pairs_of<const INPUTS: usize>(gains: &PairGains, input: &[f32], output: &mut [f32]) {
    let ((frames, _), (outputs, _)) = (input.as_chunks::<INPUTS>(), output.as_chunks_mut::<2>());
    for (frame, out) in frames.iter().zip(outputs) {
        let (pairs, _) = frame.as_chunks::<2>();
        let mut sum = [0.0; 2];
        for (n, ([left, right], [to_left, to_right])) in pairs.iter().zip(gains).enumerate() {
            let centre = n == 1 && has_centre(INPUTS);
            let product = [to_left * left, to_right * if centre { left } else { right }];
            sum = match n {
                0 => product,
                _ => [sum[0] + product[0], sum[1] + product[1]],
            };
        }
        *out = sum;
    }
}
