//! How long source frames last, across changes of their rate.

use crate::link::heard::Heard;
use crate::link::snapshot::SeqLock;
use crate::span::nanoseconds;

/// How many changes of the rate are remembered: enough for those within any device's latency.
const PLACES: usize = 4;
const WORDS: usize = 3;

/// A rate, and the source frame since which it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Since {
    /// Source frames heard before, and how long they lasted in nanoseconds.
    frames: u64,
    ns: u64,
    rate_hz: u32,
    /// How many changes came before.
    number: u32,
}

impl Since {
    fn to_words(self) -> [u64; WORDS] {
        let number = u64::from(self.number) << 32;
        [self.frames, self.ns, number | u64::from(self.rate_hz)]
    }

    fn from_words([frames, ns, rate_hz]: [u64; WORDS]) -> Self {
        Self {
            frames,
            ns,
            rate_hz: rate_hz as u32,
            number: (rate_hz >> 32) as u32,
        }
    }

    fn time_of(self, frames: u64) -> u64 {
        let more = frames.saturating_sub(self.frames);
        self.ns.saturating_add(nanoseconds(more, self.rate_hz))
    }
}

/// How long heard frames last. The renderer writes at each change of the rate, and any thread reads.
#[derive(Debug)]
pub(crate) struct SourceTimes {
    places: [SeqLock<WORDS>; PLACES],
}

impl SourceTimes {
    pub(crate) fn new(rate_hz: u32) -> Self {
        let times = Self {
            places: core::array::from_fn(|_| SeqLock::default()),
        };
        let first = Since {
            frames: 0,
            ns: 0,
            rate_hz,
            number: 0,
        };
        for place in &times.places {
            place.write(&first.to_words());
        }
        times
    }

    /// The entry of the heard frame `frames`, or the oldest entry that is known.
    fn since(&self, frames: u64) -> Since {
        let known = self.places.each_ref();
        let known = known.map(|place| Since::from_words(place.read()));
        let before = known.iter().filter(|since| since.frames <= frames);
        let latest = before.max_by_key(|since| since.number);
        let oldest = || known.iter().min_by_key(|since| since.number);
        let [first, ..] = known;
        latest.or_else(oldest).copied().unwrap_or(first)
    }

    /// Sets the rate of the heard frames from `frames` on. Only the renderer calls this.
    pub(crate) fn change(&self, frames: u64, rate_hz: u32) {
        let latest = self.since(u64::MAX);
        if latest.rate_hz == rate_hz {
            return;
        }
        let next = Since {
            frames,
            ns: latest.time_of(frames),
            rate_hz,
            number: latest.number.wrapping_add(1),
        };
        if let Some(place) = self.places.get(next.number as usize % PLACES) {
            place.write(&next.to_words());
        }
    }

    /// How long the heard frames `from..to` lasted, in nanoseconds. The result is exact at one rate, and otherwise
    /// within a nanosecond for each change.
    pub(crate) fn between(&self, from: u64, to: u64) -> u64 {
        let (first, last) = (self.since(from), self.since(to));
        if first == last {
            nanoseconds(to.saturating_sub(from), first.rate_hz)
        } else {
            last.time_of(to).saturating_sub(first.time_of(from))
        }
    }

    /// Adds the durations to a heard position.
    pub(crate) fn fill_in(&self, heard: Heard) -> Heard {
        let begin = heard.frames.saturating_sub(heard.utterance_frames);
        Heard {
            time_ns: self.since(heard.frames).time_of(heard.frames),
            utterance_ns: self.between(begin, heard.frames),
            ..heard
        }
    }
}

#[cfg(all(test, not(rt_callback_loom)))]
mod tests {
    use super::*;

    #[test]
    fn times_go_on_across_changes_of_the_rate() {
        let times = SourceTimes::new(24_000);
        assert_eq!(times.between(0, 24_001), 1_000_041_666);
        times.change(24_000, 48_000);
        assert_eq!(times.between(0, 23_999), 999_958_333);
        assert_eq!(times.between(0, 72_000), 2_000_000_000);
        assert_eq!(times.between(48_001, 48_004), 62_500, "one rate: exact");
        assert_eq!(times.between(12_000, 48_000), 1_000_000_000);
        // The same rate again is no change. Of several changes at one frame the last holds.
        times.change(72_000, 48_000);
        times.change(72_000, 16_000);
        times.change(72_000, 8_000);
        assert_eq!(times.between(72_000, 80_000), 1_000_000_000);
        let heard = Heard {
            frames: 80_000,
            utterance_frames: 16_000,
            ..Heard::default()
        };
        let heard = times.fill_in(heard);
        assert_eq!(heard.time().as_nanos(), 3_000_000_000);
        assert_eq!(heard.utterance_time().as_micros(), 1_000_000 + 166_666);
    }
}
