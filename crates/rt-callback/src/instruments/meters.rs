//! The level meters: peak and RMS of each channel, measured on what the device gets.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::num::NonZeroUsize;

use crate::link::snapshot::SeqLock;
use crate::link::sync::{AtomicBool, AtomicU32, AtomicU64, Ordering, or_modelled, spin_loop};
use crate::spec::MAX_CHANNELS;

/// The level of one channel. 1.0 is full scale.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct Level {
    /// The largest magnitude of a sample.
    pub peak: f32,
    /// The root of the mean square: a full-scale sine has 0.707.
    pub rms: f32,
}

/// How many channels are measured: those of any layout.
const METERED: usize = or_modelled(MAX_CHANNELS, 1);
/// The words before the sums: the count of measured frames, and the count since which the sums go.
const HEADER: usize = 2;
/// The header, then each channel's sum of squares, as f64 bits.
const WORDS: usize = HEADER + METERED;

/// The state that both sides share.
///
/// The sums begin anew at the block behind a reading, because a quiet sound would be lost in the sum of a long or loud
/// one. The reader knows which sums it has seen, so nothing is lost if a block comes before they do.
#[derive(Debug)]
struct Levels {
    /// The peaks as f32 bits, whose order is that of the magnitudes. The reader takes them by swapping in 0.
    peaks: [AtomicU32; METERED],
    sums: SeqLock<WORDS>,
    /// The count of measured frames up to which the sums have been read.
    read_frames: AtomicU64,
    /// The words of the last reading. Only the thread that has set `is_looked_at` touches them.
    seen: [AtomicU64; WORDS],
    is_looked_at: AtomicBool,
}

/// The audio thread's side.
#[derive(Debug)]
pub(crate) struct Meter {
    levels: Arc<Levels>,
    /// How many frames have been measured, and how many of them before the sums began.
    frames: u64,
    before_frames: u64,
    /// Each channel's sum of squares. f64 holds the square of every f32, and so many of them without a loss.
    sums: [f64; METERED],
}

/// The application's side.
#[derive(Debug, Clone)]
pub(crate) struct MeterReader(Arc<Levels>);

/// Makes a meter for up to 64 channels, and its reader. Allocates both.
pub(crate) fn meter() -> (Box<Meter>, MeterReader) {
    let levels = Arc::new(Levels {
        peaks: core::array::from_fn(|_| AtomicU32::new(0)),
        sums: SeqLock::default(),
        read_frames: AtomicU64::new(0),
        seen: core::array::from_fn(|_| AtomicU64::new(0)),
        is_looked_at: AtomicBool::new(false),
    });
    let meter = Meter {
        levels: Arc::clone(&levels),
        frames: 0,
        before_frames: 0,
        sums: [0.0; METERED],
    };
    (Box::new(meter), MeterReader(levels))
}

/// How many samples are measured side by side, because a single sum would wait for itself at every sample. Few lanes
/// stay in registers. The most lanes have room for a frame of any layout.
const FEW_LANES: usize = 16;
const MOST_LANES: usize = MAX_CHANNELS;

/// Peaks and sums of squares of a row of samples. A row is whole frames, so that a lane meets one channel only.
struct Lanes<const N: usize> {
    peaks: [f32; N],
    squares: [f64; N],
}

impl<const N: usize> Lanes<N> {
    fn new() -> Self {
        Self {
            peaks: [0.0; N],
            squares: [0.0; N],
        }
    }

    #[inline]
    fn add(&mut self, row: &[f32]) {
        let lanes = self.peaks.iter_mut().zip(&mut self.squares);
        for ((peak, squares), sample) in lanes.zip(row) {
            *peak = peak.max(sample.abs());
            let sample = f64::from(*sample);
            *squares += sample * sample;
        }
    }
}

impl Meter {
    /// Adds interleaved frames, to be published with the block.
    pub(crate) fn measure(&mut self, block: &[f32], channels: NonZeroUsize) {
        if FEW_LANES % channels == 0 {
            let mut lanes = Lanes::<FEW_LANES>::new();
            let (rows, rest) = block.as_chunks::<FEW_LANES>();
            for row in rows {
                lanes.add(row);
            }
            lanes.add(rest);
            self.note(&lanes, block.len(), channels);
        } else {
            let mut lanes = Lanes::<MOST_LANES>::new();
            for row in block.chunks((MOST_LANES - MOST_LANES % channels).max(1)) {
                lanes.add(row);
            }
            self.note(&lanes, block.len(), channels);
        }
    }

    fn note<const N: usize>(&mut self, lanes: &Lanes<N>, samples: usize, channels: NonZeroUsize) {
        self.measure_silence(samples / channels);
        let channels = channels.get();
        let channel_sums = self.sums.iter_mut().zip(&self.levels.peaks).take(channels);
        for (channel, (sum, level)) in channel_sums.enumerate() {
            let own = (channel..N).step_by(channels);
            let own =
                own.filter_map(|lane| Some((lanes.peaks.get(lane)?, lanes.squares.get(lane)?)));
            let (peak, squares) = own.fold((0.0_f32, 0.0_f64), |(peak, sum), (p, squares)| {
                (peak.max(*p), sum + squares)
            });
            level.fetch_max(peak.to_bits(), Ordering::Relaxed);
            *sum += squares;
        }
    }

    /// Adds frames of silence.
    pub(crate) fn measure_silence(&mut self, frames: usize) {
        if self.levels.read_frames.load(Ordering::Relaxed) == self.frames {
            self.before_frames = self.frames;
            self.sums = [0.0; METERED];
        }
        self.frames += frames as u64;
    }

    pub(crate) fn publish(&self) {
        let mut words = [0; WORDS];
        let header = [self.frames, self.before_frames];
        let sums = self.sums.iter().map(|sum| sum.to_bits());
        for (word, value) in words.iter_mut().zip(header.into_iter().chain(sums)) {
            *word = value;
        }
        self.levels.sums.write(&words);
    }
}

impl Levels {
    /// The frames that were measured since the last reading, and each channel's sum of squares.
    fn news(&self) -> (u64, impl Iterator<Item = f64>) {
        let now = self.sums.read();
        let mut seen = [0; WORDS];
        for ((seen, place), now) in seen.iter_mut().zip(&self.seen).zip(now) {
            *seen = place.swap(now, Ordering::Relaxed);
        }
        let ([frames, before_frames, ..], [seen_frames, ..]) = (now, seen);
        self.read_frames.store(frames, Ordering::Relaxed);
        let is_anew = before_frames == seen_frames;
        let sums = now.into_iter().zip(seen).skip(HEADER);
        let sums = sums.map(move |(now, seen)| {
            let seen = if is_anew { 0.0 } else { f64::from_bits(seen) };
            f64::from_bits(now) - seen
        });
        (frames.saturating_sub(seen_frames), sums)
    }
}

impl MeterReader {
    /// Writes the levels since the last call, by any thread, into `out`, one for each channel. Returns how many.
    pub(crate) fn take(&self, out: &mut [Level]) -> usize {
        let levels = &*self.0;
        // One reader at a time. The audio thread never waits here.
        while levels
            .is_looked_at
            .compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed)
            .is_err()
        {
            spin_loop();
        }
        let (frames, sums) = levels.news();
        let frames = frames.max(1) as f64;
        let mut out = out.iter_mut();
        let mut count = 0;
        for (peak, sum) in levels.peaks.iter().zip(sums) {
            let level = Level {
                peak: f32::from_bits(peak.swap(0, Ordering::Relaxed)),
                rms: libm::sqrt(sum / frames) as f32,
            };
            if let Some(out) = out.next() {
                *out = level;
                count += 1;
            }
        }
        levels.is_looked_at.store(false, Ordering::Release);
        count
    }
}

#[cfg(all(test, not(rt_callback_loom)))]
mod tests {
    use super::*;

    const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();

    #[test]
    fn each_channel_has_its_own_peak_and_rms_and_a_look_takes_them() {
        let (mut meter, reader) = meter();
        let take = |channels| {
            let mut levels = [Level::default(); MAX_CHANNELS];
            reader.take(&mut levels);
            levels[..channels].to_vec()
        };
        meter.measure(&[0.5, -1.0, -0.5, 0.0, 0.5, 1.0, -0.5, 0.0], TWO);
        meter.publish();
        let expected = [(0.5, 0.5), (1.0, 0.5_f32.sqrt())];
        for (level, (peak, rms)) in take(2).iter().zip(expected) {
            assert_eq!(level.peak, peak);
            assert!((level.rms - rms).abs() < 1e-6, "{level:?}");
        }
        meter.measure_silence(4);
        meter.publish();
        assert_eq!(take(2), [Level::default(); 2]);
        meter.measure(&[0.25, 0.0], TWO);
        meter.measure_silence(3);
        meter.publish();
        assert_eq!(
            take(2)[0],
            Level {
                peak: 0.25,
                rms: 0.125
            }
        );
    }

    /// What was loud, however long, is forgotten with its reading: the sums begin anew, at once or with the next one.
    #[test]
    fn a_reading_is_of_what_came_since_the_last_and_of_nothing_else() {
        let (mut meter, reader) = meter();
        let mut level = [Level::default()];
        let mut take = || {
            assert_eq!(reader.take(&mut level), 1);
            level[0].rms
        };
        let mut measure = |sample: f32, is_read: bool| {
            if is_read {
                meter.measure(&[sample; 256], NonZeroUsize::MIN);
            } else {
                // The reading does not reach the audio thread before the block.
                let read_frames = meter.levels.read_frames.swap(u64::MAX, Ordering::Relaxed);
                meter.measure(&[sample; 256], NonZeroUsize::MIN);
                meter
                    .levels
                    .read_frames
                    .store(read_frames, Ordering::Relaxed);
            }
            meter.publish();
        };
        measure(1e25, true);
        assert_eq!(take(), 1e25);
        assert_eq!(take(), 0.0);
        measure(1e-7, true);
        measure(1e-7, true);
        assert_eq!(take(), 1e-7);
        measure(0.5, false);
        assert_eq!(take(), 0.5, "the sums go on, and nothing is lost");
        measure(1e-3, true);
        measure(1e-3, false);
        assert_eq!(take(), 1e-3);
    }
}
