//! The renderer's input: the queue, or a source in its place.

use alloc::boxed::Box;

use pcm_convert::SampleFormat;

use crate::audio::intake::Intake;
use crate::audio::pulled::Pulled;
use crate::audio::source::Generator;
use crate::audio::target::Target;
use crate::event::EventKind;
use crate::link::counters::Counters;
use crate::plan::Plan;

/// Where the renderer's frames come from.
///
/// The intake is not boxed: among many streams, a block finds its state in as few dependent fetches from memory as
/// possible.
#[derive(Debug)]
#[expect(clippy::large_enum_variant)]
pub(crate) enum Input {
    Queue(Intake),
    Source(Box<Generator>),
}

/// Evaluates the same expression for either kind of input.
macro_rules! either {
    ($input:expr, $inner:ident => $answer:expr) => {
        match $input {
            Input::Queue($inner) => $answer,
            Input::Source($inner) => $answer,
        }
    };
}

impl Input {
    pub(crate) fn plan(&self) -> &Plan {
        either!(self, inner => &inner.plan)
    }

    /// Whether frames are made of floats, and so may be not finite. A source makes floats whatever its format.
    pub(crate) fn is_of_floats(&self) -> bool {
        match self {
            Self::Queue(intake) => intake.plan.is_of_floats(),
            Self::Source(_) => true,
        }
    }

    /// Whether something has sounded that has not come to its end.
    pub(crate) fn is_sounding(&self) -> bool {
        either!(self, inner => inner.is_sounding())
    }

    /// Whether silence lasts until the feeder or a controller changes something. What is held back is no such silence.
    pub(crate) fn waits_for_changes(&self) -> bool {
        matches!(self, Self::Queue(_))
    }

    /// How many device frames after `now` a held-back sound begins by itself, if there is one.
    pub(crate) fn held_back_frames(&self, now: u64) -> Option<u64> {
        match self {
            Self::Queue(intake) => intake.held_back_frames(now),
            Self::Source(_) => None,
        }
    }

    /// An upper bound of the boundaries that can be passed in a row.
    pub(crate) fn most_boundaries(&self) -> usize {
        match self {
            Self::Queue(intake) => intake.most_boundaries(),
            Self::Source(_) => 2,
        }
    }

    /// Notes `frames` device frames of silence for which nothing was pulled.
    pub(crate) fn pass_silence(&mut self, frames: usize) {
        if let Self::Source(generator) = self {
            generator.pass_silence(frames);
        }
    }

    /// Notes that the queue ran dry at device frame `now`.
    pub(crate) fn note_dry(&mut self, now: u64) {
        if let Self::Queue(intake) = self {
            intake.note_dry(now);
        }
    }

    /// Notes that sound has gone on after a gap of `missing_frames` device frames.
    pub(crate) fn note_recovered(&mut self, missing_frames: u64, now: u64) {
        match self {
            Self::Queue(intake) => intake.note_recovered(missing_frames, now),
            Self::Source(generator) => {
                let kind = EventKind::Recovered { missing_frames };
                generator.report.event(now, kind);
            }
        }
    }

    /// Reports the begins and marks in the `frames` frames that were written last. The first of them sounds at `now`.
    pub(crate) fn tell_written(&mut self, frames: usize, now: u64) {
        if let Self::Queue(intake) = self {
            intake.tell_written(frames, now);
        }
    }

    /// Whether no more sound will ever come.
    pub(crate) fn is_at_end(&self) -> bool {
        match self {
            Self::Queue(intake) => intake.is_closed() && intake.is_exhausted(),
            Self::Source(generator) => generator.is_exhausted(),
        }
    }

    /// How many more source frames must be queued so that `frames` device frames can be rendered.
    pub(crate) fn missing_frames(&self, frames: usize) -> usize {
        match self {
            Self::Queue(intake) => intake.missing_frames(frames),
            Self::Source(_) => 0,
        }
    }

    /// Whether a declared end or an interruption's end was passed since the last call.
    pub(crate) fn take_ended(&mut self) -> bool {
        either!(self, inner => inner.take_ended())
    }

    /// Whether the sound that ended had not faded to zero.
    pub(crate) fn take_falls(&mut self) -> bool {
        match self {
            Self::Queue(intake) => intake.take_falls(),
            Self::Source(_) => false,
        }
    }

    /// Applies the controls that concern the queue.
    pub(crate) fn obey(&mut self, paused: bool, now: u64) {
        if let Self::Queue(intake) = self {
            intake.set_paused(paused);
            intake.obey_cancels(now);
        }
    }

    /// Whether something could sound now.
    pub(crate) fn is_ready(&mut self, now: u64) -> bool {
        match self {
            Self::Queue(intake) => intake.is_ready(now),
            Self::Source(_) => true,
        }
    }

    /// Whether the next frames can be copied unchanged into a block of this format.
    pub(crate) fn can_copy_to(&self, format: SampleFormat) -> bool {
        match self {
            Self::Queue(intake) => intake.can_copy_to(format),
            Self::Source(_) => false,
        }
    }

    /// Copies up to `frames` device frames into `target` from sample `at` on.
    pub(crate) fn copy(
        &mut self,
        target: &mut Target<'_>,
        at: usize,
        frames: usize,
        now: u64,
    ) -> Pulled {
        match self {
            Self::Queue(intake) => intake.copy(target, at, frames, now),
            Self::Source(_) => Pulled::Frames(0),
        }
    }

    /// Makes device frames in `out` (interleaved), as many as there are up to the next boundary.
    ///
    /// `now` is the device frame at which they will sound. Their block begins with the device frame `begin`.
    pub(crate) fn pull(&mut self, out: &mut [f32], begin: u64, now: u64) -> Pulled {
        match self {
            Self::Queue(intake) => intake.pull(out, now),
            Self::Source(generator) => generator.pull(out, now - begin),
        }
    }

    /// Whether there was no boundary at the present position when the last frames were read.
    pub(crate) fn is_clear(&self) -> bool {
        match self {
            Self::Queue(intake) => intake.is_clear(),
            Self::Source(_) => false,
        }
    }

    /// Passes the boundaries at the present position.
    pub(crate) fn settle(&mut self, now: u64) {
        match self {
            Self::Queue(intake) => intake.settle(now),
            Self::Source(generator) => generator.settle(),
        }
    }

    pub(crate) fn report(&mut self, at_frame: u64, kind: EventKind) {
        either!(self, inner => inner.report.event(at_frame, kind));
    }

    /// Writes the input's counters.
    pub(crate) fn count(&self, counters: &mut Counters) {
        either!(self, inner => inner.count(counters));
    }
}
