//! The output stage: gain, fades and quantizing on the way into the device's block.

use alloc::boxed::Box;
use core::num::NonZeroUsize;

use pcm_convert::{SampleFormat, clean_non_finite};

use crate::audio::quantize::Quantize;
use crate::audio::seam::Seam;
use crate::audio::target::{Target, sample_size};
use crate::config::Config;
use crate::instruments::meters::Meter;
use crate::link::counters::Counters;
use crate::plan::{PIECE_FRAMES, frames_of};
use crate::spec::StreamSpec;
use crate::volume::Volume;

/// Converts frames to the device's format, and measures them. Positions in a target are in frames.
#[derive(Debug)]
#[repr(C)] // in the order of use
pub(super) struct Output {
    pub(super) device: StreamSpec,
    /// Bytes of a device sample.
    pub(super) sample_size: NonZeroUsize,
    pub(super) meter: Option<Box<Meter>>,
    clipped_samples: u64,
    /// Samples that arithmetic made non-finite, and that were made finite.
    overflowed_samples: u64,
    pub(super) seam: Seam,
    pub(super) volume: Volume,
    pub(super) quantize: Quantize,
    /// Whole frames in the device's channels that are not made in the block itself.
    piece: Box<[f32]>,
}

impl Output {
    pub(super) fn new(config: &Config, gain: f32, meter: Option<Box<Meter>>) -> Self {
        let channels = config.device.channels();
        Self {
            device: config.device,
            sample_size: sample_size(config.device.format),
            volume: Volume::new(gain),
            seam: Seam::new(channels, config.ramp_frames),
            quantize: Quantize::new(channels, config.rounding, config.dither, config.dither_seed),
            piece: own_piece(&config.device),
            meter,
            clipped_samples: 0,
            overflowed_samples: 0,
        }
    }

    /// Changes the device. Allocates.
    #[cfg(feature = "std")]
    pub(super) fn set_device(&mut self, device: StreamSpec, seam: Seam, quantize: Quantize) {
        self.device = device;
        self.sample_size = sample_size(device.format);
        self.seam = seam;
        self.quantize = quantize;
        self.piece = own_piece(&device);
    }

    /// Whether samples pass unchanged: there is no gain, fade or decay.
    pub(super) fn is_untouched(&self) -> bool {
        self.seam.is_clear() && self.volume.is_unity()
    }

    /// How many frames of sound a ramp, a fade or a decay still changes.
    pub(super) fn busy_frames(&self) -> usize {
        let ramp = self.volume.remaining_frames() as usize;
        self.seam.busy_frames().max(ramp)
    }

    /// The room in which up to `frames` frames are made: the target itself if its format is `f32`, else a piece.
    pub(super) fn room<'a>(
        &'a mut self,
        target: &'a mut Target<'_>,
        at: usize,
        frames: usize,
    ) -> &'a mut [f32] {
        let channels = self.device.channels();
        match target.f32_mut(at * channels, frames.min(PIECE_FRAMES) * channels) {
            Some(room) => room,
            None => head(&mut self.piece, frames * channels),
        }
    }

    /// Writes `frames` frames that were made in their [room](Self::room). Frames from integers are always finite. With
    /// `from_floats` that is not certain.
    #[inline(always)]
    pub(super) fn write(
        &mut self,
        target: &mut Target<'_>,
        at: usize,
        frames: usize,
        from_floats: bool,
    ) {
        let channels = self.device.channels();
        let (at, samples) = (at * channels, frames * channels);
        let is_untouched = self.is_untouched();
        let sound = match target.f32_mut(at, samples) {
            Some(sound) => sound,
            None => head(&mut self.piece, samples),
        };
        if is_untouched {
            self.seam.note_sound(sound);
        } else {
            self.volume.apply_interleaved(sound, channels);
            self.seam.sound(sound);
        }
        self.finish(target, at, samples, from_floats);
    }

    /// How many frames may be copied into a target at a time. The meter reads them back by pieces, unless they are
    /// `f32` in the target.
    pub(super) fn copied_at_once(&self, target: &mut Target<'_>, frames: usize) -> usize {
        let channels = self.device.channels();
        if self.meter.is_none() || target.f32_mut(0, channels).is_some() {
            frames
        } else {
            frames.min(self.piece.len() / self.device.channel_count())
        }
    }

    /// Notes frames that were copied unchanged into the target.
    pub(super) fn note_copied(&mut self, target: &mut Target<'_>, at: usize, frames: usize) {
        let channels = self.device.channels();
        let (at, samples) = (at * channels, frames * channels);
        self.seam.note_copied(target, target.view(at..at + samples));
        if self.meter.is_some() {
            self.measure_copied(target, at, samples);
        }
    }

    #[inline(never)]
    fn measure_copied(&mut self, target: &mut Target<'_>, at: usize, samples: usize) {
        let Some(meter) = &mut self.meter else {
            return;
        };
        let sound = match target.f32_mut(at, samples) {
            Some(sound) => sound,
            None => {
                let piece = head(&mut self.piece, samples);
                target.read(at, piece);
                piece
            }
        };
        meter.measure(sound, self.device.channel_count());
    }

    /// Writes frames `from..to` without sound: the rest of a decay, then the equilibrium.
    pub(super) fn silence(
        &mut self,
        target: &mut Target<'_>,
        from: usize,
        to: usize,
        from_floats: bool,
    ) {
        let channels = self.device.channels();
        // A ramp runs on in silence.
        if !self.volume.is_steady() {
            self.volume.skip(to - from);
        }
        let mut at = from;
        while at < to && self.seam.decay_frames() > 0 {
            let frames = self.seam.decay_frames().min(to - at);
            let decay = match target.f32_mut(at * channels, frames * channels) {
                Some(decay) => decay,
                None => head(&mut self.piece, frames * channels),
            };
            self.seam.silence(decay);
            let samples = decay.len();
            self.finish(target, at * channels, samples, from_floats);
            at += samples / self.device.channel_count();
        }
        target.silence(at * channels..to * channels);
        if let Some(meter) = &mut self.meter {
            meter.measure_silence(to - at);
        }
    }

    /// Measures `samples` samples, and converts them to the target's format unless they are in it already.
    #[inline(always)]
    fn finish(&mut self, target: &mut Target<'_>, at: usize, samples: usize, from_floats: bool) {
        let channels = self.device.channel_count();
        if let Some(sound) = target.f32_mut(at, samples) {
            // Frames from integers cannot overflow: they are at most 1.0, and mix, filter and gain multiply them by at
            // most 64 x [`MAX_GAIN`](channel_mix::MAX_GAIN) x 4 x a gain.
            if from_floats {
                self.overflowed_samples += clean_non_finite(sound) as u64;
            }
            if let Some(meter) = &mut self.meter {
                meter.measure(sound, channels);
            }
        } else {
            let sound = head(&mut self.piece, samples);
            let quantized = target.quantize(at, sound, &mut self.quantize);
            self.clipped_samples += quantized.clipped as u64;
            self.overflowed_samples += quantized.non_finite as u64;
            if let Some(meter) = &mut self.meter {
                if quantized.non_finite > 0 {
                    clean_non_finite(sound);
                }
                meter.measure(sound, channels);
            }
        }
    }

    /// Shows the first `frames` frames that have been written, in pieces.
    pub(super) fn read_back(
        &mut self,
        target: &Target<'_>,
        frames: usize,
        mut see: impl FnMut(&[f32]),
    ) {
        let samples = frames * self.device.channels();
        for from in (0..samples).step_by(self.piece.len().max(1)) {
            let piece = head(&mut self.piece, samples - from);
            target.read(from, piece);
            see(piece);
        }
    }

    /// Writes the output's counters. `non_finite_samples` already holds the input's count.
    pub(super) fn count(&self, counters: &mut Counters) {
        counters.clipped_samples = self.clipped_samples;
        counters.non_finite_samples += self.overflowed_samples;
    }
}

fn head(samples: &mut [f32], count: usize) -> &mut [f32] {
    let count = count.min(samples.len());
    samples.get_mut(..count).unwrap_or_default()
}

/// Allocates room for a piece of device frames. A block of `f32` seldom needs it, so it gets less.
fn own_piece(device: &StreamSpec) -> Box<[f32]> {
    let frames = match device.format {
        SampleFormat::F32 => 48,
        _ => PIECE_FRAMES,
    };
    frames_of(frames, device.channels())
}

#[cfg(all(test, not(rt_callback_loom)))]
#[allow(clippy::unwrap_used)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;

    /// Stereo s16 with ramps of four frames.
    fn output() -> Output {
        let spec = StreamSpec::new(
            SampleFormat::S16,
            48_000,
            channel_mix::ChannelLayout::STEREO,
        );
        let mut config = Config::new(spec, spec);
        config.ramp_frames = 4;
        Output::new(&config, 1.0, None)
    }

    fn write(output: &mut Output, block: &mut [i16], value: f32) {
        let frames = block.len() / 2;
        let mut target = Target::typed(block);
        output.room(&mut target, 0, frames).fill(value);
        output.write(&mut target, 0, frames, true);
    }

    fn counted(output: &Output) -> (u64, u64) {
        let mut counters = Counters::default();
        output.count(&mut counters);
        (counters.clipped_samples, counters.non_finite_samples)
    }

    #[test]
    fn what_sounded_last_decays_into_silence_and_comes_back_faded() {
        let mut output = output();
        let mut block = [0_i16; 8];
        write(&mut output, &mut block, 0.5);
        assert_eq!(block, [16_384; 8]);
        output.seam.begin_gap();
        let mut block = [1_i16; 12];
        output.silence(&mut Target::typed(&mut block), 1, 6, true);
        let left: Vec<_> = block.iter().step_by(2).copied().collect();
        assert_eq!(left, [1, 12_288, 8_192, 4_096, 0, 0]);
        assert_eq!(output.busy_frames(), 4, "the fade in");
        let mut block = [0_i16; 10];
        write(&mut output, &mut block, 0.5);
        let left: Vec<_> = block.iter().step_by(2).copied().collect();
        assert_eq!(left, [4_096, 8_192, 12_288, 16_384, 16_384]);
        assert!(output.is_untouched());
    }

    #[test]
    fn what_is_clipped_and_what_is_no_number_is_counted_once() {
        let mut output = output();
        let mut block = [0_i16; 4];
        write(&mut output, &mut block, 1.5);
        assert_eq!((block[0], counted(&output)), (i16::MAX, (4, 0)));
        write(&mut output, &mut block, f32::NAN);
        assert_eq!((block[0], counted(&output)), (0, (4, 4)));
    }

    #[test]
    fn what_was_written_is_read_back_whole() {
        let mut output = output();
        let mut block = vec![0_i16; 2 * (PIECE_FRAMES + 7)];
        block.fill(-16_384);
        let mut seen = 0;
        output.read_back(&Target::typed(&mut block), PIECE_FRAMES + 7, |piece| {
            assert!(piece.iter().all(|sample| *sample == -0.5));
            seen += piece.len();
        });
        assert_eq!(seen, block.len());
    }
}
