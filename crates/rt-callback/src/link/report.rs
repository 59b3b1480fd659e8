//! The reporter: sends a stream's events to the application.

use crate::event::{Event, EventKind};
use crate::link::queue::Sender;
use crate::span::nanoseconds;

/// How many places in the queue of events are kept for receipts.
pub(crate) const RECEIPTS: usize = 16;

/// Sends events, and counts those that find the queue full.
#[derive(Debug)]
pub(crate) struct Reporter {
    events: Sender<Event>,
    pub(crate) lost: u64,
    /// The device frame and the time since which the device has its present rate.
    since_frame: u64,
    since_ns: u64,
    rate_hz: u32,
}

impl Reporter {
    pub(crate) fn new(events: Sender<Event>, rate_hz: u32) -> Self {
        Self {
            events,
            lost: 0,
            since_frame: 0,
            since_ns: 0,
            rate_hz,
        }
    }

    /// The rate of the present device, in Hz.
    pub(crate) const fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// Sets the device's rate from the device frame `now` on.
    #[cfg(feature = "std")]
    pub(crate) fn set_rate(&mut self, now: u64, rate_hz: u32) {
        self.since_ns = self.time_of(now);
        self.since_frame = now;
        self.rate_hz = rate_hz;
    }

    pub(crate) fn event(&mut self, at_frame: u64, kind: EventKind) {
        self.receipt(at_frame, kind, 0);
    }

    /// Reports an event about a sound that was heard for `heard_ns`.
    pub(crate) fn receipt(&mut self, at_frame: u64, kind: EventKind, heard_ns: u64) {
        // An earlier frame would belong to the device before, which counted at another rate.
        let at_frame = at_frame.max(self.since_frame);
        let event = Event {
            at_frame,
            rate_hz: self.rate_hz,
            kind,
            time_ns: self.time_of(at_frame),
            heard_ns,
        };
        let kept = if kind.is_receipt() { 0 } else { RECEIPTS };
        if self.events.free() <= kept || self.events.push(event).is_err() {
            self.lost += 1;
        }
    }

    fn time_of(&self, frame: u64) -> u64 {
        let frames = frame.saturating_sub(self.since_frame);
        self.since_ns
            .saturating_add(nanoseconds(frames, self.rate_hz))
    }
}
