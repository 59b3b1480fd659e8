//! The stateful way from float to a device's format: dither, noise shaping, and counts of what was lost.

use crate::arith::{finite_f32, round_f32, round_small, round_small_away, scale_f32};
use crate::cast::{self, Sealed};
use crate::encoding::{Encoding, with_encoding};
use crate::format::SampleFormat;
use crate::noise::{self, LANES};
use crate::policy::{Dither, HALF_AWAY, NEAREST, Rounding, with_rounding};
use crate::sample::{Sample, copy};
use crate::simd::{self, Backend, Selected};

mod target;

pub use target::Quantized;
pub(crate) use target::quantize_plain;

use target::{Target, quantize_plain_to};

/// Most channels that a [`Quantizer`] keeps apart.
pub const MAX_CHANNELS: usize = 64;
/// Samples that noise is added to before they are encoded.
const BLOCK: usize = 256;
/// Groups of the generator that a block can touch.
const GROUPS: usize = BLOCK.div_ceil(LANES) + 1;
const SILENCE: &[[f32; LANES]] = &[[0.0; LANES]; GROUPS];
/// The longest noise shaper.
const MAX_TAPS: usize = 9;
const MEMORY: usize = MAX_TAPS * MAX_CHANNELS;

/// Quantizes interleaved `f32` into any format, with dither and noise shaping, and counts.
///
/// Output depends on the settings, the seed and the samples since construction or [`reset`](Self::reset),
/// never on how they are cut into calls, and not on the machine. Dither comes from a generator of 32 lanes;
/// sample `i` of the stream takes the next value of lane `i mod 32`. No two lanes share a value within 2^27
/// steps (2^32 samples). About 2.5 KiB; allocates nothing.
///
/// ```
/// use pcm_convert::{Dither, Quantizer, Rounding};
///
/// let mut quantizer = Quantizer::new(2, Rounding::NearestEven, Dither::Triangular, 1);
/// let mut out = [0_i16; 4];
/// let done = quantizer.quantize(&[0.25, -0.25, 2.0, f32::NAN], &mut out);
/// assert_eq!((done.samples, done.clipped, done.non_finite), (4, 1, 1));
/// assert!((out[0] - 8_192).abs() <= 1); // two LSBs of triangular noise, before rounding
/// ```
#[derive(Clone, Debug)]
pub struct Quantizer {
    selected: Selected,
    rounding: Rounding,
    dither: Dither,
    seed: u64,
    channels: usize,
    /// Lanes of the current group already used; 0 means that a new group is due.
    phase: usize,
    words: [u32; LANES],
    /// Noise shaping: the errors of the last frames, as many as the filter has taps, in LSB.
    /// High-pass dither: the uniform values of the last frame. Interleaved, oldest first.
    memory: [f32; MEMORY],
}

impl Quantizer {
    /// For `channels` interleaved channels, 1..=64; 0 counts as 1, more than 64 as 64 (channels then share
    /// the history of noise shaping, and nothing else). Equal seeds give equal dither.
    pub fn new(channels: usize, rounding: Rounding, dither: Dither, seed: u64) -> Self {
        let mut new = Self {
            selected: Selected::detect(),
            rounding,
            dither,
            seed,
            channels: channels.clamp(1, MAX_CHANNELS),
            phase: 0,
            words: [0; LANES],
            memory: [0.0; MEMORY],
        };
        new.reset();
        new
    }

    /// The same on a backend of choice, or `None` where it is not available. The output is the same.
    pub fn with_backend(mut self, backend: Backend) -> Option<Self> {
        self.selected = Selected::new(backend)?;
        Some(self)
    }

    /// Back to the state after [`new`](Self::new).
    pub fn reset(&mut self) {
        self.phase = 0;
        self.words = noise::seeds(self.seed);
        self.memory = [0.0; MEMORY];
    }

    /// The channel count in use, 1..=64.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Quantizes the shorter of the two lengths; a call need not end at a whole frame.
    pub fn quantize<S: Sample>(&mut self, src: &[f32], dst: &mut [S]) -> Quantized {
        self.run::<<S as Sealed>::Encoding>(src, cast::as_bytes_mut(dst))
    }

    /// The same into bytes of any alignment; bytes at the end that make no whole sample are left alone.
    pub fn quantize_bytes(
        &mut self,
        format: SampleFormat,
        src: &[f32],
        dst: &mut [u8],
    ) -> Quantized {
        with_encoding!(format, E => self.run::<E>(src, dst))
    }

    fn run<F: Encoding>(&mut self, src: &[f32], dst: &mut [u8]) -> Quantized {
        match Target::of_noisy::<F>(self.rounding) {
            Some(target) if self.dither != Dither::None => self.run_noisy(target, src, dst),
            _ => quantize_plain_to::<F>(self.selected, self.rounding, src, dst),
        }
    }

    fn run_noisy(&mut self, target: Target, src: &[f32], dst: &mut [u8]) -> Quantized {
        let mut done = Quantized::default();
        let mut noisy = [0.0; BLOCK];
        for (x, out) in target.blocks(BLOCK, src, dst) {
            let largest = simd::largest(self.selected, x);
            target.count(self.selected, x, largest, &mut done);
            let noisy = noisy.get_mut(..x.len()).unwrap_or_default();
            self.add_dither(target.bits, x, noisy);
            (target.encode)(self.selected, noisy, out);
        }
        done
    }

    /// At most `BLOCK` samples; `dst` is as long as `src`.
    fn add_dither(&mut self, bits: u32, src: &[f32], dst: &mut [f32]) {
        let lsb = 1.0 / scale_f32(bits);
        // 24 bits and nearest: see `noise::add_and_round`.
        let round = (bits > 16 && self.rounding != Rounding::TowardZero).then_some(self.rounding);
        let triangular = matches!(self.dither, Dither::Triangular | Dither::Shaped(_));
        match self.dither {
            Dither::None => {}
            Dither::Rectangular | Dither::Triangular if round.is_none() => {
                self.add_noise(src, lsb, dst, triangular);
            }
            Dither::Rectangular | Dither::Triangular => {
                let mut space = [[0.0; LANES]; GROUPS];
                let noise = self.noise(&mut space, src.len(), triangular);
                simd::add_noise(self.selected, src, noise, lsb, dst, round);
            }
            Dither::TriangularHighPass => {
                let mut space = [[0.0; LANES]; GROUPS];
                let uniform = self.noise(&mut space, src.len(), triangular);
                let mut difference = [0.0; BLOCK];
                self.high_pass(uniform, &mut difference);
                simd::add_noise(self.selected, src, &difference, lsb, dst, round);
            }
            Dither::Shaped(shaper) => {
                let mut space = [[0.0; LANES]; GROUPS];
                let noise = self.noise(&mut space, src.len(), triangular);
                let (taps, scale) = (shaper.taps(), scale_f32(bits));
                // A loop for each length and rounding, unrolled.
                if let Ok(taps) = <&[f32; 3]>::try_from(taps) {
                    with_rounding!(self.rounding, R => self.shape::<3, R>(taps, scale, src, noise, dst));
                } else if let Ok(taps) = <&[f32; 5]>::try_from(taps) {
                    with_rounding!(self.rounding, R => self.shape::<5, R>(taps, scale, src, noise, dst));
                } else if let Ok(taps) = <&[f32; MAX_TAPS]>::try_from(taps) {
                    with_rounding!(self.rounding, R => self.shape::<MAX_TAPS, R>(taps, scale, src, noise, dst));
                }
            }
        }
    }

    /// `dst = src + noise` in one pass. `dst` is as long as `src`.
    fn add_noise(&mut self, src: &[f32], lsb: f32, dst: &mut [f32], triangular: bool) {
        // What is left of a group begun before.
        let head = if self.phase > 0 {
            (LANES - self.phase).min(src.len())
        } else {
            0
        };
        let (Some((before, src)), Some((to, dst))) =
            (src.split_at_checked(head), dst.split_at_mut_checked(head))
        else {
            return;
        };
        if head > 0 {
            let current = noise::of(&self.words, triangular);
            let current = current.get(self.phase..).unwrap_or_default();
            noise::add(before, current, lsb, to);
            self.phase = (self.phase + head) % LANES;
        }

        let ((groups, rest), (to, to_rest)) =
            (src.as_chunks::<LANES>(), dst.as_chunks_mut::<LANES>());
        simd::noise(self.selected, &mut self.words, groups, lsb, to, triangular);
        if !rest.is_empty() {
            noise::step(&mut self.words);
            noise::add(rest, &noise::of(&self.words, triangular), lsb, to_rest);
            self.phase = rest.len();
        }
    }

    /// The noise of the next `n` samples, in LSB.
    fn noise<'a>(
        &mut self,
        space: &'a mut [[f32; LANES]],
        n: usize,
        triangular: bool,
    ) -> &'a [f32] {
        let phase = self.phase;
        let groups = (phase + n).div_ceil(LANES);
        let fresh = match space.get_mut(..groups).and_then(|s| s.split_first_mut()) {
            Some((current, rest)) if phase > 0 => {
                *current = noise::of(&self.words, triangular);
                rest
            }
            _ => space.get_mut(..groups).unwrap_or_default(),
        };
        simd::noise(
            self.selected,
            &mut self.words,
            SILENCE,
            1.0,
            fresh,
            triangular,
        );
        self.phase = (phase + n) % LANES;
        space
            .as_flattened()
            .get(phase..phase + n)
            .unwrap_or_default()
    }

    /// Each uniform value less the one before it in the same channel.
    fn high_pass(&mut self, uniform: &[f32], difference: &mut [f32]) {
        let Some(memory) = self.memory.get_mut(..self.channels) else {
            return;
        };
        let befores = memory.iter().zip(uniform);
        for (to, (before, now)) in difference.iter_mut().zip(befores) {
            *to = *now - *before;
        }
        if let (Some(difference), Some(later)) = (
            difference.get_mut(memory.len()..),
            uniform.get(memory.len()..),
        ) {
            for ((to, now), before) in difference.iter_mut().zip(later).zip(uniform) {
                *to = *now - *before;
            }
        }
        // The last frame of what was before and is now.
        let fresh = uniform.len().min(memory.len());
        memory.rotate_left(fresh);
        for (to, from) in memory.iter_mut().rev().zip(uniform.iter().rev()) {
            *to = *from;
        }
    }

    /// Error feedback: what is quantized is the sample less the filtered errors before it, and the error is
    /// that of rounding and dither together. What is written lies on the grid of the format.
    fn shape<const TAPS: usize, const R: u8>(
        &mut self,
        taps: &[f32; TAPS],
        scale: f32,
        src: &[f32],
        noise: &[f32],
        dst: &mut [f32],
    ) {
        // The errors in the order of the samples: those of one channel are `channels` apart.
        let mut line = [0.0; MEMORY + BLOCK];
        let channels = self.channels.clamp(1, MAX_CHANNELS);
        let before = TAPS * channels;
        copy(self.memory.get(..before).unwrap_or_default(), &mut line);
        // What does not wait for the sample before comes first: the integer part to `dst`, the rest to `rests`.
        let mut rests = [0.0; BLOCK];
        for ((to, rest), x) in dst.iter_mut().zip(&mut rests).zip(src) {
            // Far beyond full scale nothing but the clipping matters; the bound keeps the error small there.
            let y = finite_f32(*x).clamp(-2.0, 2.0) * scale;
            *to = round_f32(y);
            *rest = y - *to;
        }
        let first = taps.first().copied().unwrap_or_default();
        for (i, ((to, rest), d)) in dst.iter_mut().zip(&rests).zip(noise).enumerate() {
            // Oldest first: only the latest error is waited for.
            let (mut older, mut at) = (0.0, i);
            for h in taps.iter().skip(1).rev() {
                older += line.get(at).copied().unwrap_or_default() * h;
                at += channels;
            }
            let latest = line.get(at).copied().unwrap_or_default() * first;
            at += channels;
            let wanted = (rest - older) - latest;
            let noisy = (rest - older + d) - latest;
            // The others are a matter of the whole sample.
            let chosen = match R {
                NEAREST => round_small(noisy),
                HALF_AWAY => round_small_away(*to, noisy),
                _ => (*to + noisy) as i32 as f32 - *to,
            };
            if let Some(error) = line.get_mut(at) {
                *error = chosen - wanted;
            }
            *to = (*to + chosen) * (1.0 / scale);
        }
        let latest = line.get(src.len()..).unwrap_or_default();
        copy(latest.get(..before).unwrap_or_default(), &mut self.memory);
    }
}
