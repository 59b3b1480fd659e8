use crate::error::MixError;
use crate::gain::gain_at;
use crate::matrix::MixMatrix;
use crate::terms::Terms;

/// Mixes frames of one channel count into another.
///
/// `TERMS` is how many coefficients that are not zero it can hold. The ordinary `Mixer`, 128, is about
/// 1.6 KiB: enough for every matrix that [`MixMatrix::new`] makes, and for any custom one of 11 x 11 or
/// of 64 x 2. [`LargeMixer`] holds anything.
///
/// Each output sample is the sum of `coefficient * input` over the inputs in channel order, multiplied,
/// then added, in `f32`; coefficients of 0 take no part. One exception: a single output that is half of
/// each of two inputs is `0.5 * (a + b)`. Every kernel on every machine gives these bits.
#[derive(Clone)]
pub struct Mixer<const TERMS: usize = 128> {
    inputs: u8,
    outputs: u8,
    identity: bool,
    /// One output, half of each of two inputs.
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
    /// A mixer of any size, `Mixer::<256>::with_terms(&matrix)`.
    ///
    /// # Errors
    /// [`MixError::TooManyTerms`] where the matrix has more than `TERMS` coefficients that are not zero.
    pub fn with_terms(matrix: &MixMatrix) -> Result<Self, MixError> {
        let mut mixer = Self {
            inputs: matrix.inputs() as u8,
            outputs: matrix.outputs() as u8,
            identity: false,
            average: false,
            terms: Terms::new(matrix)?,
            ramp: None,
        };
        mixer.classify();
        Ok(mixer)
    }

    #[allow(clippy::float_cmp)]
    fn classify(&mut self) {
        let square = self.inputs == self.outputs;
        self.identity = square
            && (0..self.outputs()).all(
                |o| matches!(self.terms.row(o), ([i], [g]) if usize::from(*i) == o && *g == 1.0),
            );
        self.average = self.outputs == 1
            && matches!(self.terms.row(0), ([_, _], [a, b]) if *a == 0.5 && *b == 0.5);
    }

    /// Channels in, `1..=64`.
    pub fn inputs(&self) -> usize {
        self.inputs.into()
    }

    /// Channels out, `1..=64`.
    pub fn outputs(&self) -> usize {
        self.outputs.into()
    }

    /// Whether mixing is copying: a steady matrix of ones on the diagonal. The caller may then leave
    /// the mixer out.
    pub fn is_identity(&self) -> bool {
        self.identity && self.ramp.is_none()
    }

    /// Whether no ramp is under way.
    pub fn is_steady(&self) -> bool {
        self.ramp.is_none()
    }

    /// Moves to another matrix of the same channel counts within `ramp_frames`, each coefficient in a
    /// straight line from where it is now: frame `k` of `n` (from 1) has `from + (to - from) * (k / n)`,
    /// frame `n` and all after it have the new matrix exactly. 0 and 1 mean at once. The values
    /// depend on the frame's index alone, not on how the frames are cut into blocks.
    ///
    /// # Errors
    /// [`MixError::Shape`], [`MixError::TooManyTerms`]; the mixer is then as it was.
    pub fn set_matrix(&mut self, matrix: &MixMatrix, ramp_frames: u32) -> Result<(), MixError> {
        let expected = (self.inputs(), self.outputs());
        let found = (matrix.inputs(), matrix.outputs());
        if expected != found {
            return Err(MixError::Shape { expected, found });
        }
        let terms = Terms::new(matrix)?;
        let ramp = if ramp_frames <= 1 {
            None
        } else {
            Some(Ramp {
                from: self.current()?,
                done: 0,
                ramp_frames,
            })
        };
        self.terms = terms;
        self.ramp = ramp;
        self.classify();
        Ok(())
    }

    /// The coefficients of the frame mixed last.
    fn current(&self) -> Result<Terms<TERMS>, MixError> {
        let Some(ramp) = &self.ramp else {
            return Ok(self.terms.clone());
        };
        let n = ramp.ramp_frames as f32;
        Terms::collect(self.inputs(), self.outputs(), |o, i| {
            gain_at(
                ramp.from.coefficient(o, i),
                self.terms.coefficient(o, i),
                ramp.done,
                n,
            )
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

    /// Mixes as many whole frames as both slices hold, interleaved, and returns how many. Each output
    /// frame of these is written in full, zeros (+0.0) where no input feeds a channel; samples behind
    /// them are not touched.
    pub fn mix_interleaved(&mut self, input: &[f32], output: &mut [f32]) -> usize {
        let (inputs, outputs) = (self.inputs(), self.outputs());
        if inputs == 0 || outputs == 0 {
            return 0;
        }
        let frames = (input.len() / inputs).min(output.len() / outputs);
        let pairs = input
            .chunks_exact(inputs)
            .zip(output.chunks_exact_mut(outputs));
        for (x, y) in pairs {
            self.mix_frame(x, y);
        }
        frames
    }

    fn mix_frame(&mut self, x: &[f32], y: &mut [f32]) {
        let sample = |i: u8| x.get(usize::from(i)).copied().unwrap_or(0.0);
        let current;
        let terms = if self.ramp.is_some() {
            self.skip(1);
            current = self.current();
            current.as_ref().unwrap_or(&self.terms)
        } else {
            &self.terms
        };
        for (o, y) in y.iter_mut().enumerate() {
            let (inputs, gains) = terms.row(o);
            *y = match (inputs, gains) {
                ([a, b], _) if self.average && self.ramp.is_none() => {
                    0.5 * (sample(*a) + sample(*b))
                }
                ([first, inputs @ ..], [g, gains @ ..]) => {
                    let rest = inputs.iter().zip(gains);
                    rest.fold(g * sample(*first), |sum, (i, g)| sum + g * sample(*i))
                }
                _ => 0.0,
            };
        }
    }
}
