//! The heard position: what was rendered, less what is still on its way through the device.
//!
//! The position is a count of source frames, and nothing else is remembered of it. Which utterance is heard, and how
//! much of it, follows from where the utterances began and ended. So no two of these ever contradict each other.

use core::time::Duration;

use crate::event::UtteranceId;
use crate::link::snapshot::SeqLock;
use crate::link::sync::or_modelled;

/// The position in the stream that a listener hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Heard {
    /// Source frames of the stream that have been heard.
    pub frames: u64,
    /// The utterance that is heard, or that was heard last: a frame of it has been heard.
    pub utterance: Option<UtteranceId>,
    /// Source frames of that utterance that have been heard: never more than it has.
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
const WORDS: usize = 2;

/// Positions at the ends of blocks. The renderer writes them, not too close to each other.
#[derive(Debug, Default)]
pub(crate) struct History {
    places: SeqLock<{ PLACES * WORDS }>,
}

/// The renderer's side of the history: which place it writes next.
#[derive(Debug, Default)]
pub(crate) struct HistoryPen {
    place: usize,
    /// The device frame of the position that was written last.
    written: u64,
    /// The position at the end of the latest block.
    frames: u64,
    /// Whether the latest block came no further than the one before.
    stands: bool,
}

/// A position: how many source frames have been heard when a device frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct At {
    pub(crate) device_frame: u64,
    pub(crate) frames: u64,
}

impl At {
    fn to_words(self) -> [u64; WORDS] {
        [self.device_frame, self.frames]
    }

    fn from_words([device_frame, frames]: [u64; WORDS]) -> Self {
        Self {
            device_frame,
            frames,
        }
    }
}

impl HistoryPen {
    /// Notes `at`, the position at the end of the block that began with the device frame `begin`.
    ///
    /// The position is written only if it is far enough from the last one: otherwise the places would not reach back
    /// over the device's latency. A position that stands still is written when it stops and when it goes on.
    pub(crate) fn write(&mut self, history: &History, latency_frames: u64, begin: u64, at: At) {
        if at.frames == self.frames {
            self.stands = true;
        } else {
            self.go_on(history, latency_frames, begin, at);
        }
    }

    fn go_on(&mut self, history: &History, latency_frames: u64, begin: u64, at: At) {
        if core::mem::take(&mut self.stands) {
            let stood = At {
                device_frame: begin,
                frames: self.frames,
            };
            self.write_now(history, stood);
        }
        self.frames = at.frames;
        if at.device_frame >= self.written.saturating_add(latency_frames / COVERING) {
            self.write_now(history, at);
        }
    }

    /// Writes a position in any case, because from here on the position moves differently.
    pub(crate) fn write_now(&mut self, history: &History, at: At) {
        self.written = at.device_frame;
        history.places.write_at(self.place * WORDS, &at.to_words());
        self.place = (self.place + 1) % PLACES;
    }
}

impl History {
    /// The position at a device frame, in source frames.
    ///
    /// Between two positions it is interpolated. Before the oldest one it is the oldest one. `latest` is the position
    /// at the end of the latest block.
    pub(crate) fn at(&self, device_frame: u64, latest: At) -> u64 {
        let (mut before, mut behind) = (None::<At>, None::<At>);
        let words = self.places.read();
        let (places, _) = words.as_chunks();
        let places = places.iter().copied().map(At::from_words);
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
            (Some(at), None) | (None, Some(at)) => at.frames,
            (None, None) => 0,
        }
    }
}

fn between(before: At, behind: At, device_frame: u64) -> u64 {
    let passed = u128::from(device_frame - before.device_frame);
    let all = u128::from(behind.device_frame - before.device_frame).max(1);
    let read = u128::from(behind.frames.saturating_sub(before.frames));
    before.frames + (read * passed / all) as u64
}

/// How many utterances are remembered: the heard position may lie so many behind what is rendered. Before the oldest,
/// no utterance is told.
const UTTERANCES: usize = or_modelled(12, 2);
const SPOKEN_WORDS: usize = 4;
/// The word of [`Spoken::end`].
const END: usize = 2;

/// Where an utterance lies in the stream, in heard source frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spoken {
    pub(crate) utterance: UtteranceId,
    pub(crate) begin: u64,
    /// Where it ended, once it has.
    pub(crate) end: u64,
    /// How long all that was heard before it lasted, in nanoseconds.
    pub(crate) begin_ns: u64,
}

impl Spoken {
    fn to_words(self) -> [u64; SPOKEN_WORDS] {
        let utterance = UtteranceId::to_word(Some(self.utterance));
        [utterance, self.begin, self.end, self.begin_ns]
    }

    fn from_words([utterance, begin, end, begin_ns]: [u64; SPOKEN_WORDS]) -> Option<Self> {
        Some(Self {
            utterance: UtteranceId::from_word(utterance)?,
            begin,
            end,
            begin_ns,
        })
    }
}

/// The utterances that have sounded. The renderer writes them, before it publishes a position in them.
#[derive(Debug, Default)]
pub(crate) struct Utterances {
    places: SeqLock<{ UTTERANCES * SPOKEN_WORDS }>,
}

/// Where the words of an utterance begin. The numbers ascend, so each takes the place of one that is long over.
fn place(utterance: UtteranceId) -> usize {
    (utterance.0 % UTTERANCES as u64) as usize * SPOKEN_WORDS
}

impl Utterances {
    /// Notes an utterance of which the first frame has been rendered. Only the renderer calls this.
    pub(crate) fn begin(&self, utterance: UtteranceId, begin: u64, begin_ns: u64) {
        let spoken = Spoken {
            utterance,
            begin,
            end: u64::MAX,
            begin_ns,
        };
        self.places.write_at(place(utterance), &spoken.to_words());
    }

    /// Notes where an utterance ended that [has begun](Self::begin). Only the renderer calls this.
    pub(crate) fn end(&self, utterance: UtteranceId, end: u64) {
        self.places.write_at(place(utterance) + END, &[end]);
    }

    /// The latest utterance of which something is heard within the first `frames` source frames.
    pub(crate) fn at(&self, frames: u64) -> Option<Spoken> {
        let words = self.places.read();
        let (places, _) = words.as_chunks();
        let known = places.iter().copied().filter_map(Spoken::from_words);
        known
            .filter(|spoken| spoken.begin < frames.min(spoken.end))
            .max_by_key(|spoken| spoken.utterance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(device_frame: u64, frames: u64) -> At {
        At {
            device_frame,
            frames,
        }
    }

    #[test]
    fn positions_between_blocks_are_in_proportion() {
        let (history, mut pen) = (History::default(), HistoryPen::default());
        pen.write(&history, 480, 0, at(480, 240));
        let latest = at(960, 480);
        for (device_frame, frames) in [(0, 0), (480, 240), (600, 300), (860, 430), (9_999, 480)] {
            assert_eq!(history.at(device_frame, latest), frames);
        }
    }

    #[test]
    fn an_utterance_is_heard_from_its_first_frame_until_another_is() {
        let utterances = Utterances::default();
        let at = |frames| {
            let spoken = utterances.at(frames);
            spoken.map(|spoken| (spoken.utterance.0, spoken.begin, spoken.end))
        };
        assert_eq!(at(1_000), None);
        utterances.begin(UtteranceId(3), 100, 0);
        assert_eq!((at(100), at(101)), (None, Some((3, 100, u64::MAX))));
        utterances.end(UtteranceId(3), 250);
        // Nothing of the fourth is heard, and the sixth begins where the fifth ends.
        for (id, begin, end) in [(4, 300, 300), (5, 300, 310), (6, 310, 320)] {
            utterances.begin(UtteranceId(id), begin, 0);
            utterances.end(UtteranceId(id), end);
        }
        for frames in [250, 251, 300] {
            assert_eq!(at(frames), Some((3, 100, 250)), "{frames}");
        }
        assert_eq!(at(310), Some((5, 300, 310)));
        assert_eq!(at(311), Some((6, 310, 320)));
        // The oldest are forgotten, and the others are not.
        for id in 7..3 + UTTERANCES as u64 {
            utterances.begin(UtteranceId(id), 1_000 + id, 0);
        }
        assert_eq!(at(301), Some((5, 300, 310)));
        assert_eq!(at(200), Some((3, 100, 250)));
        utterances.begin(UtteranceId(3 + UTTERANCES as u64), 5_000, 0);
        assert_eq!(at(200), None);
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
                latest = at(block * n, frames);
                pen.write(&history, latency, latest.device_frame - block, latest);
            }
            for back in [0, latency / 3, latency] {
                let device_frame = latest.device_frame - back;
                let n = device_frame as f64 / block as f64;
                let sounded = (n / 2_000.0).floor() * 1_000.0 + (n % 2_000.0).min(1_000.0);
                let error = history.at(device_frame, latest) as f64 - sounded * block as f64;
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
            latest = at(48 * n, 24 * n);
            pen.write(&history, 4_800, 48 * (n - 1), latest);
        }
        let end = latest.device_frame;
        assert_eq!(history.at(end - 5_760, latest), (end - 5_760) / 2);
        let oldest = history.at(0, latest);
        assert!(
            (end / 2 - 4_000..=end / 2 - 2_880).contains(&oldest),
            "{oldest}"
        );
    }
}
