//! Interleaved kernels that need no shuffles by hand: the compiler vectorises them.

/// Mono to stereo.
#[inline(always)]
pub(crate) fn duplicate(input: &[f32], output: &mut [f32]) {
    let (frames, _) = output.as_chunks_mut::<2>();
    for (frame, sample) in frames.iter_mut().zip(input) {
        *frame = [*sample; 2];
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

/// Marks an output of a channel map that no input feeds.
pub(crate) const SILENT: u8 = u8::MAX;

/// Each output is one input as it is, or silent.
#[inline(always)]
pub(crate) fn map(sources: &[u8], inputs: usize, input: &[f32], output: &mut [f32]) {
    let frames = input.chunks_exact(inputs.max(1));
    for (x, y) in frames.zip(output.chunks_exact_mut(sources.len().max(1))) {
        for (y, source) in y.iter_mut().zip(sources) {
            *y = x.get(usize::from(*source)).copied().unwrap_or(0.0);
        }
    }
}
