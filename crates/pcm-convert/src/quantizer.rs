//! The stateful way from float to a device's format: dither, noise shaping, and counts of what was lost.

use core::num::NonZeroUsize;

use crate::arith::{finite_f32, max_f32, round_f32, scale_f32};
use crate::backend::{self, Backend, Selected, cast};
use crate::encoding::{Encoding, Raw, with_encoding};
use crate::format::SampleFormat;
use crate::kernels::{self, BLOCK, LANES};
use crate::policy::{Dither, NoiseShaper, Rounding};
use crate::sample::{Sample, copy, sealed::Sealed};

/// Most channels that a [`Quantizer`] keeps apart.
pub const MAX_CHANNELS: usize = 64;
/// Samples that are counted and then encoded while they are still in the first cache, where there
/// is no noise to be kept.
const PLAIN_BLOCK: usize = 2048;
/// Groups of the generator that a block can touch.
const GROUPS: usize = BLOCK / LANES + 1;
/// The longest noise shaper.
const MAX_TAPS: usize = 9;

/// What [`Quantizer::quantize`] did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Quantized {
    /// Samples written: what both slices had room for.
    pub samples: usize,
    /// Finite samples outside the range of an integer format, [-1.0, 1 - 2^(1-bits)], before dither. They
    /// became its lowest or highest value. Always 0 for float formats.
    pub clipped: usize,
    /// NaN (written as 0) and infinities (written as full scale of their sign, 1.0 in a float format).
    pub non_finite: usize,
}

/// Quantizes interleaved `f32` into any format, with dither and noise shaping, and counts.
///
/// Output depends on the settings, the seed and the samples since construction or [`reset`](Self::reset),
/// never on how they are cut into calls, and not on the machine. Dither comes from a generator of 16 lanes;
/// sample `i` of the stream takes the next value of lane `i mod 16`. About 2.5 KiB; allocates nothing.
#[derive(Clone, Debug)]
pub struct Quantizer {
    selected: Selected,
    rounding: Rounding,
    dither: Dither,
    seed: u64,
    channels: usize,
    /// The channel of the next sample.
    channel: usize,
    /// Lanes of the current group already used; 0 means that a new group is due.
    phase: usize,
    words: [u32; LANES],
    /// Noise shaping: the latest errors of each channel, newest first, in LSB.
    /// High-pass dither: the last `channels` uniform values, flat.
    memory: [[f32; MAX_TAPS]; MAX_CHANNELS],
}

/// What must be known of a target format.
#[derive(Clone, Copy)]
struct Target {
    /// Of a sample.
    bytes: NonZeroUsize,
    /// 0 for floats.
    bits: u32,
    nearest: fn(Selected, &[f32], &mut [u8]),
    toward_zero: fn(Selected, &[f32], &mut [u8]),
}

impl Target {
    fn of<F: Encoding>() -> Self {
        Self {
            bytes: NonZeroUsize::new(F::Raw::BYTES).unwrap_or(NonZeroUsize::MIN),
            bits: F::BITS,
            nearest: |selected, src, dst| {
                backend::encode::<F, false>(selected, src, F::Raw::samples_mut(dst))
            },
            toward_zero: |selected, src, dst| {
                backend::encode::<F, true>(selected, src, F::Raw::samples_mut(dst))
            },
        }
    }
}

/// Noise for a block, and the block with it.
type Scratch = ([[f32; LANES]; GROUPS], [f32; BLOCK]);

fn cleared() -> Scratch {
    ([[0.0; LANES]; GROUPS], [0.0; BLOCK])
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
            channel: 0,
            phase: 0,
            words: [0; LANES],
            memory: [[0.0; MAX_TAPS]; MAX_CHANNELS],
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
        self.channel = 0;
        self.phase = 0;
        self.words = seeds(self.seed);
        self.memory = [[0.0; MAX_TAPS]; MAX_CHANNELS];
    }

    /// The channel count in use, 1..=64.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Quantizes the shorter of the two lengths; a call need not end at a whole frame.
    pub fn quantize<S: Sample>(&mut self, src: &[f32], dst: &mut [S]) -> Quantized {
        let bytes = cast::as_bytes_mut(dst);
        self.run(Target::of::<<S as Sealed>::Encoding>(), src, bytes)
    }

    /// The same into bytes of any alignment; bytes at the end that make no whole sample are left alone.
    pub fn quantize_bytes(
        &mut self,
        format: SampleFormat,
        src: &[f32],
        dst: &mut [u8],
    ) -> Quantized {
        let target = with_encoding!(format, E => Target::of::<E>());
        self.run(target, src, dst)
    }

    fn run(&mut self, target: Target, src: &[f32], dst: &mut [u8]) -> Quantized {
        let encode = match self.rounding {
            Rounding::NearestEven => target.nearest,
            Rounding::TowardZero => target.toward_zero,
        };
        // Floats are not clipped: nothing is above infinity, and below -1.0 is not asked for either.
        let above = if target.bits == 0 {
            f32::INFINITY
        } else {
            max_f32(target.bits)
        };
        let dithered = self.dither != Dither::None && (1..=24).contains(&target.bits);
        let step = if dithered { BLOCK } else { PLAIN_BLOCK };
        let mut done = Quantized::default();
        // Cleared where it is used: that takes as long as quantizing a short block.
        let mut scratch = None;
        for (x, out) in src
            .chunks(step)
            .zip(dst.chunks_mut((target.bytes.get() * step).max(1)))
        {
            let samples = x.len().min(out.len() / target.bytes);
            let x = x.get(..samples).unwrap_or(x);
            let (clipped, non_finite) = backend::count(self.selected, x, above);
            done.samples += samples;
            done.clipped += if target.bits == 0 {
                0
            } else {
                clipped as usize
            };
            done.non_finite += non_finite as usize;
            if dithered {
                let (space, noisy) = scratch.get_or_insert_with(cleared);
                let noisy = noisy.get_mut(..samples).unwrap_or_default();
                self.add_dither(target.bits, x, space, noisy);
                encode(self.selected, noisy, out);
            } else {
                encode(self.selected, x, out);
            }
        }
        done
    }

    /// At most `BLOCK` samples.
    fn add_dither(
        &mut self,
        bits: u32,
        src: &[f32],
        space: &mut [[f32; LANES]; GROUPS],
        dst: &mut [f32],
    ) {
        let lsb = 1.0 / scale_f32(bits);
        // 24 bits and nearest: see `kernels::add_noise_and_round`.
        let round = bits > 16 && self.rounding == Rounding::NearestEven;
        match self.dither {
            Dither::None => {}
            Dither::Rectangular | Dither::Triangular => {
                let triangular = self.dither == Dither::Triangular;
                if round {
                    let noise = self.noise(space, src.len(), triangular);
                    backend::add_noise(self.selected, src, noise, lsb, dst, true);
                } else {
                    self.add_noise(src, lsb, dst, triangular);
                }
            }
            Dither::TriangularHighPass => {
                let uniform = self.noise(space, src.len(), false);
                let mut difference = [0.0; BLOCK];
                self.high_pass(uniform, &mut difference);
                backend::add_noise(self.selected, src, &difference, lsb, dst, round);
            }
            Dither::Shaped(shaper) => {
                let noise = self.noise(space, src.len(), true);
                self.shape(shaper, scale_f32(bits), src, noise, dst);
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
        let current = kernels::noise_of(&self.words, triangular);
        kernels::add_noise(
            before,
            current.get(self.phase..).unwrap_or_default(),
            lsb,
            to,
        );
        self.phase = (self.phase + head) % LANES;

        let ((groups, rest), (to, to_rest)) =
            (src.as_chunks::<LANES>(), dst.as_chunks_mut::<LANES>());
        backend::noise(self.selected, &mut self.words, groups, lsb, to, triangular);
        if !rest.is_empty() {
            kernels::step(&mut self.words);
            kernels::add_noise(
                rest,
                &kernels::noise_of(&self.words, triangular),
                lsb,
                to_rest,
            );
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
                *current = kernels::noise_of(&self.words, triangular);
                rest
            }
            _ => space.get_mut(..groups).unwrap_or_default(),
        };
        let zeros = [[0.0; LANES]; GROUPS];
        backend::noise(
            self.selected,
            &mut self.words,
            &zeros,
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
        let mut line = [0.0; MAX_CHANNELS + BLOCK];
        let channels = self.channels.min(MAX_CHANNELS);
        if let Some((before, now)) = line.split_at_mut_checked(channels) {
            copy(self.memory.as_flattened(), before);
            copy(uniform, now);
        }
        for ((to, now), before) in difference.iter_mut().zip(uniform).zip(&line) {
            *to = *now - *before;
        }
        let latest = line.get(uniform.len()..).unwrap_or_default();
        copy(
            latest.get(..channels).unwrap_or_default(),
            self.memory.as_flattened_mut(),
        );
    }

    /// Error feedback: what is quantized is the sample less the filtered errors before it, and the error is
    /// that of rounding and dither together. What is written lies on the grid of the format.
    fn shape(
        &mut self,
        shaper: NoiseShaper,
        scale: f32,
        src: &[f32],
        noise: &[f32],
        dst: &mut [f32],
    ) {
        let taps = shaper.taps();
        for ((to, x), d) in dst.iter_mut().zip(src).zip(noise) {
            // Far beyond full scale nothing but the clipping matters; the bound keeps the error small there.
            let y = finite_f32(*x).clamp(-2.0, 2.0) * scale;
            let Some(errors) = self.memory.get_mut(self.channel) else {
                return;
            };
            let fed_back: f32 = taps
                .iter()
                .zip(errors.iter())
                .map(|(h, e)| h * e)
                .fold(0.0, |sum, p| sum + p);
            let whole = round_f32(y);
            let wanted = (y - whole) - fed_back;
            let chosen = match self.rounding {
                Rounding::NearestEven => round_f32(wanted + d),
                Rounding::TowardZero => (whole + wanted + d) as i32 as f32 - whole,
            };
            let [e1, e2, e3, e4, e5, e6, e7, e8, _] = *errors;
            *errors = [chosen - wanted, e1, e2, e3, e4, e5, e6, e7, e8];
            *to = (whole + chosen) * (1.0 / scale);
            self.channel = if self.channel + 1 < self.channels {
                self.channel + 1
            } else {
                0
            };
        }
    }
}

/// A start for every lane: Steele, Lea and Flood's SplitMix64 (OOPSLA 2014), as it is used to seed other
/// generators. A lane must not be 0.
fn seeds(seed: u64) -> [u32; LANES] {
    let mut state = seed;
    core::array::from_fn(|_| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let word = ((z ^ (z >> 31)) >> 32) as u32;
        if word == 0 { 0x6C07_8965 } else { word }
    })
}
