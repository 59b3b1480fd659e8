//! How loud each channel is: peak and RMS, measured on what the device got.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicU32, Ordering};

use crate::shared::SeqLock;
use crate::spec::MAX_CHANNELS;

/// How loud one channel was; 1.0 is full scale.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Level {
    /// The largest magnitude.
    pub peak: f32,
    /// The root of the mean square: a full-scale sine has 0.707.
    pub rms: f32,
}

/// One 2^40th: sums of squares are kept as whole numbers of these, so that a difference of two sums
/// is exact however long the stream has run. They wrap around after 2^24 full-scale samples, which is
/// allowed between two looks: 349 s at 48 kHz.
const SQUARE_UNITS: f64 = (1_u64 << 40) as f64;

/// The frames measured, then each channel's sum of squares.
const WORDS: usize = 1 + MAX_CHANNELS;

/// What both sides see.
#[derive(Debug)]
struct Levels {
    /// f32 bits, which order as magnitudes do. The reader takes them by swapping in 0.
    peaks: [AtomicU32; MAX_CHANNELS],
    sums: SeqLock<WORDS>,
}

/// The audio thread's side.
#[derive(Debug)]
pub(crate) struct Meter {
    levels: Arc<Levels>,
    sums: [u64; WORDS],
}

/// The application's side.
#[derive(Debug)]
pub(crate) struct MeterReader {
    levels: Arc<Levels>,
    seen: [u64; WORDS],
    result: [Level; MAX_CHANNELS],
}

/// A meter for up to 64 channels, and its reader. Allocates both.
pub(crate) fn meter() -> (Box<Meter>, Box<MeterReader>) {
    let levels = Arc::new(Levels {
        peaks: [const { AtomicU32::new(0) }; MAX_CHANNELS],
        sums: SeqLock::default(),
    });
    let meter = Meter {
        levels: Arc::clone(&levels),
        sums: [0; WORDS],
    };
    let reader = MeterReader {
        levels,
        seen: [0; WORDS],
        result: [Level::default(); MAX_CHANNELS],
    };
    (Box::new(meter), Box::new(reader))
}

/// Samples measured side by side: one sum would wait for itself at every sample. They stay in
/// registers where they are few; any layout's frame has room in the most.
const FEW_LANES: usize = 16;
const MOST_LANES: usize = MAX_CHANNELS;

/// Peaks and sums of squares. A lane meets one channel only, as long as a row is whole frames.
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
    /// Adds interleaved frames: what is to be published with the block.
    pub(crate) fn measure(&mut self, block: &[f32], channels: usize) {
        if FEW_LANES.is_multiple_of(channels) {
            let mut lanes = Lanes::<FEW_LANES>::new();
            let (rows, rest) = block.as_chunks::<FEW_LANES>();
            for row in rows {
                lanes.add(row);
            }
            lanes.add(rest);
            self.note(&lanes, block.len(), channels);
        } else {
            let mut lanes = Lanes::<MOST_LANES>::new();
            for row in block.chunks(MOST_LANES - MOST_LANES % channels) {
                lanes.add(row);
            }
            self.note(&lanes, block.len(), channels);
        }
    }

    fn note<const N: usize>(&mut self, lanes: &Lanes<N>, samples: usize, channels: usize) {
        self.measure_silence(samples / channels);
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
    /// The levels since the last call, one a channel.
    pub(crate) fn take(&mut self, channels: usize) -> &[Level] {
        let now = self.levels.sums.read();
        let mut differences = now.iter().zip(&self.seen).map(|(n, s)| n.wrapping_sub(*s));
        let frames = differences.next().unwrap_or(0).max(1) as f64;
        for ((level, peak), sum) in self
            .result
            .iter_mut()
            .zip(&self.levels.peaks)
            .zip(differences)
        {
            let mean = sum as f64 / SQUARE_UNITS / frames;
            *level = Level {
                peak: f32::from_bits(peak.swap(0, Ordering::Relaxed)),
                rms: libm::sqrt(mean) as f32,
            };
        }
        self.seen = now;
        self.result.get(..channels).unwrap_or(&self.result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_channel_has_its_own_peak_and_rms_and_a_look_takes_them() {
        let (mut meter, mut reader) = meter();
        meter.measure(&[0.5, -1.0, -0.5, 0.0, 0.5, 1.0, -0.5, 0.0], 2);
        meter.publish();
        let expected = [(0.5, 0.5), (1.0, 0.5_f32.sqrt())];
        for (level, (peak, rms)) in reader.take(2).iter().zip(expected) {
            assert_eq!(level.peak, peak);
            assert!((level.rms - rms).abs() < 1e-6, "{level:?}");
        }
        meter.measure_silence(4);
        meter.publish();
        assert_eq!(reader.take(2), [Level::default(); 2]);
        meter.measure(&[0.25, 0.0], 2);
        meter.measure_silence(3);
        meter.publish();
        assert_eq!(
            reader.take(2)[0],
            Level {
                peak: 0.25,
                rms: 0.125
            }
        );
    }

    #[test]
    fn a_long_stream_loses_no_precision_and_wraps_around() {
        let (mut meter, mut reader) = meter();
        meter.sums[0] = u64::MAX - 100;
        meter.sums[1] = u64::MAX - 5;
        meter.publish();
        reader.take(1);
        meter.measure(&[1e-3; 256], 1);
        meter.publish();
        let rms = reader.take(1)[0].rms;
        assert!((rms - 1e-3).abs() < 1e-6, "{rms}");
    }
}
