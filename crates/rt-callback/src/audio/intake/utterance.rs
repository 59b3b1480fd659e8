//! The present utterance: what of it has sounded, and whether its receipt has been sent.

use crate::event::{EventKind, UtteranceId};
use crate::link::shared::Shared;
use crate::span::nanoseconds;

/// The latest utterance that has begun. Positions are heard source frames of the stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Utterance {
    pub(super) id: UtteranceId,
    begin: u64,
    end: Option<u64>,
    /// The position since which it has the present rate, and how long the frames of it before that lasted, in
    /// nanoseconds.
    rate_begin: (u64, u64),
    /// Whether a frame of it has sounded.
    has_started: bool,
    /// Whether the receipt of an interruption has been sent, and nothing of it has sounded since.
    is_interrupted: bool,
    /// Whether the rest of it, up to its end, is dropped.
    is_cancelled: bool,
}

impl Utterance {
    pub(super) fn new(id: UtteranceId, begin: u64, is_cancelled: bool) -> Self {
        Self {
            id,
            begin,
            end: None,
            rate_begin: (begin, 0),
            has_started: false,
            is_interrupted: false,
            is_cancelled,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.end.is_some()
    }

    /// Whether it has begun, and nothing of it has sounded.
    pub(super) fn is_starting(&self) -> bool {
        !self.is_over() && !self.has_started && !self.is_interrupted
    }

    pub(super) fn has_started(&self) -> bool {
        self.has_started
    }

    /// Whether it has begun to sound, and nothing has interrupted it since.
    pub(super) fn is_sounding(&self) -> bool {
        self.has_started && !self.is_interrupted && !self.is_cancelled
    }

    /// Whether it is cancelled, and not over.
    pub(super) fn is_cancelled(&self) -> bool {
        self.is_cancelled && !self.is_over()
    }

    pub(super) fn cancel(&mut self) {
        self.is_cancelled = true;
    }

    /// Whether it has had the receipt of an interruption, and is not over.
    pub(super) fn is_interrupted(&self) -> bool {
        self.is_interrupted && !self.is_over()
    }

    /// Notes that the receipt of an interruption is sent. Returns false if one had been sent already.
    pub(super) fn interrupt(&mut self) -> bool {
        !core::mem::replace(&mut self.is_interrupted, true)
    }

    /// Notes that frames of it have been written. Returns whether they are its first.
    #[inline]
    pub(super) fn note_sound(&mut self) -> bool {
        self.is_interrupted = false;
        !core::mem::replace(&mut self.has_started, true)
    }

    /// Publishes where it begins, because a frame of it has been written.
    #[cold]
    pub(super) fn note_begun(&self, shared: &Shared) {
        let before_ns = shared.source_times.time_of(self.begin);
        shared.utterances.begin(self.id, self.begin, before_ns);
    }

    /// Publishes where it has ended, if it has begun to sound.
    pub(super) fn note_ended(&self, shared: &Shared) {
        if let Some(end) = self.end.filter(|_| self.has_started) {
            shared.utterances.end(self.id, end);
        }
    }

    /// Ends it at the position `heard`. Returns its receipt, and how long it was heard in nanoseconds, unless it has
    /// had the receipt of an interruption.
    pub(super) fn finish(&mut self, heard: u64, rate_hz: u32) -> Option<(EventKind, u64)> {
        self.end = Some(heard);
        let finished = EventKind::Finished {
            utterance: self.id,
            heard_frames: heard - self.begin,
        };
        (!self.is_interrupted).then(|| (finished, self.heard_ns(heard, rate_hz)))
    }

    /// Notes that the rate changes at the position `heard`. `before_hz` is the rate before.
    pub(super) fn change_rate(&mut self, heard: u64, before_hz: u32) {
        self.rate_begin = (heard, self.heard_ns(heard, before_hz));
    }

    /// How many frames of it have been heard at the position `heard`.
    pub(super) fn heard_frames(&self, heard: u64) -> u64 {
        self.end.unwrap_or(heard) - self.begin
    }

    /// How long the frames of it that have been heard last, in nanoseconds.
    pub(super) fn heard_ns(&self, heard: u64, rate_hz: u32) -> u64 {
        let (frames, before_ns) = self.rate_begin;
        before_ns.saturating_add(nanoseconds(heard.saturating_sub(frames), rate_hz))
    }
}

#[cfg(all(test, not(rt_callback_loom)))]
mod tests {
    use super::*;

    const ID: UtteranceId = UtteranceId(7);

    #[test]
    fn what_sounds_after_an_interruption_is_told_of_again() {
        let mut utterance = Utterance::new(ID, 100, false);
        assert!(utterance.is_starting());
        assert!(utterance.note_sound() && !utterance.note_sound());
        assert!(utterance.interrupt() && !utterance.interrupt());
        assert!(utterance.is_interrupted());
        let mut other = utterance;
        assert_eq!(other.finish(300, 1_000), None, "it has been told of");
        utterance.note_sound();
        let kind = EventKind::Finished {
            utterance: ID,
            heard_frames: 200,
        };
        assert_eq!(utterance.finish(300, 1_000), Some((kind, 200_000_000)));
        assert_eq!(utterance.heard_frames(1_000), 200, "it is over");
    }

    #[test]
    fn it_lasts_as_long_as_its_frames_at_their_rates() {
        let mut utterance = Utterance::new(ID, 1_000, false);
        utterance.change_rate(2_000, 1_000);
        assert_eq!(utterance.heard_ns(2_000, 2_000), 1_000_000_000);
        assert_eq!(utterance.heard_ns(3_000, 2_000), 1_500_000_000);
    }

    #[test]
    fn a_cancelled_one_is_cancelled_up_to_its_end() {
        let mut utterance = Utterance::new(ID, 0, false);
        utterance.cancel();
        assert!(utterance.is_cancelled());
        assert!(utterance.finish(0, 1_000).is_some());
        assert!(!utterance.is_cancelled());
        assert!(Utterance::new(ID, 0, true).is_cancelled());
    }
}
