//! Band-limited interpolation by a Kaiser-windowed sinc.

mod align;
mod clock;
mod compute;
mod design;
mod history;
mod memory;
#[cfg(all(test, feature = "alloc"))]
mod oracle;
mod plan;
mod ramp;
mod stream;
#[cfg(feature = "alloc")]
mod table;

pub use design::Quality;
#[cfg(feature = "alloc")]
pub use table::SincTable;

#[cfg(feature = "alloc")]
use alloc::{sync::Arc, vec};

use self::align::{ALIGN_SLACK, misalignment};
use self::history::Input;
use self::memory::{Memory, Table, Work};
use self::plan::Plan;
use self::stream::{Output, Stream};
use crate::ratio::{Ratio, check_channels};
use crate::{Backend, Progress, RateError};

/// The largest trim, either way, of an adjustable [`Sinc`]: 2 %.
pub const MAX_TRIM: f64 = 0.02;

/// A polyphase Kaiser-windowed sinc: removes images and aliases down to its [`Quality`], at a delay of milliseconds.
///
/// Output frame `k` stands at input time `k * from / to`, kept in integers; the first one is for time 0, so that
/// nothing leads and nothing is shifted. To write a frame the resampler must have read [`Self::latency_frames`]
/// frames beyond its time; [`Self::flush`] gives the frames still due at the end as if silence followed.
///
/// The same input gives the same bits however it is cut into calls and whatever output sizes are asked, on every
/// [`Backend`] with fused multiply-add.
///
/// Samples below 1e-24 count as 0, so that decaying input stays cheap, and so do samples that are not finite: the
/// output has a gap of one sample there instead of a filter's length of noise.
///
/// Construction computes a table: 10 us at 1:2, a millisecond or two between 44.1 and 48 kHz, about ten at most between
/// rates of 8 to 48 kHz, and some tens near a factor of 256. `process`, `flush` and `reset` never allocate.
///
/// # The lifetime
///
/// `'s` is that of the memory that [`Self::new`] is given. Where it is in the way, in a field beside that memory or in
/// another thread, there are two ways to a `Sinc<'static>`: memory that lasts as long as the program (a static's, or
/// a leaked `Box`'s), or, with the feature `alloc`, memory that the resampler owns. `Sinc::with_table` makes such a one,
/// `Sinc::into_owned` makes it of another in the middle of its stream, and it can be cloned.
pub struct Sinc<'s> {
    stream: Stream,
    memory: Memory<'s>,
    adjustable: bool,
}

impl<'s> Sinc<'s> {
    /// How many `f32` values [`Self::new`] needs. In a constant it gives the length of a static.
    ///
    /// ```
    /// use rate_convert::{Quality, Sinc};
    ///
    /// const LEN: usize = match Sinc::storage_len(24_000, 48_000, 1, Quality::High) {
    ///     Ok(len) => len,
    ///     Err(_) => panic!("such rates cannot be converted"),
    /// };
    /// let mut storage = [0.0; LEN];
    /// let resampler = Sinc::new(24_000, 48_000, 1, Quality::High, &mut storage)?;
    /// # Ok::<(), rate_convert::RateError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Self::new`].
    pub const fn storage_len(
        from_hz: u32,
        to_hz: u32,
        channels: usize,
        quality: Quality,
    ) -> Result<usize, RateError> {
        storage_len(from_hz, to_hz, channels, quality, false)
    }

    /// How many `f32` values [`Self::adjustable`] needs.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub const fn adjustable_storage_len(
        from_hz: u32,
        to_hz: u32,
        channels: usize,
        quality: Quality,
    ) -> Result<usize, RateError> {
        storage_len(from_hz, to_hz, channels, quality, true)
    }

    /// A resampler from `from_hz` to `to_hz` (1..=768,000 Hz each, at most a factor of 256 apart either way) for
    /// `channels` (1..=64) channels, in memory of the caller. What `storage` held is overwritten.
    ///
    /// # Errors
    /// [`RateError`] when a rate, the ratio or the channel count is outside these ranges, or `storage` is shorter
    /// than [`Self::storage_len`] says.
    pub fn new(
        from_hz: u32,
        to_hz: u32,
        channels: usize,
        quality: Quality,
        storage: &'s mut [f32],
    ) -> Result<Self, RateError> {
        Self::borrowing(from_hz, to_hz, channels, quality, false, storage)
    }

    /// As [`Self::new`], for a ratio that [`Self::set_trim`] may change while it runs. Every output then has taps of
    /// its own, at two to six times the cost of an exact ratio.
    ///
    /// # Errors
    /// As [`Self::new`], with [`Self::adjustable_storage_len`].
    pub fn adjustable(
        from_hz: u32,
        to_hz: u32,
        channels: usize,
        quality: Quality,
        storage: &'s mut [f32],
    ) -> Result<Self, RateError> {
        Self::borrowing(from_hz, to_hz, channels, quality, true, storage)
    }

    fn borrowing(
        from_hz: u32,
        to_hz: u32,
        channels: usize,
        quality: Quality,
        adjustable: bool,
        storage: &'s mut [f32],
    ) -> Result<Self, RateError> {
        let plan = Plan::new(Ratio::new(from_hz, to_hz)?, quality, adjustable);
        let channels = check_channels(channels)?;
        let given = storage.len();
        let too_small = RateError::StorageTooSmall {
            needed: needed(&plan, channels),
            given,
        };
        if given < needed(&plan, channels) {
            return Err(too_small);
        }
        let skip = misalignment(storage);
        let (_, storage) = storage.split_at_mut_checked(skip).ok_or(too_small)?;
        let (table, work) = storage
            .split_at_mut_checked(plan.table_len)
            .ok_or(too_small)?;
        let work = work.get_mut(..plan.work_len(channels)).ok_or(too_small)?;
        plan.fill(table);
        work.fill(0.0);
        Ok(Self::assemble(
            plan,
            channels,
            adjustable,
            Table::Borrowed(table),
            Work::Borrowed(work),
        ))
    }

    fn assemble(
        plan: Plan,
        channels: usize,
        adjustable: bool,
        table: Table<'s>,
        work: Work<'s>,
    ) -> Self {
        Self {
            stream: Stream::new(plan, channels, adjustable),
            memory: Memory { table, work },
            adjustable,
        }
    }

    /// Runs on another instruction set from the next call on; `false`, and no change, where it is not available.
    pub fn set_backend(&mut self, backend: Backend) -> bool {
        let available = backend.is_available();
        if available {
            self.stream.set_backend(backend);
        }
        available
    }

    /// The instruction set in use; the fastest for this filter on this machine unless [another](Self::set_backend) was set.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        self.stream.backend()
    }

    /// Converts from the start of `input` into the start of `output`, both interleaved (frames x channels).
    ///
    /// Reads no more than the frames written need, so exactly [`Self::input_frames_for`]`(n)` frames fill `n`; stops
    /// when either slice is used up. Samples of a partial frame at the end of a slice are left alone. After a `flush`
    /// that was not finished this drops the rest of that tail and begins a new stream.
    pub fn process(&mut self, input: &[f32], output: &mut [f32]) -> Progress {
        let channels = self.stream.channels.max(1);
        let (in_frames, out_frames) = (input.len() / channels, output.len() / channels);
        self.stream.process(
            &mut self.memory,
            Input::Interleaved(input),
            in_frames,
            Output::Interleaved(output),
            out_frames,
        )
    }

    /// As [`Self::process`], a slice per channel. The shortest slice on either side counts; with fewer slices than
    /// channels on either side nothing is done.
    pub fn process_planar(&mut self, input: &[&[f32]], output: &mut [&mut [f32]]) -> Progress {
        let (Some(input), Some(output)) = (
            input.get(..self.stream.channels),
            output.get_mut(..self.stream.channels),
        ) else {
            return Progress::default();
        };
        let in_frames = input.iter().map(|plane| plane.len()).min().unwrap_or(0);
        let out_frames = output.iter().map(|plane| plane.len()).min().unwrap_or(0);
        self.stream.process(
            &mut self.memory,
            Input::Planar(input),
            in_frames,
            Output::Planar(output),
            out_frames,
        )
    }

    /// Ends the stream: writes what is still due, as if silence followed the input, so that, with all that `process`
    /// wrote, `ceil(frames_in * to / from)` frames have come out (with a trim: all that stand before the input's end).
    ///
    /// Call until fewer frames are written than `output` holds; from the moment the last one is written the resampler
    /// is as after [`Self::reset`], and further calls write nothing.
    pub fn flush(&mut self, output: &mut [f32]) -> Progress {
        let out_frames = output.len() / self.stream.channels.max(1);
        self.stream
            .drain(&mut self.memory, Output::Interleaved(output), out_frames)
    }

    /// As [`Self::flush`], a slice per channel.
    pub fn flush_planar(&mut self, output: &mut [&mut [f32]]) -> Progress {
        let Some(output) = output.get_mut(..self.stream.channels) else {
            return Progress::default();
        };
        let out_frames = output.iter().map(|plane| plane.len()).min().unwrap_or(0);
        self.stream
            .drain(&mut self.memory, Output::Planar(output), out_frames)
    }

    /// Forgets everything: the next frame read is the first of a new stream. A trim stays, without its ramp.
    pub fn reset(&mut self) {
        self.stream.reset(&mut self.memory);
    }

    /// The channel count.
    #[must_use]
    pub const fn channels(&self) -> usize {
        self.stream.channels
    }

    /// How far reading runs ahead of writing, in whole input frames: the filter's half length.
    ///
    /// This is the delay that the resampler causes in a live stream. The output is not shifted by it.
    #[must_use]
    pub const fn latency_frames(&self) -> usize {
        self.stream.plan.span - 1 - self.stream.plan.centre
    }

    /// How many more input frames `process` must be given before it can write `output_frames` more frames.
    ///
    /// Exact for the present state, a ramp of the trim included, and without `flush`. Saturates at `usize::MAX`.
    #[must_use]
    pub fn input_frames_for(&self, output_frames: usize) -> usize {
        self.stream.input_frames_for(output_frames)
    }

    /// Where the next output frame stands, counted from behind the last input frame that was read: whole frames, and a
    /// fraction of `0.0..1.0` above them. It is below 0 where that frame's time has been read already, and 0 at the start.
    ///
    /// Exact, whatever trims there have been. During a `flush` it counts from behind the last frame of the input.
    #[must_use]
    pub fn position(&self) -> (i64, f64) {
        self.stream.position()
    }

    /// Consumes the input faster (`trim` > 0) or slower: `from / to * (1 + trim)` input frames per output frame, for
    /// a clock that drifts.
    ///
    /// The trim goes there evenly from where it is, and without a jump in phase. Ahead of the `k`-th frame written from
    /// now on, counted from 0, [`Self::trim`] has come `k / ramp_frames` of the way (in units of 2^-32, rounded towards its
    /// start). So the frame with which it is there is the one behind `ramp_frames` others, and none before that. With 0
    /// it is there at once, and the step from the next frame to the one after it is the new one. Another call during a
    /// ramp begins a new one from where the trim is.
    ///
    /// # Errors
    /// [`RateError::NotAdjustable`] unless built as [`Self::adjustable`]; [`RateError::TrimOutOfRange`] outside
    /// -0.02..=0.02.
    pub fn set_trim(&mut self, trim: f64, ramp_frames: u32) -> Result<(), RateError> {
        if !self.adjustable {
            return Err(RateError::NotAdjustable);
        }
        if !(-MAX_TRIM..=MAX_TRIM).contains(&trim) {
            return Err(RateError::TrimOutOfRange);
        }
        self.stream.clock.set_trim(trim, ramp_frames);
        Ok(())
    }

    /// The trim of the next frame: on its way, while ramped.
    #[must_use]
    pub fn trim(&self) -> f64 {
        self.stream.clock.trim()
    }
}

#[cfg(feature = "alloc")]
impl Sinc<'static> {
    /// A resampler of `channels` (1..=64) channels over a table that may be shared. Allocates its history, here and
    /// never again; one whose table is adjustable can be trimmed.
    ///
    /// # Errors
    /// [`RateError::ChannelsOutOfRange`].
    pub fn with_table(table: Arc<SincTable>, channels: usize) -> Result<Self, RateError> {
        let (plan, adjustable) = table.plan();
        let channels = check_channels(channels)?;
        let work = vec![0.0; plan.work_len(channels)].into_boxed_slice();
        Ok(Self::assemble(
            plan,
            channels,
            adjustable,
            Table::Shared(table),
            Work::Owned(work),
        ))
    }
}

#[cfg(feature = "alloc")]
impl Sinc<'_> {
    /// The same stream at the same place, in memory that it owns. Allocates, unless it owns its memory already.
    #[must_use]
    pub fn into_owned(self) -> Sinc<'static> {
        let plan = self.stream.plan;
        Sinc {
            memory: self.memory.into_owned(plan, self.adjustable),
            stream: self.stream,
            adjustable: self.adjustable,
        }
    }
}

/// A second stream at the same place. Allocates its history, and its table unless that is shared already.
#[cfg(feature = "alloc")]
impl Clone for Sinc<'static> {
    fn clone(&self) -> Self {
        Self {
            memory: self.memory.to_owned(self.stream.plan, self.adjustable),
            stream: self.stream.clone(),
            adjustable: self.adjustable,
        }
    }
}

impl core::fmt::Debug for Sinc<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Sinc")
            .field("plan", &self.stream.plan)
            .field("backend", &self.backend())
            .field("channels", &self.stream.channels)
            .field("clock", &self.stream.clock)
            .finish_non_exhaustive()
    }
}

const fn storage_len(
    from_hz: u32,
    to_hz: u32,
    channels: usize,
    quality: Quality,
    adjustable: bool,
) -> Result<usize, RateError> {
    match (Ratio::new(from_hz, to_hz), check_channels(channels)) {
        (Ok(ratio), Ok(channels)) => Ok(needed(&Plan::new(ratio, quality, adjustable), channels)),
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

const fn needed(plan: &Plan, channels: usize) -> usize {
    plan.table_len + ALIGN_SLACK + plan.work_len(channels)
}
