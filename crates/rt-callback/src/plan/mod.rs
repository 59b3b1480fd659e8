//! Plans: from source bytes to device-shaped f32. A plan is built once for each source, off the audio thread.

pub(crate) mod marker;
pub(crate) mod moves;
pub(crate) mod recipe;
pub(crate) mod resample;
mod stage;

use alloc::boxed::Box;
use alloc::vec;
use core::fmt;
use core::num::{NonZeroU64, NonZeroU128, NonZeroUsize};

use channel_mix::{MixMatrix, Mixer};
use pcm_convert::{SampleFormat, all_finite, bytes, clean_non_finite};
use rate_convert::{Progress, RateError};

use crate::config::ConfigError;
use crate::link::queue::{ByteReceiver, units_in};
use crate::plan::moves::Moves;
use crate::plan::recipe::Recipe;
use crate::plan::resample::Resampler;
use crate::plan::stage::Stage;
use crate::spec::StreamSpec;

/// The most frames that are worked on at once, whatever the block. They are few enough for the first cache, and enough
/// that a sinc's coefficients serve several of its cycles.
pub(crate) const PIECE_FRAMES: usize = 512;

/// The stages between a source and a device, with their buffers.
///
/// A stage that has nothing to do is absent. A downmix comes before the resampler and an upmix after it, so that the
/// resampler always runs the fewer channels.
#[repr(C)] // in the order of use
pub(crate) struct Plan {
    source: StreamSpec,
    /// Bytes of a source frame.
    frame_bytes: NonZeroUsize,
    device_channels: NonZeroUsize,
    /// Source and device rate over their greatest common divisor if there is a resampler, else 1 and 1.
    rates: (NonZeroU64, NonZeroU64),
    is_downmix: bool,
    /// Whether floats may be among what the stages make frames of, which may be so large that arithmetic overflows: those
    /// of the source, or those that a resampler still holds of a source before.
    of_floats: bool,
    /// How samples are moved, if nothing else has to be done.
    moves: Option<Moves>,
    resampler: Option<Resampler>,
    /// How many source frames are read at a time.
    read_frames: usize,
    /// Decoded source frames, unless they are decoded into the block.
    decoded: Box<[f32]>,
    /// The mix: before the resampler if it is a downmix, else behind it.
    stage: Option<Stage>,
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("source", &self.source)
            .field("rates", &self.rates)
            .finish_non_exhaustive()
    }
}

impl Plan {
    /// Builds the stages, and allocates their buffers.
    pub(crate) fn new(source: StreamSpec, recipe: &Recipe) -> Result<Self, ConfigError> {
        let device = recipe.device;
        let (inputs, outputs) = (source.channels(), device.channels());
        let inner_channels = inputs.min(outputs);
        let matrix = MixMatrix::new(&source.layout, &device.layout, recipe.mix);
        let mixer = Mixer::new(&matrix).map_err(|_| ConfigError::Channels(inputs, outputs))?;
        let mixer_map = mixer.channel_map();
        let mixes = !mixer.is_identity();
        let rates_hz = (source.rate_hz, device.rate_hz);
        let resampler = if recipe.adjustable {
            Some(Resampler::adjustable(
                rates_hz,
                inner_channels,
                recipe.resample,
            ))
        } else if source.rate_hz == device.rate_hz {
            None
        } else {
            let tables = &recipe.tables;
            Some(Resampler::new(
                rates_hz,
                inner_channels,
                recipe.resample,
                tables,
            ))
        };
        let resampler = resampler
            .transpose()
            .map_err(|_| ConfigError::Ratio(source.rate_hz, device.rate_hz))?;
        let is_downmix = outputs < inputs;
        let (mixer_map, read_frames, inner_frames) = match &resampler {
            None => (mixer_map, PIECE_FRAMES, 0),
            Some(_) => {
                let read_frames = read_frames(rates_hz);
                let inner_frames = if is_downmix {
                    read_frames
                } else {
                    PIECE_FRAMES
                };
                (None, read_frames, inner_frames)
            }
        };
        let stage = mixes.then(|| Stage::new(&matrix, mixer, inner_frames * inner_channels));
        // A copy needs no decoded frames. A mix in place decodes into the block.
        let decodes = match &stage {
            None => resampler.is_some(),
            Some(stage) => resampler.is_none() || !stage.is_in_place(),
        };
        let decoded_frames = if decodes { read_frames } else { 0 };
        // Between layouts, floats that are not finite have to be cleaned.
        let moves = mixer_map
            .filter(|_| !mixes || !source.format.is_float())
            .map(|map| Moves::new(map, source.format));
        Ok(Self {
            source,
            frame_bytes: source.frame_size(),
            moves,
            device_channels: device.channel_count(),
            read_frames,
            decoded: frames_of(decoded_frames, inputs),
            stage,
            is_downmix,
            rates: match resampler {
                Some(_) => reduced(source.rate_hz, device.rate_hz),
                None => (NonZeroU64::MIN, NonZeroU64::MIN),
            },
            resampler,
            of_floats: source.format.is_float(),
        })
    }

    pub(crate) fn source(&self) -> &StreamSpec {
        &self.source
    }

    /// Whether frames may be not finite, which come from floats.
    pub(crate) fn is_of_floats(&self) -> bool {
        self.of_floats
    }

    /// Whether nothing has to be computed: source frames are device frames, in the source's format.
    pub(crate) fn is_copy(&self) -> bool {
        self.stage.is_none() && self.resampler.is_none()
    }

    /// How many whole source frames `bytes` bytes hold.
    pub(crate) fn frames_in(&self, bytes: usize) -> usize {
        units_in(bytes as u64, self.frame_bytes.get() as u64) as usize
    }

    /// Bytes of a source frame, `1..=512`.
    pub(crate) fn frame_bytes(&self) -> usize {
        self.frame_bytes.get()
    }

    /// How source frames become device frames in the source's format, if no sample has to be computed.
    pub(crate) fn moves(&self) -> Option<&Moves> {
        self.moves.as_ref()
    }

    /// How far the resampler reads ahead of what is rendered, in whole source frames.
    pub(crate) fn latency_frames(&self) -> usize {
        self.resampler.as_ref().map_or(0, Resampler::latency_frames)
    }

    /// The position of the next device frame, in source frames behind the last one read: whole frames, and a fraction.
    pub(crate) fn position(&self) -> (i64, f64) {
        self.resampler
            .as_ref()
            .map_or((0, 0.0), Resampler::position)
    }

    /// How many source frames lie from one device frame to the next, at the present trim.
    pub(crate) fn step(&self) -> f64 {
        let (from, to) = self.rates;
        let trim = self.resampler.as_ref().map_or(0.0, Resampler::trim);
        from.get() as f64 / to.get() as f64 * (1.0 + trim)
    }

    /// How many more source frames must be read to render `frames` device frames.
    pub(crate) fn source_frames_for(&self, frames: usize) -> usize {
        match &self.resampler {
            Some(resampler) => resampler.input_frames_for(frames),
            None => frames,
        }
    }

    /// How many source frames have been heard after `written` device frames since the last flush.
    pub(crate) fn heard_frames(&self, written: u64) -> u64 {
        let (from, to) = self.rates;
        if from == to {
            return written;
        }
        units_in(written.saturating_mul(from.get()), to.get())
    }

    /// How long `device_frames` last, in whole source frames.
    pub(crate) fn source_frames_in(&self, device_frames: u64) -> u64 {
        let (from, to) = self.rates;
        let frames = u128::from(device_frames) * u128::from(from.get()) / NonZeroU128::from(to);
        u64::try_from(frames).unwrap_or(u64::MAX)
    }

    /// Source and device rate over their greatest common divisor.
    pub(crate) fn rates(&self) -> (NonZeroU64, NonZeroU64) {
        self.rates
    }

    /// The first device frame since the last flush that lies at or after a source frame.
    pub(crate) fn device_frame_of(&self, source_frame: u64) -> u64 {
        let (from, to) = self.rates;
        source_frame.saturating_mul(to.get()).div_ceil(from.get())
    }

    /// Reads at most `readable` source frames, and fills `out` (device channels, interleaved) as far as they reach.
    pub(crate) fn produce(
        &mut self,
        supply: &mut impl Supply,
        readable: usize,
        out: &mut [f32],
    ) -> Progress {
        let wanted = out.len() / self.device_channels;
        if self.is_copy() {
            let out = head_mut(out, wanted.min(readable) * self.device_channels.get());
            let frames = supply.fill(&self.source, out);
            return Progress {
                frames_read: frames,
                frames_written: frames,
            };
        }
        if self.resampler.is_none() {
            return self.mix(supply, wanted.min(readable).min(self.read_frames), out);
        }
        let mut done = Progress {
            frames_read: 0,
            frames_written: 0,
        };
        let in_place = self.stage.as_ref().is_some_and(Stage::is_in_place);
        while done.frames_written < wanted {
            let left = wanted - done.frames_written;
            let room = if in_place { left } else { usize::MAX };
            let wanted = self
                .source_frames_for(left)
                .min(readable - done.frames_read)
                .min(self.read_frames)
                .min(room);
            let out = tail(out, done.frames_written, self.device_channels.get());
            let decoded = if in_place {
                &mut *out
            } else {
                &mut *self.decoded
            };
            let decoded = head_mut(decoded, wanted * self.source.channels());
            let count = if wanted > 0 {
                supply.fill(&self.source, decoded)
            } else {
                0
            };
            let written = self.convert(count, out);
            done.frames_read += count;
            done.frames_written += written;
            if count < wanted || count == 0 && written == 0 {
                break;
            }
        }
        done
    }

    /// Reads `frames` source frames through the mixer, without a resampler.
    fn mix(&mut self, supply: &mut impl Supply, frames: usize, out: &mut [f32]) -> Progress {
        let mut written = 0;
        let channels = self.device_channels.get();
        let Some(stage) = &mut self.stage else {
            return Progress {
                frames_read: 0,
                frames_written: 0,
            };
        };
        let frames_read = supply.show(&self.source, frames, &mut self.decoded, |input| {
            written += stage.mix(input, tail(out, written, channels));
        });
        Progress {
            frames_read,
            frames_written: written,
        }
    }

    /// Writes the resampler's tail, and returns how many device frames were written. When they are fewer than `out`
    /// holds, the tail is complete, and the resampler is as new.
    pub(crate) fn flush(&mut self, out: &mut [f32]) -> usize {
        let Some(resampler) = &mut self.resampler else {
            return 0;
        };
        match &mut self.stage {
            Some(stage) if !self.is_downmix => {
                let channels = (self.source.channels(), self.device_channels);
                stage.outwards(channels, out, |_, inner| {
                    resampler.flush(inner).frames_written
                })
            }
            _ => resampler.flush(out).frames_written,
        }
    }

    /// Consumes the source faster or slower than its rate says, if the recipe is adjustable.
    pub(crate) fn set_trim(&mut self, trim: f64, ramp_frames: u32) -> Result<(), ConfigError> {
        match &mut self.resampler {
            Some(resampler) => resampler.set_trim(trim, ramp_frames),
            None => Err(RateError::NotAdjustable),
        }
        .map_err(|_| ConfigError::NotAdjustable)
    }

    /// Forgets the source frames that have been read.
    pub(crate) fn reset(&mut self) {
        if let Some(resampler) = &mut self.resampler {
            resampler.reset();
        }
        self.of_floats = self.source.format.is_float();
    }

    pub(crate) fn device_channels(&self) -> usize {
        self.device_channels.get()
    }

    /// Whether `next` has the same rate and layout, so that sound goes on without a flush.
    pub(crate) fn continues_in(&self, next: &Self) -> bool {
        self.source.rate_hz == next.source.rate_hz && self.source.layout == next.source.layout
    }

    /// Takes over the stages of a plan that [continues](Self::continues_in) in this one.
    pub(crate) fn continue_from(&mut self, other: &mut Self) {
        core::mem::swap(&mut self.resampler, &mut other.resampler);
        core::mem::swap(&mut self.stage, &mut other.stage);
        self.of_floats |= other.of_floats;
    }

    /// Takes over the resampler of a plan for the same source and another device. Returns false, and takes nothing, if
    /// the rates or the channels do not fit.
    #[cfg(feature = "std")]
    pub(crate) fn take_resampler_from(&mut self, other: &mut Self) -> bool {
        let serves = self.rates == other.rates && self.inner_channels() == other.inner_channels();
        if serves {
            core::mem::swap(&mut self.resampler, &mut other.resampler);
            self.of_floats |= other.of_floats;
        }
        serves
    }

    #[cfg(feature = "std")]
    fn inner_channels(&self) -> usize {
        self.source.channels().min(self.device_channels.get())
    }

    /// Runs the decoded frames through the stages, and returns how many device frames were written. With a mix in
    /// place, the decoded frames are in the first half of `out`.
    #[inline(always)]
    fn convert(&mut self, frames: usize, out: &mut [f32]) -> usize {
        let decoded = head(&self.decoded, frames * self.source.channels());
        let Some(resampler) = &mut self.resampler else {
            return 0;
        };
        let Some(stage) = &mut self.stage else {
            return resampler.process(decoded, out).frames_written;
        };
        if self.is_downmix {
            let mixed = stage.inwards(decoded, frames * self.device_channels.get());
            return resampler.process(mixed, out).frames_written;
        }
        let channels = (self.source.channels(), self.device_channels);
        stage.outwards(channels, out, |front, inner| {
            let input = front.map_or(decoded, |front| head(front, frames));
            resampler.process(input, inner).frames_written
        })
    }
}

/// Where a plan's source frames come from.
pub(crate) trait Supply {
    /// Fills `out` with whole, finite frames of `source`, and returns how many. They are fewer than fit if the source
    /// has no more.
    fn fill(&mut self, source: &StreamSpec, out: &mut [f32]) -> usize;

    /// Shows `frames` frames of `source` to `see`, in order, in one piece or several, and returns how many.
    ///
    /// Finite f32 frames may be shown where they are. Others are decoded into `out` first, as many as it has room for.
    fn show(
        &mut self,
        source: &StreamSpec,
        frames: usize,
        out: &mut [f32],
        mut see: impl FnMut(&[f32]),
    ) -> usize {
        let out = head_mut(out, frames * source.channels());
        let frames = self.fill(source, out);
        see(head(out, frames * source.channels()));
        frames
    }
}

/// The queue as a plan's supply.
pub(crate) struct Queued<'a> {
    pub(crate) ring: &'a mut ByteReceiver,
    pub(crate) non_finite: &'a mut u64,
}

impl Supply for Queued<'_> {
    /// The ring holds enough frames, because a plan asks for no more than are readable.
    #[inline(always)]
    fn fill(&mut self, source: &StreamSpec, out: &mut [f32]) -> usize {
        let format = source.format;
        let mut rest = &mut *out;
        self.ring
            .read_units(rest.len(), format.bytes_per_sample(), |samples| {
                let count = bytes::decode(format, samples, rest);
                rest = core::mem::take(&mut rest)
                    .get_mut(count..)
                    .unwrap_or_default();
            });
        if format.is_float() {
            *self.non_finite += clean_non_finite(out) as u64;
        }
        out.len() / source.channel_count()
    }

    fn show(
        &mut self,
        source: &StreamSpec,
        frames: usize,
        out: &mut [f32],
        mut see: impl FnMut(&[f32]),
    ) -> usize {
        self.ring
            .read_units(frames, source.frame_bytes(), |frames| {
                let own = match source.format {
                    SampleFormat::F32 => bytemuck::try_cast_slice(frames).ok(),
                    _ => None,
                };
                if let Some(samples) = own.filter(|samples| all_finite(samples)) {
                    return see(samples);
                }
                let count = bytes::decode(source.format, frames, out);
                let out = head_mut(out, count);
                if source.format.is_float() {
                    *self.non_finite += clean_non_finite(out) as u64;
                }
                see(out);
            })
    }
}

/// Allocates room for a piece of frames.
pub(crate) fn piece(channels: usize) -> Box<[f32]> {
    frames_of(PIECE_FRAMES, channels)
}

pub(crate) fn frames_of(frames: usize, channels: usize) -> Box<[f32]> {
    vec![0.0; frames * channels].into_boxed_slice()
}

/// How many source frames are read at a time: those of one piece of device frames, in whole cache lines of mono. At
/// most [`PIECE_FRAMES`].
fn read_frames((from_hz, to_hz): (u32, u32)) -> usize {
    let frames = (PIECE_FRAMES as u64 * u64::from(from_hz)).div_ceil(u64::from(to_hz)) + 1;
    (frames.next_multiple_of(16) as usize).min(PIECE_FRAMES)
}

/// Both numbers over their greatest common divisor.
fn reduced(a: u32, b: u32) -> (NonZeroU64, NonZeroU64) {
    let (mut divisor, mut rest) = (a, b);
    while rest > 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    let share = |rate: u32| NonZeroU64::new((rate / divisor.max(1)).into());
    (
        share(a).unwrap_or(NonZeroU64::MIN),
        share(b).unwrap_or(NonZeroU64::MIN),
    )
}

fn head(samples: &[f32], count: usize) -> &[f32] {
    samples.get(..count).unwrap_or(samples)
}

fn head_mut(samples: &mut [f32], count: usize) -> &mut [f32] {
    let count = count.min(samples.len());
    samples.get_mut(..count).unwrap_or_default()
}

fn tail(samples: &mut [f32], frames: usize, channels: usize) -> &mut [f32] {
    samples.get_mut(frames * channels..).unwrap_or_default()
}
