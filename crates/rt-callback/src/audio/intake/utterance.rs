//! Utterances: what has sounded of them, and what is reported about it.

use core::sync::atomic::Ordering;

use crate::audio::intake::Intake;
use crate::event::{EventKind, UtteranceId};
use crate::plan::marker::End;
use crate::span::nanoseconds;

#[derive(Debug, Clone, Copy)]
pub(super) struct Utterance {
    pub(super) id: UtteranceId,
    /// The stream's `heard_frames` at its beginning, and once it is over at its end.
    begin: u64,
    pub(super) end: Option<u64>,
    /// The stream's `heard_frames` when the present rate began in it, and how long lasts what was heard of it
    /// before, in nanoseconds.
    rate_begin: (u64, u64),
    /// A frame of it has sounded.
    started: bool,
    /// Its receipt has been given, and nothing of it has sounded since.
    interrupted: bool,
    /// Nothing of it is to be heard any more, up to its end.
    pub(super) cancelled: bool,
}

impl Utterance {
    /// It has begun, and nothing of it has sounded.
    pub(super) fn is_starting(&self) -> bool {
        self.end.is_none() && !self.started && !self.interrupted
    }

    pub(super) fn has_started(&self) -> bool {
        self.started
    }

    /// How long lasts what is heard of it when so much of the stream is.
    fn heard_ns(&self, heard: u64, rate_hz: u32) -> u64 {
        let (frames, before_ns) = self.rate_begin;
        before_ns.saturating_add(nanoseconds(heard.saturating_sub(frames), rate_hz))
    }
}

impl Intake {
    pub(super) fn begin_utterance(&mut self, id: UtteranceId, now: u64) {
        let begin = self.heard();
        self.utterance = Some(Utterance {
            id,
            begin,
            end: None,
            rate_begin: (begin, 0),
            started: false,
            interrupted: false,
            cancelled: self.cancels.take(id, &self.shared),
        });
        if self.is_cancelled() {
            self.receipt(now);
        }
    }

    /// Passes a declared end. Nothing is left of what was before it.
    pub(super) fn end_utterance(&mut self, end: End, now: u64) {
        // Where it ran dry before, it ended there.
        let now = self.dry.map_or(now, |dry| dry.at_frame.min(now));
        if self.is_cancelled() || end.is_cut {
            self.receipt(now);
        }
        self.end.number += 1;
        self.end.at_frame = self.sounded_until;
        self.end.is_cut = core::mem::take(&mut self.is_cut_since_end) || end.is_cut;
        self.note_silence();
        let heard = self.heard();
        let rate_hz = self.plan.source().rate_hz;
        if let Some(utterance) = &mut self.utterance
            && utterance.end.is_none()
        {
            utterance.end = Some(heard);
            if !utterance.interrupted {
                let kind = EventKind::Finished {
                    utterance: utterance.id,
                    heard_frames: heard - utterance.begin,
                };
                let heard_ns = utterance.heard_ns(heard, rate_hz);
                self.report.receipt(now, kind, heard_ns);
            }
        }
    }

    /// What has sounded has come to an end: the silence behind it is none that is missed.
    pub(super) fn note_silence(&mut self) {
        self.ended = true;
        self.has_turned = true;
        self.is_sounding = false;
        self.dry = None;
        self.learn_heard();
        self.gate.close_for_beginning();
    }

    /// The present utterance is not over, and nothing of it is to be heard.
    pub(super) fn is_cancelled(&self) -> bool {
        self.utterance
            .is_some_and(|utterance| utterance.cancelled && utterance.end.is_none())
    }

    /// The present utterance is not over, and has had the receipt of an interruption.
    pub(super) fn is_interrupted(&self) -> bool {
        self.utterance
            .is_some_and(|utterance| utterance.interrupted && utterance.end.is_none())
    }

    /// Says what was cut, once an interruption and once an utterance.
    pub(super) fn receipt(&mut self, now: u64) {
        let heard = self.heard();
        let rate_hz = self.plan.source().rate_hz;
        let (utterance, heard_frames, heard_ns) = match &mut self.utterance {
            Some(utterance) if utterance.end.is_none() => {
                if core::mem::replace(&mut utterance.interrupted, true) {
                    return;
                }
                let heard_ns = utterance.heard_ns(heard, rate_hz);
                (Some(utterance.id), heard - utterance.begin, heard_ns)
            }
            _ if self.owes_receipt => {
                let heard_frames = self.segment_heard();
                (None, heard_frames, nanoseconds(heard_frames, rate_hz))
            }
            _ => return,
        };
        self.owes_receipt = false;
        let kind = EventKind::Interrupted {
            utterance,
            heard_frames,
            device_latency_frames: self.shared.device_latency_frames.load(Ordering::Relaxed),
        };
        self.report.receipt(now, kind, heard_ns);
    }

    /// What is read from here on has another rate, or the same.
    pub(super) fn note_rate(&mut self, rate_hz: u32) {
        let (heard, before_hz) = (self.heard(), self.plan.source().rate_hz);
        if rate_hz != before_hz {
            self.shared.source_times.change(heard, rate_hz);
            if let Some(utterance) = &mut self.utterance {
                utterance.rate_begin = (heard, utterance.heard_ns(heard, before_hz));
            }
        }
    }

    /// `now` is the device frame at which the first of the written frames sounds.
    #[inline]
    pub(super) fn note_written(&mut self, frames: usize, now: u64) {
        let written = self.segment_written;
        self.segment_written += frames as u64;
        self.sounded_until = now + frames as u64;
        self.is_sounding = true;
        self.dry = None;
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
