//! What a mixer asks of a kernel.

use core::num::NonZero;

use super::terms::TermsRef;

/// What to compute.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) inputs: NonZero<usize>,
    pub(crate) outputs: NonZero<usize>,
    pub(crate) terms: TermsRef<'a>,
    /// The single output is `0.5 * (a + b)` of its two terms.
    pub(crate) average: bool,
    pub(crate) ramp: Option<RampPart<'a>>,
}

/// A ramp under way: coefficients go from those of `from` to the job's own.
#[derive(Clone, Copy)]
pub(crate) struct RampPart<'a> {
    pub(crate) from: TermsRef<'a>,
    /// Frames of the ramp before the first frame of this job.
    pub(crate) done: u32,
    pub(crate) ramp_frames: u32,
}
