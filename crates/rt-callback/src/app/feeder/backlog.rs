//! Bounds how much may be queued, by dropping the oldest utterances.

use alloc::vec::Vec;
use core::time::Duration;

use crate::event::UtteranceId;
use crate::link::controls::Cancel;
use crate::link::shared::Shared;
use crate::span::nanoseconds;

/// The stretches that have been pushed and may not have sounded yet.
#[derive(Debug)]
pub(super) struct Backlog {
    most_ns: u64,
    /// In the order in which they were pushed.
    stretches: Vec<Stretch>,
    /// Frames pushed in all.
    frames: u64,
    /// The count of cancellations when they were last looked at.
    seen: u64,
}

/// An utterance, or what was pushed outside any between two declarations.
#[derive(Debug)]
struct Stretch {
    utterance: Option<UtteranceId>,
    begin: u64,
    end: u64,
    ns: u64,
    /// Whether its end has been declared.
    is_whole: bool,
    is_cancelled: bool,
}

impl Stretch {
    /// How long the part lasts that lies at or after the frame `read`.
    fn left_ns(&self, read: u64) -> u64 {
        let frames = self.end - self.begin;
        let left = self.end.saturating_sub(read.max(self.begin));
        let ns = u128::from(self.ns) * u128::from(left) / u128::from(frames.max(1));
        u64::try_from(ns).unwrap_or(u64::MAX)
    }
}

impl Backlog {
    pub(super) fn new(most: Duration) -> Self {
        Self {
            most_ns: u64::try_from(most.as_nanos()).unwrap_or(u64::MAX),
            stretches: Vec::new(),
            frames: 0,
            seen: 0,
        }
    }

    /// Begins a stretch. If there is no memory for it, the stretch is never dropped.
    pub(super) fn begin(&mut self, utterance: Option<UtteranceId>) {
        if self.stretches.try_reserve(1).is_err() {
            return;
        }
        self.stretches.push(Stretch {
            utterance,
            begin: self.frames,
            end: self.frames,
            ns: 0,
            is_whole: false,
            is_cancelled: false,
        });
    }

    pub(super) fn end(&mut self) {
        if let Some(stretch) = self.stretches.last_mut() {
            stretch.is_whole = true;
        }
    }

    pub(super) fn push(&mut self, utterance: Option<UtteranceId>, frames: usize, rate_hz: u32) {
        let is_open = self.stretches.last().is_some_and(|last| !last.is_whole);
        if !is_open {
            self.begin(utterance);
        }
        self.frames += frames as u64;
        if let Some(last) = self.stretches.last_mut() {
            last.end = self.frames;
            last.ns = last.ns.saturating_add(nanoseconds(frames as u64, rate_hz));
        }
    }

    /// Notes what a controller has cancelled: it does not wait, although it is still queued.
    fn note_cancelled(&mut self, shared: &Shared) {
        let asked = shared.controls.cancels_asked();
        if asked == core::mem::replace(&mut self.seen, asked) {
            return;
        }
        for stretch in &mut self.stretches {
            // The renderer may have taken a cancellation already. The latest of them is known then, too.
            let is_cancelled = |id| shared.cancels.has(id) || shared.controls.has_cancelled(id);
            stretch.is_cancelled |= stretch.utterance.is_some_and(is_cancelled);
        }
    }

    /// Cancels utterances while too much waits: the oldest first, and only those that have been pushed whole and have
    /// not begun to sound. What the user has cancelled or interrupted does not wait.
    pub(super) fn trim(&mut self, shared: &Shared) {
        self.note_cancelled(shared);
        let (cut_frame, _) = shared.controls.latest_cut();
        let counters = shared.snapshot();
        let read = counters.heard_frames + counters.in_flight_frames + counters.dropped_frames;
        let read = read.max(cut_frame);
        let is_read = |stretch: &&Stretch| stretch.is_whole && stretch.end <= read;
        let over = self.stretches.iter().take_while(is_read).count();
        self.stretches.drain(..over.min(self.stretches.len()));
        let waiting = self
            .stretches
            .iter()
            .filter(|stretch| !stretch.is_cancelled);
        let mut waiting_ns = waiting.fold(0, |sum: u64, stretch| {
            sum.saturating_add(stretch.left_ns(read))
        });
        for stretch in &mut self.stretches {
            if waiting_ns <= self.most_ns {
                return;
            }
            let has_begun = stretch.begin < read || stretch.begin == stretch.end;
            if let Some(utterance) = stretch.utterance
                && stretch.is_whole
                && !has_begun
                && !stretch.is_cancelled
            {
                let cancel = Cancel {
                    utterance,
                    fade_frames: 0,
                    only_if_silent: true,
                };
                if !shared.cancel(cancel) {
                    return;
                }
                stretch.is_cancelled = true;
                waiting_ns = waiting_ns.saturating_sub(stretch.left_ns(read));
            }
        }
    }
}

#[cfg(all(test, not(rt_callback_loom)))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::link::counters::Counters;

    /// Three utterances of 60, 100 and 50 ms, of which 100 ms may wait when so much has been read in all. Returns which
    /// were cancelled.
    fn cancelled(heard_frames: u64, in_flight_frames: u64, dropped_frames: u64) -> Vec<u64> {
        let source = "1000x1:s16le".parse().unwrap();
        let shared = Shared::new(&Config::new(source, source));
        let counters = Counters {
            heard_frames,
            in_flight_frames,
            dropped_frames,
            ..Counters::default()
        };
        shared.counters.write(&counters.words());
        let mut backlog = Backlog::new(Duration::from_millis(100));
        for (id, frames) in [60, 100, 50].into_iter().enumerate() {
            let id = Some(UtteranceId(id as u64));
            backlog.begin(id);
            backlog.push(id, frames, 1_000);
            backlog.end();
        }
        backlog.trim(&shared);
        let mut cancelled = Vec::new();
        shared.cancels.take(|cancel| {
            cancelled.push(cancel.utterance.0);
            true
        });
        cancelled
    }

    #[test]
    fn what_is_heard_in_flight_or_dropped_has_been_read() {
        assert_eq!(cancelled(10, 20, 30), [1], "the first is over");
        assert_eq!(cancelled(10, 20, 29), [1], "the first has begun");
        assert_eq!(cancelled(10, 20, 31), [2], "the second has begun");
        assert_eq!(cancelled(0, 0, 0), [0, 1]);
        assert_eq!(cancelled(60, 0, 50), [], "100 ms are left");
    }
}
