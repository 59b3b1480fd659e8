//! Utterances: what has sounded of them, and what is reported about it.

use core::sync::atomic::Ordering;

use crate::event::{EventKind, UtteranceId};
use crate::intake::Intake;

#[derive(Debug, Clone, Copy)]
pub(super) struct Utterance {
    pub(super) id: UtteranceId,
    /// The stream's `heard_frames` at its beginning, and once it is over at its end.
    pub(super) begin: u64,
    pub(super) end: Option<u64>,
    /// A frame of it has sounded.
    started: bool,
    /// Its receipt has been given, and nothing of it has sounded since.
    interrupted: bool,
    /// Nothing of it is to be heard any more, up to its end.
    pub(super) cancelled: bool,
}

impl Intake {
    pub(super) fn begin_utterance(&mut self, id: UtteranceId, now: u64) {
        self.utterance = Some(Utterance {
            id,
            begin: self.heard(),
            end: None,
            started: false,
            interrupted: false,
            cancelled: self.cancels.take(id, &self.shared),
        });
        if self.is_cancelled() {
            self.receipt(now);
        }
    }

    pub(super) fn end_utterance(&mut self, now: u64) {
        if self.is_cancelled() {
            self.receipt(now);
        }
        self.ended = true;
        self.waiting_frames = self.thresholds.begin;
        let heard = self.heard();
        if let Some(utterance) = &mut self.utterance
            && utterance.end.is_none()
        {
            utterance.end = Some(heard);
            if !utterance.interrupted {
                let kind = EventKind::Finished {
                    utterance: utterance.id,
                    heard_frames: heard - utterance.begin,
                };
                self.report.event(now, kind);
            }
        }
    }

    /// The present utterance is not over, and nothing of it is to be heard.
    pub(super) fn is_cancelled(&self) -> bool {
        self.utterance
            .is_some_and(|utterance| utterance.cancelled && utterance.end.is_none())
    }

    /// Says what was cut, once an interruption and once an utterance.
    pub(super) fn receipt(&mut self, now: u64) {
        let heard = self.heard();
        let (utterance, heard_frames) = match &mut self.utterance {
            Some(utterance) if utterance.end.is_none() => {
                if core::mem::replace(&mut utterance.interrupted, true) {
                    return;
                }
                (Some(utterance.id), heard - utterance.begin)
            }
            _ if self.owes_receipt => (None, self.segment_heard()),
            _ => return,
        };
        self.owes_receipt = false;
        let kind = EventKind::Interrupted {
            utterance,
            heard_frames,
            device_latency_frames: self.shared.device_latency_frames.load(Ordering::Relaxed),
        };
        self.report.event(now, kind);
    }

    /// `now` is the device frame at which the first of the written frames sounds.
    pub(super) fn note_written(&mut self, frames: usize, now: u64) {
        let written = self.segment_written;
        self.segment_written += frames as u64;
        if let Some(utterance) = &mut self.utterance
            && utterance.end.is_none()
        {
            utterance.interrupted = false;
            if !core::mem::replace(&mut utterance.started, true) {
                let utterance = utterance.id;
                self.report.event(now, EventKind::Started { utterance });
            }
        }
        while let Some((at, mark)) = self.marks.front().copied()
            && at < self.segment_written
        {
            self.marks.pop_front();
            let at = now + at.saturating_sub(written);
            self.report.event(at, EventKind::Mark { mark });
        }
    }

    /// How much of the utterance has been heard, of so many source frames in all.
    pub(super) fn utterance_heard(&self, heard: u64) -> u64 {
        self.utterance.map_or(0, |utterance| {
            utterance.end.unwrap_or(heard) - utterance.begin
        })
    }
}
