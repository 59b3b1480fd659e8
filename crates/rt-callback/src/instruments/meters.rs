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

/// How many units of a sum of squares make 1.0. Sums are whole numbers of units, so that a difference of two sums is
/// exact however long the stream has run. They wrap around after 2^24 full-scale samples, 349 s at 48 kHz: reads may be
/// that far apart.
const SQUARE_UNITS: f64 = (1_u64 << 40) as f64;

/// How many channels are measured: those of any layout.
const METERED: usize = or_modelled(MAX_CHANNELS, 1);
/// The count of measured frames, then each channel's sum of squares.
const WORDS: usize = 1 + METERED;

/// The state that both sides share.
#[derive(Debug)]
struct Levels {
    /// The peaks as f32 bits, whose order is that of the magnitudes. The reader takes them by swapping in 0.
    peaks: [AtomicU32; METERED],
    sums: SeqLock<WORDS>,
    /// The sums at the last read. Only the thread that has set `is_looked_at` touches them.
    seen: [AtomicU64; WORDS],
    is_looked_at: AtomicBool,
}

/// The audio thread's side.
#[derive(Debug)]
pub(crate) struct Meter {
    levels: Arc<Levels>,
    sums: [u64; WORDS],
}

/// The application's side.
#[derive(Debug, Clone)]
pub(crate) struct MeterReader(Arc<Levels>);

/// Makes a meter for up to 64 channels, and its reader. Allocates both.
pub(crate) fn meter() -> (Box<Meter>, MeterReader) {
    let levels = Arc::new(Levels {
        peaks: core::array::from_fn(|_| AtomicU32::new(0)),
        sums: SeqLock::default(),
        seen: core::array::from_fn(|_| AtomicU64::new(0)),
        is_looked_at: AtomicBool::new(false),
    });
    let meter = Meter {
        levels: Arc::clone(&levels),
        sums: [0; WORDS],
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
    squares: [f32; N],
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
        let sums = self.sums.iter_mut().skip(1);
        let channel_sums = sums.zip(&self.levels.peaks).take(channels);
        for (channel, (sum, level)) in channel_sums.enumerate() {
            let own = (channel..N).step_by(channels);
            let own =
                own.filter_map(|lane| Some((lanes.peaks.get(lane)?, lanes.squares.get(lane)?)));
            let (peak, squares) = own.fold((0.0_f32, 0.0_f64), |(peak, sum), (p, squares)| {
                (peak.max(*p), sum + f64::from(*squares))
            });
            level.fetch_max(peak.to_bits(), Ordering::Relaxed);
            *sum = sum.wrapping_add((squares * SQUARE_UNITS) as u64);
        }
    }

    /// Adds frames of silence.
    pub(crate) fn measure_silence(&mut self, frames: usize) {
        if let Some(sum) = self.sums.first_mut() {
            *sum = sum.wrapping_add(frames as u64);
        }
    }

    pub(crate) fn publish(&self) {
        self.levels.sums.write(&self.sums);
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
        let now = levels.sums.read();
        let seen = levels.seen.iter().zip(now);
        let mut differences =
            seen.map(|(seen, now)| now.wrapping_sub(seen.swap(now, Ordering::Relaxed)));
        let frames = differences.next().unwrap_or(0).max(1) as f64;
        let channels = levels.peaks.iter().zip(differences);
        let mut out = out.iter_mut();
        let mut count = 0;
        for (peak, sum) in channels {
            let mean = sum as f64 / SQUARE_UNITS / frames;
            let level = Level {
                peak: f32::from_bits(peak.swap(0, Ordering::Relaxed)),
                rms: libm::sqrt(mean) as f32,
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

    #[test]
    fn a_long_stream_loses_no_precision_and_wraps_around() {
        let (mut meter, reader) = meter();
        let mut level = [Level::default()];
        meter.sums[0] = u64::MAX - 100;
        meter.sums[1] = u64::MAX - 5;
        meter.publish();
        reader.take(&mut level);
        meter.measure(&[1e-3; 256], NonZeroUsize::MIN);
        meter.publish();
        assert_eq!(reader.take(&mut level), 1);
        let rms = level[0].rms;
        assert!((rms - 1e-3).abs() < 1e-6, "{rms}");
    }
}
