//! The tap's frames, kept until the stretch that was captured meanwhile is read.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use core::ops::Range;

use channel_mix::{ChannelLayout, MixMatrix, Mixer};

use crate::instruments::tap::Tap;
use crate::plan::{PIECE_FRAMES, frames_of};

/// A run of frames of one rate, without a gap.
#[derive(Debug, Clone, Copy)]
struct Run {
    from_frame: u64,
    end_frame: u64,
    rate_hz: u32,
}

/// Rendered frames by their numbers, mixed to the reference's channels.
///
/// Allocates while it fills, up to `seconds` of sound, and when the output's layout changes.
pub(super) struct Sound {
    tap: Tap,
    layout: ChannelLayout,
    seconds: u32,
    /// Interleaved, with silence in the gaps.
    samples: VecDeque<f32>,
    /// The number of the first frame.
    from_frame: u64,
    runs: VecDeque<Run>,
    tapped: Box<[f32]>,
    mixed: Box<[f32]>,
    mixer: Option<(ChannelLayout, Mixer)>,
}

impl Sound {
    pub(super) fn new(tap: Tap, layout: ChannelLayout, seconds: u32) -> Self {
        Self {
            tap,
            layout,
            seconds,
            samples: VecDeque::new(),
            from_frame: 0,
            runs: VecDeque::new(),
            // A piece of mono frames, fewer of more channels.
            tapped: frames_of(PIECE_FRAMES, 1),
            mixed: frames_of(PIECE_FRAMES, layout.channels()),
            mixer: None,
        }
    }

    pub(super) fn channels(&self) -> usize {
        self.layout.channels()
    }

    /// Moves all of the tap's frames here.
    pub(super) fn collect(&mut self) {
        loop {
            let tapped = self.tap.read(&mut self.tapped);
            if tapped.frames == 0 {
                return;
            }
            if self.mix(tapped.frames) {
                self.append(Run {
                    from_frame: tapped.at_frame,
                    end_frame: tapped.at_frame + tapped.frames as u64,
                    rate_hz: tapped.rate_hz,
                });
            }
        }
    }

    /// Mixes tapped frames to the reference's channels. Returns false if they cannot be mixed.
    fn mix(&mut self, frames: usize) -> bool {
        let layout = self.tap.layout();
        if self.mixer.as_ref().is_none_or(|(of, _)| *of != layout) {
            let matrix = MixMatrix::new(&layout, &self.layout, channel_mix::MixOptions::default());
            self.mixer = Mixer::new(&matrix).ok().map(|mixer| (layout, mixer));
        }
        let Some((_, mixer)) = &mut self.mixer else {
            return false;
        };
        let tapped = self.tapped.get(..frames * layout.channels());
        let mixed = self.mixed.get_mut(..frames * self.layout.channels());
        let frames_mixed =
            mixer.mix_interleaved(tapped.unwrap_or_default(), mixed.unwrap_or_default());
        frames_mixed == frames
    }

    /// Appends the mixed frames.
    fn append(&mut self, run: Run) {
        let channels = self.layout.channels();
        let most = u64::from(self.seconds) * u64::from(run.rate_hz);
        let end = self.end_frame();
        let missing = run.from_frame.saturating_sub(end);
        if run.from_frame < end || missing > most {
            self.samples.clear();
            self.runs.clear();
        }
        if self.samples.is_empty() {
            self.from_frame = run.from_frame;
        } else {
            let silence = core::iter::repeat_n(0.0, missing as usize * channels);
            self.samples.extend(silence);
        }
        let frames = (run.end_frame - run.from_frame) as usize;
        let mixed = self.mixed.get(..frames * channels).unwrap_or_default();
        self.samples.extend(mixed);
        match self.runs.back_mut() {
            Some(last) if last.end_frame == run.from_frame && last.rate_hz == run.rate_hz => {
                last.end_frame = run.end_frame;
            }
            _ => self.runs.push_back(run),
        }
        self.forget_before(run.end_frame.saturating_sub(most));
    }

    fn end_frame(&self) -> u64 {
        self.from_frame + (self.samples.len() / self.layout.channels()) as u64
    }

    /// Drops the frames before `frame`.
    pub(super) fn forget_before(&mut self, frame: u64) {
        let frames = frame.min(self.end_frame()).saturating_sub(self.from_frame);
        self.samples
            .drain(..frames as usize * self.layout.channels());
        self.from_frame += frames;
        while let Some(run) = self.runs.front()
            && run.end_frame <= self.from_frame
        {
            self.runs.pop_front();
        }
    }

    /// The parts of `frames` that are known and have this rate, in order.
    pub(super) fn known(
        &self,
        frames: Range<f64>,
        rate_hz: u32,
    ) -> impl Iterator<Item = Range<f64>> + '_ {
        let begin = self.from_frame;
        self.runs
            .iter()
            .filter(move |run| run.rate_hz == rate_hz)
            .map(move |run| run.from_frame.max(begin) as f64..run.end_frame as f64)
            .map(move |run| run.start.max(frames.start)..run.end.min(frames.end))
            .filter(|known| known.start < known.end)
    }

    /// Fills `out` with the frames from `frame` on. Frames that are not known or have another rate are silence.
    pub(super) fn fill(&self, frame: i64, rate_hz: u32, out: &mut [f32]) {
        let channels = self.layout.channels();
        out.fill(0.0);
        let end = frame.saturating_add_unsigned((out.len() / channels) as u64);
        for run in self.runs.iter().filter(|run| run.rate_hz == rate_hz) {
            let from = frame.max(run.from_frame.max(self.from_frame).cast_signed());
            let to = end.min(run.end_frame.cast_signed());
            if from < to {
                let at = (from - self.from_frame.cast_signed()) as usize * channels;
                let into = (from - frame) as usize * channels;
                let count = (to - from) as usize * channels;
                let slots = out.get_mut(into..into + count).unwrap_or_default();
                for (slot, sample) in slots.iter_mut().zip(self.samples.range(at..)) {
                    *slot = *sample;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::instruments::tap::{TapSender, tap};
    use crate::spec::StreamSpec;

    /// Writes frames whose samples are their numbers, in thousandths.
    fn write(sender: &mut TapSender, at_frame: u64, frames: usize, device: &str) -> bool {
        let device: StreamSpec = device.parse().unwrap();
        let fits = sender.begin(at_frame, frames, &device);
        if fits {
            for frame in at_frame..at_frame + frames as u64 {
                for _ in 0..device.channels() {
                    sender.push(&[frame as f32 / 1e3]);
                }
            }
        }
        fits
    }

    fn filled(sound: &Sound, from: i64, rate_hz: u32, frames: usize) -> Vec<f32> {
        let mut out = alloc::vec![f32::NAN; frames];
        sound.fill(from, rate_hz, &mut out);
        out.iter().map(|sample| (sample * 1e3).round()).collect()
    }

    fn known(sound: &Sound, rate_hz: u32) -> Vec<Range<f64>> {
        sound.known(0.0..1e9, rate_hz).collect()
    }

    #[test]
    fn frames_are_found_by_their_numbers_and_gaps_are_silent() {
        let device = "8000x2:f32le".parse().unwrap();
        let (mut sender, tap) = tap(4_000, &device, false);
        let mono = ChannelLayout::from_count(1).unwrap();
        let mut sound = Sound::new(*tap, mono, 1);
        sound.collect();
        assert_eq!(filled(&sound, -1, 8_000, 2), [0.0, 0.0]);
        assert!(write(&mut sender, 10, 3, "8000x2:f32le"));
        sound.collect();
        assert!(write(&mut sender, 13, 2, "8000x2:f32le"));
        assert!(write(&mut sender, 17, 2, "8000x2:f32le"));
        // Another device with other channels. The frame numbers go on.
        assert!(write(&mut sender, 19, 1_500, "16000x1:f32le"));
        sound.collect();
        let expected = [
            0.0, 10.0, 11.0, 12.0, 13.0, 14.0, 0.0, 0.0, 17.0, 18.0, 0.0, 0.0,
        ];
        assert_eq!(filled(&sound, 9, 8_000, 12), expected);
        assert_eq!(filled(&sound, 18, 16_000, 3), [0.0, 19.0, 20.0]);
        assert_eq!(filled(&sound, 1_517, 16_000, 3), [1_517.0, 1_518.0, 0.0]);
        assert_eq!(known(&sound, 8_000), [10.0..15.0, 17.0..19.0]);
        assert_eq!(known(&sound, 16_000), [19.0..1_519.0]);
        let part: Vec<_> = sound.known(12.5..17.25, 8_000).collect();
        assert_eq!(part, [12.5..15.0, 17.0..17.25]);
        sound.forget_before(18);
        assert_eq!(filled(&sound, 16, 8_000, 4), [0.0, 0.0, 18.0, 0.0]);
        assert_eq!(known(&sound, 8_000), [18.0..19.0]);
        sound.forget_before(1_000_000);
        assert_eq!(known(&sound, 16_000), []);
        assert!(write(&mut sender, 1_519, 1, "16000x1:f32le"));
        sound.collect();
        assert_eq!(filled(&sound, 1_518, 16_000, 2), [0.0, 1_519.0]);
    }

    #[test]
    fn no_more_is_kept_than_so_many_seconds() {
        let device = "1000x1:f32le".parse().unwrap();
        let (mut sender, tap) = tap(1_000, &device, false);
        let mono = ChannelLayout::from_count(1).unwrap();
        let mut sound = Sound::new(*tap, mono, 2);
        for block in 0..10 {
            assert!(write(&mut sender, block * 500, 500, "1000x1:f32le"));
            sound.collect();
        }
        assert_eq!(known(&sound, 1_000), [3_000.0..5_000.0]);
        assert_eq!(sound.samples.len(), 2_000);
        // A longer gap takes no room.
        assert!(write(&mut sender, 1 << 40, 500, "1000x1:f32le"));
        sound.collect();
        assert_eq!(sound.samples.len(), 500);
        assert_eq!(
            filled(&sound, 1 << 40, 1_000, 1),
            [((1_u64 << 40) as f32 / 1e3 * 1e3).round()]
        );
    }
}
