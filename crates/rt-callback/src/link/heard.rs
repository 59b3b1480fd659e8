//! The heard position: what was rendered, less what is still on its way through the device.

use core::time::Duration;

use crate::event::UtteranceId;
use crate::link::snapshot::SeqLock;

/// The position in the stream that a listener hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Heard {
    /// Source frames of the stream that have been heard.
    pub frames: u64,
    /// The utterance that is heard, or that was heard last.
    pub utterance: Option<UtteranceId>,
    /// Source frames of that utterance that have been heard.
    pub utterance_frames: u64,
    pub(crate) time_ns: u64,
    pub(crate) utterance_ns: u64,
}

impl Heard {
    /// How long [`frames`](Self::frames) last, at the rates with which they were pushed.
    #[must_use]
    pub const fn time(&self) -> Duration {
        Duration::from_nanos(self.time_ns)
    }

    /// How long [`utterance_frames`](Self::utterance_frames) last, at the rates with which they were pushed.
    #[must_use]
    pub const fn utterance_time(&self) -> Duration {
        Duration::from_nanos(self.utterance_ns)
    }
}

/// How many positions the history holds.
const PLACES: usize = 16;
/// How many of the positions cover the device's latency, however long it is. The others are for a latency that grows.
const COVERING: u64 = 12;
const WORDS: usize = 4;

/// Positions at the ends of blocks. The renderer writes them, not too close to each other.
#[derive(Debug, Default)]
pub(crate) struct History {
    places: [SeqLock<WORDS>; PLACES],
}

/// The renderer's side of the history: which place it writes next.
#[derive(Debug, Default)]
pub(crate) struct HistoryPen {
    place: usize,
    /// The device frame of the position that was written last.
    written: u64,
    /// The position at the end of the latest block.
    heard: Heard,
    /// Whether the latest block came no further than the one before.
    stands: bool,
}

/// The position at the end of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct At {
    pub(crate) device_frame: u64,
    pub(crate) heard: Heard,
}

impl At {
    fn to_words(self) -> [u64; WORDS] {
        [
            self.device_frame,
            self.heard.frames,
            UtteranceId::to_word(self.heard.utterance),
            self.heard.utterance_frames,
        ]
    }

    fn from_words([device_frame, frames, utterance, utterance_frames]: [u64; WORDS]) -> Self {
        Self {
            device_frame,
            heard: Heard {
                frames,
                utterance: UtteranceId::from_word(utterance),
                utterance_frames,
                ..Heard::default()
            },
        }
    }
}

impl HistoryPen {
    /// Notes `at`, the position at the end of the block that began with the device frame `begin`.
    ///
    /// The position is written only if it is far enough from the last one: otherwise the places would not reach back
    /// over the device's latency. A position that stands still is written when it stops and when it goes on.
    pub(crate) fn write(&mut self, history: &History, latency_frames: u64, begin: u64, at: At) {
        if at.heard.frames == self.heard.frames {
            self.stands = true;
        } else {
            self.go_on(history, latency_frames, begin, at);
        }
    }

    fn go_on(&mut self, history: &History, latency_frames: u64, begin: u64, at: At) {
        if core::mem::take(&mut self.stands) {
            let stood = At {
                device_frame: begin,
                heard: self.heard,
            };
            self.write_now(history, stood);
        }
        self.heard = at.heard;
        if at.device_frame >= self.written.saturating_add(latency_frames / COVERING) {
            self.write_now(history, at);
        }
    }

    /// Writes a position in any case, because from here on the position moves differently.
    pub(crate) fn write_now(&mut self, history: &History, at: At) {
        self.written = at.device_frame;
        if let Some(place) = history.places.get(self.place) {
            place.write(&at.to_words());
        }
        self.place = (self.place + 1) % PLACES;
    }
}

impl History {
    /// The position at a device frame.
    ///
    /// Between two positions it is interpolated. Before the oldest one it is the oldest one. `latest` is the position
    /// at the end of the latest block.
    pub(crate) fn at(&self, device_frame: u64, latest: At) -> Heard {
        let (mut before, mut behind) = (None::<At>, None::<At>);
        let places = self.places.iter().map(|place| At::from_words(place.read()));
        for at in places.chain([latest]) {
            if at.device_frame <= device_frame {
                before = before
                    .filter(|before| before.device_frame >= at.device_frame)
                    .or(Some(at));
            } else {
                behind = behind
                    .filter(|behind| behind.device_frame <= at.device_frame)
                    .or(Some(at));
            }
        }
        match (before, behind) {
            (Some(before), Some(behind)) => between(before, behind, device_frame),
            (Some(at), None) | (None, Some(at)) => at.heard,
            (None, None) => Heard::default(),
        }
    }
}

fn between(before: At, behind: At, device_frame: u64) -> Heard {
    let (first, last) = (before.heard, behind.heard);
    let passed = u128::from(device_frame - before.device_frame);
    let all = u128::from(behind.device_frame - before.device_frame).max(1);
    let read = u128::from(last.frames.saturating_sub(first.frames));
    let step = (read * passed / all) as u64;
    let frames = first.frames + step;
    let last_begin = last.frames.saturating_sub(last.utterance_frames);
    if last.utterance == first.utterance || frames > last_begin {
        Heard {
            frames,
            utterance: last.utterance,
            utterance_frames: last.utterance_frames.min(frames.saturating_sub(last_begin)),
            ..Heard::default()
        }
    } else {
        Heard {
            frames,
            utterance: first.utterance,
            utterance_frames: first.utterance_frames + step,
            ..Heard::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(frames: u64, utterance: u64, utterance_frames: u64) -> Heard {
        Heard {
            frames,
            utterance: Some(UtteranceId(utterance)),
            utterance_frames,
            ..Heard::default()
        }
    }

    fn at(device_frame: u64, heard: Heard) -> At {
        At {
            device_frame,
            heard,
        }
    }

    #[test]
    fn positions_between_blocks_are_in_proportion() {
        let (history, mut pen) = (History::default(), HistoryPen::default());
        pen.write(&history, 480, 0, at(480, heard(240, 0, 240)));
        let latest = at(960, heard(480, 1, 100));
        assert_eq!(history.at(0, latest), Heard::default());
        assert_eq!(history.at(480, latest), heard(240, 0, 240));
        assert_eq!(history.at(600, latest), heard(300, 0, 300), "the first");
        assert_eq!(history.at(860, latest), heard(430, 1, 50));
        assert_eq!(history.at(9_999, latest), heard(480, 1, 100));
    }

    /// The error is bounded however short the blocks are, and whatever the latency.
    #[test]
    fn the_whole_latency_is_remembered() {
        for (block, latency) in [
            (48, 100),
            (48, 9_600),
            (480, 9_600),
            (480, 96_000),
            (17, 24_000),
        ] {
            let (history, mut pen) = (History::default(), HistoryPen::default());
            let mut latest = At::default();
            for n in 1..=5_000 {
                // Half of the blocks are silence, so that only the neighbours give a position.
                let sounded = (n / 2_000) * 1_000 + (n % 2_000).min(1_000);
                let frames = block * sounded;
                latest = at(block * n, heard(frames, 0, frames));
                pen.write(&history, latency, latest.device_frame - block, latest);
            }
            for back in [0, latency / 3, latency] {
                let device_frame = latest.device_frame - back;
                let n = device_frame as f64 / block as f64;
                let sounded = (n / 2_000.0).floor() * 1_000.0 + (n % 2_000.0).min(1_000.0);
                let error = history.at(device_frame, latest).frames as f64 - sounded * block as f64;
                let between = (latency / COVERING + block) as f64;
                assert!(error.abs() <= between, "{block} {latency} {back}: {error}");
            }
        }
    }

    /// A position that is forgotten is answered with the oldest one that is kept.
    #[test]
    fn a_latency_that_grows_is_covered_a_third_further_at_once() {
        let (history, mut pen) = (History::default(), HistoryPen::default());
        let mut latest = At::default();
        for n in 1..=2_000 {
            latest = at(48 * n, heard(24 * n, 0, 24 * n));
            pen.write(&history, 4_800, 48 * (n - 1), latest);
        }
        let end = latest.device_frame;
        assert_eq!(history.at(end - 5_760, latest).frames, (end - 5_760) / 2);
        let oldest = history.at(0, latest).frames;
        assert!(
            (end / 2 - 4_000..=end / 2 - 2_880).contains(&oldest),
            "{oldest}"
        );
    }
}
