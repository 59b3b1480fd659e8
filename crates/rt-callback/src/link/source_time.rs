//! How long source frames last, across changes of their rate.

use crate::link::heard::{Heard, Spoken};
use crate::link::since::{SINCE_WORDS, Since};
use crate::link::snapshot::SeqLock;
use crate::link::sync::or_modelled;
use crate::span::nanoseconds;

/// How many changes of the rate are remembered: enough for those within any device's latency.
const PLACES: usize = or_modelled(4, 2);
/// How long heard frames last. The renderer writes at each change of the rate, and any thread reads.
#[derive(Debug)]
pub(crate) struct SourceTimes {
    places: SeqLock<{ PLACES * SINCE_WORDS }>,
}

impl SourceTimes {
    pub(crate) fn new(rate_hz: u32) -> Self {
        let times = Self {
            places: SeqLock::default(),
        };
        for place in 0..PLACES {
            times.write(place, Since::start(rate_hz));
        }
        times
    }

    fn write(&self, place: usize, since: Since) {
        self.places.write_at(place * SINCE_WORDS, &since.to_words());
    }

    /// The entry of the heard frame `frames`, or the oldest entry that is known.
    fn since(&self, frames: u64) -> Since {
        let words = self.places.read();
        let (places, _) = words.as_chunks();
        let known = places.iter().copied().map(Since::from_words);
        let before = known.clone().filter(|since| since.frame <= frames);
        let latest = before.max_by_key(|since| since.number);
        latest
            .or_else(|| known.min_by_key(|since| since.number))
            .unwrap_or_default()
    }

    /// Sets the rate of the heard frames from `frames` on. Only the renderer calls this.
    pub(crate) fn change(&self, frames: u64, rate_hz: u32) {
        let latest = self.since(u64::MAX);
        if latest.rate_hz == rate_hz {
            return;
        }
        let next = latest.changed(frames, rate_hz);
        self.write(next.number as usize % PLACES, next);
    }

    /// How long the heard frames `from..to` lasted, in nanoseconds. The result is exact at one rate, and otherwise
    /// within a nanosecond for each change.
    pub(crate) fn between(&self, from: u64, to: u64) -> u64 {
        let (first, last) = (self.since(from), self.since(to));
        if first == last {
            nanoseconds(to.saturating_sub(from), first.rate_hz)
        } else {
            time_to(last, to).saturating_sub(time_to(first, from))
        }
    }

    /// How long the first `frames` heard frames lasted, in nanoseconds.
    pub(crate) fn time_of(&self, frames: u64) -> u64 {
        time_to(self.since(frames), frames)
    }

    /// How long the frames of an utterance up to `to` lasted, in nanoseconds.
    ///
    /// The utterance says how long everything before it lasted, because its beginning may lie before the changes that
    /// are remembered. The result is as exact as that of [`between`](Self::between).
    fn time_in(&self, spoken: &Spoken, to: u64) -> u64 {
        // A change at `to` is none within the utterance.
        let last = self.since(to.saturating_sub(1));
        if last.frame <= spoken.begin {
            nanoseconds(to.saturating_sub(spoken.begin), last.rate_hz)
        } else {
            time_to(last, to).saturating_sub(spoken.begin_ns)
        }
    }

    /// The heard position at `frames` source frames, where `spoken` is heard or was heard last.
    pub(crate) fn heard(&self, frames: u64, spoken: Option<Spoken>) -> Heard {
        let heard = Heard {
            frames,
            time_ns: self.time_of(frames),
            ..Heard::default()
        };
        spoken.map_or(heard, |spoken| {
            let to = frames.min(spoken.end);
            Heard {
                utterance: Some(spoken.utterance),
                utterance_frames: to.saturating_sub(spoken.begin),
                utterance_ns: self.time_in(&spoken, to),
                ..heard
            }
        })
    }
}

/// The time to a frame, or to the oldest one that is known, if it lies before that.
fn time_to(since: Since, frames: u64) -> u64 {
    since.ns_to(frames.max(since.frame))
}

#[cfg(all(test, not(rt_callback_loom)))]
mod tests {
    use super::*;
    use crate::event::UtteranceId;

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
        let spoken = Spoken {
            utterance: UtteranceId(0),
            begin: 64_000,
            end: u64::MAX,
            begin_ns: times.time_of(64_000),
        };
        let heard = times.heard(80_000, Some(spoken));
        assert_eq!(heard.time().as_nanos(), 3_000_000_000);
        assert_eq!(heard.utterance_time().as_micros(), 1_000_000 + 166_666);
    }

    /// However often the rate has changed since it began.
    #[test]
    fn an_utterance_lasts_as_long_as_all_of_its_frames() {
        let times = SourceTimes::new(8_000);
        let mut spoken = Spoken {
            utterance: UtteranceId(0),
            begin: 8_000,
            end: u64::MAX,
            begin_ns: times.time_of(8_000),
        };
        let mut frames = 8_800;
        for n in 0..10 * PLACES as u64 {
            times.change(frames, 16_000 + 8_000 * (n as u32 % 2));
            frames += 1_600 + 800 * (n % 2);
        }
        let lasted = 100_000_000 * (1 + 10 * PLACES as u64);
        let heard = times.heard(frames, Some(spoken));
        assert_eq!(heard.utterance_time().as_nanos(), lasted.into());
        assert_eq!(heard.time().as_nanos(), u128::from(1_000_000_000 + lasted));
        // Frames behind its end are not its own. At one rate the time is exact.
        spoken.begin = frames;
        spoken.begin_ns = times.time_of(frames);
        spoken.end = frames + 7;
        times.change(frames + 7, 44_100);
        let heard = times.heard(frames + 44_107, Some(spoken));
        assert_eq!(heard.utterance_frames, 7);
        assert_eq!(heard.utterance_time().as_nanos(), 7_000_000_000 / 24_000);
    }
}
