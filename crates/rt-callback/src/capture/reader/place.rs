//! Where application frames lie in the device's stream, and between which of the kept ones it breaks off.

use heapless::Deque;

use crate::link::since::Since;
use crate::spec::StreamSpec;

/// How many breaks are kept. Frames before an older one are counted back over it.
const BREAKS: usize = 16;

/// How far a position that is counted back may lie below a whole frame, in frames, and be that frame: rounding errors
/// are smaller, and no time that matters is as short.
const ROUNDING: f64 = 1e-7;

/// The exact position of an application frame in the device's stream.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct CapturePosition {
    /// The device frame at or before the position, counted from the start of the capture, including lost frames. The
    /// count goes on through changes of the device's rate.
    pub frame: u64,
    /// How far the position is behind that frame, in device frames: `0.0..1.0`.
    pub fraction: f64,
    /// The device's rate, in Hz.
    pub rate_hz: u32,
    /// How many device frames lie from one application frame to the next, including the [trim](crate::Reader::set_trim).
    pub step: f64,
}

/// The position of an application frame, and the device that it comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) position: CapturePosition,
    pub(super) device: StreamSpec,
    pub(super) since: Since,
}

impl Place {
    /// The place that lies `frames` application frames behind this one, or before it if they are negative.
    pub(super) fn moved(mut self, frames: f64) -> Self {
        let position = &mut self.position;
        let next = position.fraction + frames * position.step;
        let before = libm::floor(next + ROUNDING);
        position.frame = position.frame.saturating_add_signed(before as i64);
        position.fraction = (next - before).max(0.0);
        self
    }
}

/// A break: the frames behind it do not follow those before it, because others were skipped or discarded, or the
/// device changed.
#[derive(Debug, Clone, Copy)]
struct Break {
    /// How many frames had been read before it.
    at: u64,
    /// Where the frames before it end.
    end: Place,
}

/// The latest breaks, in order.
#[derive(Debug, Default)]
pub(super) struct Breaks(Deque<Break, BREAKS>);

impl Breaks {
    /// Notes that the frames before the `at`th end at `end`, unless a break is known there.
    pub(super) fn note(&mut self, at: u64, end: Place) {
        if self.0.back().is_none_or(|last| last.at < at) {
            self.push(Break { at, end });
        }
    }

    /// The first break behind the `at`th frame: how many frames lie before it, and where they end.
    pub(super) fn next(&self, at: u64) -> Option<(u64, &Place)> {
        let next = self.0.iter().find(|next| next.at > at)?;
        Some((next.at - at, &next.end))
    }

    /// Takes out `count` frames from the `at`th on, which lies at `end`. What was behind them follows there.
    pub(super) fn take_out(&mut self, at: u64, count: u64, end: Place) {
        let behind = at.saturating_add(count);
        let mut all = core::mem::take(self);
        while let Some(kept) = all.0.pop_front() {
            if kept.at > behind {
                self.note(at, end);
                self.push(Break {
                    at: kept.at - count,
                    ..kept
                });
            } else if kept.at <= at {
                self.push(kept);
            }
        }
        self.note(at, end);
    }

    fn push(&mut self, new: Break) {
        if self.0.is_full() {
            self.0.pop_front();
        }
        // There is always room here.
        let _ = self.0.push_back(new);
    }
}
