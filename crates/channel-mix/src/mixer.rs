use core::fmt;
use core::num::NonZero;

use crate::error::MixError;
use crate::gain::gain_at;
use crate::kernel::{self, Kernel};
use crate::map::ChannelMap;
use crate::matrix::MixMatrix;
use crate::plan::job::{Job, RampPart};
use crate::plan::terms::Terms;
use crate::simd::io::{
    Across, Interleaved, InterleavedInPlace, InterleavedMut, Io, Planar, PlanarInPlace, PlanarMut,
};
use crate::simd::{self, Backend};

/// Mixes frames of one channel count into frames of another.
///
/// `TERMS` is how many coefficients that are not zero it can hold. The ordinary `Mixer`, with 128, is
/// enough for every matrix that [`MixMatrix::new`] makes and for any custom one of up to 11 x 11 or
/// 64 x 2, and takes about 2 KiB. [`LargeMixer`] holds anything.
///
/// Each output sample is the sum of `coefficient * input` over the inputs in channel order, multiplied
/// and then added in `f32`; coefficients of 0 take no part, and an output without any is +0.0. (On the
/// way from one matrix to another a coefficient takes part if either has it, also in a frame in which it
/// is just 0: an infinity there is NaN.) There is one exception: a single output that is half of each of
/// two inputs is `0.5 * (a + b)`. Every kernel on every machine gives these bits, interleaved or planar,
/// in place or not, however the frames are cut.
///
/// ```
/// use channel_mix::{ChannelLayout, MixMatrix, MixRules, Mixer};
///
/// let matrix = MixMatrix::new(&ChannelLayout::MONO, &ChannelLayout::STEREO, MixRules::Speakers);
/// let mut mixer = Mixer::new(&matrix)?;
/// let mut block = [f32::NAN; 6];
/// assert_eq!(mixer.mix_interleaved(&[0.25, -0.5], &mut block), 2);
/// assert_eq!(block[..4], [0.25, 0.25, -0.5, -0.5]);
/// # Ok::<(), channel_mix::MixError>(())
/// ```
#[derive(Clone)]
pub struct Mixer<const TERMS: usize = 128> {
    inputs: NonZero<u8>,
    outputs: NonZero<u8>,
    /// Always one that is available here: the safety of every call of a kernel rests on that.
    backend: Backend,
    kernel: Kernel,
    average: bool,
    terms: Terms<TERMS>,
    ramp: Option<Ramp<TERMS>>,
}

/// A [`Mixer`] that can hold any matrix of up to 64 x 64: about 41 KiB.
pub type LargeMixer = Mixer<4096>;

#[derive(Clone)]
struct Ramp<const TERMS: usize> {
    from: Terms<TERMS>,
    done: u32,
    /// 2 at least.
    ramp_frames: u32,
}

impl Mixer {
    /// An ordinary mixer.
    ///
    /// # Errors
    /// [`MixError::TooManyTerms`] where the matrix has more than 128 coefficients that are not zero,
    /// which no matrix from [`MixMatrix::new`] has.
    pub fn new(matrix: &MixMatrix) -> Result<Self, MixError> {
        Self::with_terms(matrix)
    }
}

impl<const TERMS: usize> Mixer<TERMS> {
    /// A mixer of any size: `Mixer::<256>::with_terms(&matrix)`, `LargeMixer::with_terms(&matrix)`.
    ///
    /// # Errors
    /// [`MixError::TooManyTerms`] where the matrix has more than `TERMS` coefficients that are not zero.
    pub fn with_terms(matrix: &MixMatrix) -> Result<Self, MixError> {
        Self::with_backend(matrix, Backend::detect())
    }

    /// A mixer with kernels for a given instruction set, to compare or to test.
    ///
    /// # Errors
    /// As [`with_terms`](Self::with_terms); [`MixError::Backend`] where this processor does not have it.
    pub fn with_backend(matrix: &MixMatrix, backend: Backend) -> Result<Self, MixError> {
        if !backend.is_available() {
            return Err(MixError::Backend(backend));
        }
        let (inputs, outputs) = matrix.counts();
        let mut mixer = Self {
            inputs,
            outputs,
            backend,
            kernel: Kernel::Tile,
            average: false,
            terms: terms_of(matrix)?,
            ramp: None,
        };
        mixer.choose_kernel();
        Ok(mixer)
    }

    fn choose_kernel(&mut self) {
        let terms = self.terms.view();
        self.average = kernel::is_average(self.outputs(), terms);
        self.kernel = Kernel::choose(self.backend, (self.inputs, self.outputs), terms);
    }

    /// Channels in, `1..=64`.
    pub fn inputs(&self) -> usize {
        self.inputs.get().into()
    }

    /// Channels out, `1..=64`.
    pub fn outputs(&self) -> usize {
        self.outputs.get().into()
    }

    /// The instruction set of the kernels.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// The name of the kernel that interleaved, steady mixing runs, to be logged: `copy`, `duplicate`,
    /// `average`, `pairs`, `lanes`, `columns`, `map`, `rows` or `tile`.
    pub fn kernel(&self) -> &'static str {
        self.kernel.name()
    }

    /// Whether mixing is copying: a steady matrix with ones on its diagonal. A caller may then leave
    /// the mixer out.
    pub fn is_identity(&self) -> bool {
        self.is_steady() && matches!(self.kernel, Kernel::Copy)
    }

    /// What mixing moves where, when it is steady and without arithmetic: the same bits as
    /// [`mix_interleaved`](Self::mix_interleaved) (but for the payload of a NaN), and samples of any
    /// type. It looks through the matrix: ask once, when the mixer is made.
    pub fn channel_map(&self) -> Option<ChannelMap> {
        let terms = self.terms.view();
        let coefficient = |output, input| terms.coefficient(output, input);
        match self.ramp {
            None => ChannelMap::new(self.inputs, self.outputs, coefficient),
            Some(_) => None,
        }
    }

    /// Whether no ramp is under way.
    pub fn is_steady(&self) -> bool {
        self.ramp.is_none()
    }

    /// Moves to another matrix of the same channel counts within `ramp_frames`, each coefficient in a
    /// straight line from where it is now: frame `k` of `n`, the first being 1, has
    /// `from + (to - from) * (k / n)`; frame `n` and all after it have exactly the new matrix. 0 and 1
    /// mean at once. The values depend on the frame's index alone, not on the blocks.
    ///
    /// It computes a table and copies a few KiB, but allocates nothing: it may be called on the audio
    /// thread.
    ///
    /// # Errors
    /// [`MixError::Shape`]; [`MixError::TooManyTerms`]. The mixer is then as it was.
    pub fn set_matrix(&mut self, matrix: &MixMatrix, ramp_frames: u32) -> Result<(), MixError> {
        let expected = (self.inputs(), self.outputs());
        let found = (matrix.inputs(), matrix.outputs());
        if expected != found {
            return Err(MixError::Shape { expected, found });
        }
        let terms = terms_of(matrix)?;
        self.ramp = if ramp_frames <= 1 {
            None
        } else {
            Some(Ramp {
                from: self.current()?,
                done: 0,
                ramp_frames,
            })
        };
        self.terms = terms;
        self.choose_kernel();
        Ok(())
    }

    /// The coefficients of the frame mixed last.
    fn current(&self) -> Result<Terms<TERMS>, MixError> {
        let Some(ramp) = &self.ramp else {
            return Ok(self.terms.clone());
        };
        let (from, to, n) = (ramp.from.view(), self.terms.view(), ramp.ramp_frames as f32);
        Terms::new(self.inputs(), self.outputs(), |o, i| {
            gain_at(from.coefficient(o, i), to.coefficient(o, i), ramp.done, n)
        })
    }

    /// Advances a ramp as if `frames` had been mixed.
    pub fn skip(&mut self, frames: usize) {
        if let Some(ramp) = &mut self.ramp {
            let done = (ramp.done as usize).saturating_add(frames);
            if done >= ramp.ramp_frames as usize {
                self.ramp = None;
            } else {
                ramp.done = done as u32;
            }
        }
    }

    /// How many of the next `frames` have coefficients of their own: all of the ramp but its last
    /// frame, which has the new matrix.
    fn moving_frames(&self, frames: usize) -> usize {
        let left =
            |ramp: &Ramp<TERMS>| ramp.ramp_frames.saturating_sub(ramp.done).saturating_sub(1);
        self.ramp
            .as_ref()
            .map_or(0, |ramp| frames.min(left(ramp) as usize))
    }

    fn job(&self) -> Job<'_> {
        Job {
            inputs: self.inputs.into(),
            outputs: self.outputs.into(),
            terms: self.terms.view(),
            average: self.average,
            ramp: None,
        }
    }

    /// The frames of a ramp that have coefficients of their own; returns how many there were.
    fn mix_ramp(&self, io: &mut impl Io, frames: usize) -> usize {
        let moving = self.moving_frames(frames);
        if let (1.., Some(ramp)) = (moving, &self.ramp) {
            let part = RampPart {
                from: ramp.from.view(),
                done: ramp.done,
                ramp_frames: ramp.ramp_frames,
            };
            let job = Job {
                ramp: Some(part),
                ..self.job()
            };
            simd::tile(self.backend, &job, io, 0, moving);
        }
        moving
    }

    /// All with the tile kernel.
    fn mix_tiles(&mut self, mut io: impl Io, frames: usize) -> usize {
        let moving = self.mix_ramp(&mut io, frames);
        simd::tile(self.backend, &self.job(), &mut io, moving, frames);
        self.skip(frames);
        frames
    }

    /// Mixes as many whole frames as both slices hold, interleaved at both ends, and returns how many.
    /// Each of these output frames is written in full, with zeros where no input feeds a channel;
    /// samples behind them are not touched.
    pub fn mix_interleaved(&mut self, input: &[f32], output: &mut [f32]) -> usize {
        let (inputs, outputs) = (self.inputs(), self.outputs());
        let frames = (input.len() / inputs).min(output.len() / outputs);
        let input = input.get(..frames * inputs).unwrap_or_default();
        let output = output.get_mut(..frames * outputs).unwrap_or_default();
        let mut moving = 0;
        if self.ramp.is_some() {
            let (source, sink) = (Interleaved(input), InterleavedMut(output));
            moving = self.mix_ramp(&mut Across { source, sink }, frames);
        }
        let (input, output) = (
            input.get(moving * inputs..).unwrap_or_default(),
            output.get_mut(moving * outputs..).unwrap_or_default(),
        );
        let job = self.job();
        kernel::run(&self.kernel, self.backend, &job, input, output);
        self.skip(frames);
        frames
    }

    /// Mixes from planes to planes, one for each channel: as many frames as the shortest of them has,
    /// which is returned. Planes beyond the channel counts are ignored; where there are too few, nothing
    /// is mixed and 0 returned.
    pub fn mix_planar(&mut self, inputs: &[&[f32]], outputs: &mut [&mut [f32]]) -> usize {
        let frames = self.source_frames(inputs).min(self.sink_frames(outputs));
        let (source, sink) = (Planar(inputs), PlanarMut(outputs));
        self.mix_tiles(Across { source, sink }, frames)
    }

    /// Mixes from interleaved frames to planes, otherwise as [`mix_planar`](Self::mix_planar).
    pub fn mix_to_planar(&mut self, input: &[f32], outputs: &mut [&mut [f32]]) -> usize {
        let frames = (input.len() / self.inputs()).min(self.sink_frames(outputs));
        let (source, sink) = (Interleaved(input), PlanarMut(outputs));
        self.mix_tiles(Across { source, sink }, frames)
    }

    /// Mixes from planes to interleaved frames, otherwise as [`mix_planar`](Self::mix_planar).
    pub fn mix_to_interleaved(&mut self, inputs: &[&[f32]], output: &mut [f32]) -> usize {
        let frames = (output.len() / self.outputs()).min(self.source_frames(inputs));
        let output = output
            .get_mut(..frames * self.outputs())
            .unwrap_or_default();
        let (source, sink) = (Planar(inputs), InterleavedMut(output));
        self.mix_tiles(Across { source, sink }, frames)
    }

    /// Mixes the whole frames of an interleaved block in place and returns how many there were: the
    /// first `frames * outputs` samples are then the output, what follows them is unspecified up to
    /// `frames * inputs` and untouched from there on.
    ///
    /// # Errors
    /// [`MixError::Grows`] where there are more outputs than inputs; nothing is touched.
    pub fn mix_in_place(&mut self, block: &mut [f32]) -> Result<usize, MixError> {
        self.check_in_place()?;
        let frames = block.len() / self.inputs();
        if self.is_identity() {
            return Ok(frames);
        }
        Ok(self.mix_tiles(InterleavedInPlace(block), frames))
    }

    /// Mixes planes in place, as many frames as the shortest has, and returns how many: the first
    /// `outputs` planes are then the output, the others as they were. With fewer planes than inputs
    /// nothing is mixed and 0 returned.
    ///
    /// # Errors
    /// [`MixError::Grows`] where there are more outputs than inputs; nothing is touched.
    pub fn mix_in_place_planar(&mut self, planes: &mut [&mut [f32]]) -> Result<usize, MixError> {
        self.check_in_place()?;
        let planes = planes.get_mut(..self.inputs()).unwrap_or_default();
        let frames = planes.iter().map(|p| p.len()).min().unwrap_or(0);
        if self.is_identity() {
            return Ok(frames);
        }
        Ok(self.mix_tiles(PlanarInPlace(planes), frames))
    }

    fn check_in_place(&self) -> Result<(), MixError> {
        let (inputs, outputs) = (self.inputs(), self.outputs());
        if outputs > inputs {
            return Err(MixError::Grows { inputs, outputs });
        }
        Ok(())
    }

    fn source_frames(&self, planes: &[&[f32]]) -> usize {
        let planes = planes.get(..self.inputs()).unwrap_or_default();
        planes.iter().map(|p| p.len()).min().unwrap_or(0)
    }

    fn sink_frames(&self, planes: &[&mut [f32]]) -> usize {
        let planes = planes.get(..self.outputs()).unwrap_or_default();
        planes.iter().map(|p| p.len()).min().unwrap_or(0)
    }
}

fn terms_of<const TERMS: usize>(matrix: &MixMatrix) -> Result<Terms<TERMS>, MixError> {
    let (inputs, outputs) = (matrix.inputs(), matrix.outputs());
    Terms::new(inputs, outputs, |o, i| matrix.coefficient(o, i))
}

impl<const TERMS: usize> fmt::Debug for Mixer<TERMS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mixer")
            .field("inputs", &self.inputs)
            .field("outputs", &self.outputs)
            .field("kernel", &self.kernel())
            .field("backend", &self.backend)
            .field("is_steady", &self.is_steady())
            .finish_non_exhaustive()
    }
}
