//! How much has been pushed, in frames and in time.

use core::sync::atomic::Ordering;

use crate::config::{Buffering, Config};
use crate::link::shared::Shared;
use crate::span::nanoseconds;

/// How much has been queued since the start of the stream.
#[derive(Debug)]
pub(super) struct Pushed {
    frames: u64,
    /// Frames that were queued before the present rate, and how long they last.
    before_frames: u64,
    before_ns: u64,
    rate_hz: u32,
    /// Whether the renderer needs the time.
    is_timed: bool,
}

impl Pushed {
    pub(super) fn new(config: &Config) -> Self {
        let waits = config.prebuffer_frames.max(config.rebuffer_frames) > 0;
        Self {
            frames: 0,
            before_frames: 0,
            before_ns: 0,
            rate_hz: config.source.rate_hz,
            is_timed: waits || config.buffering != Buffering::Fixed,
        }
    }

    pub(super) const fn frames(&self) -> u64 {
        self.frames
    }

    /// Counts frames before they are queued, and publishes the time of all frames. The time is rounded up, so that a
    /// full queue reaches a threshold as long as the queue.
    pub(super) fn add(&mut self, frames: usize, shared: &Shared) {
        self.frames += frames as u64;
        if self.is_timed {
            shared
                .queued_ns
                .store(self.nanoseconds(), Ordering::Relaxed);
        }
    }

    /// Sets the rate of what is pushed from here on.
    pub(super) fn change_rate(&mut self, rate_hz: u32) {
        self.before_ns = self.nanoseconds();
        self.before_frames = self.frames;
        self.rate_hz = rate_hz;
    }

    /// How long all queued frames last.
    pub(super) fn nanoseconds(&self) -> u64 {
        let frames = self.frames - self.before_frames;
        self.before_ns
            .saturating_add(nanoseconds(frames, self.rate_hz))
            .saturating_add(u64::from(frames > 0))
    }
}

#[cfg(all(test, not(rt_callback_loom)))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_at_which_nothing_is_pushed_takes_no_time() {
        let source = "48000x1:s16le".parse().unwrap();
        let config = Config::new(source, source);
        let shared = Shared::new(&config);
        let mut pushed = Pushed::new(&config);
        assert_eq!(pushed.nanoseconds(), 0);
        pushed.add(480, &shared);
        // Rounded up: by one too many where it is whole.
        assert_eq!(pushed.nanoseconds(), 10_000_001);
        pushed.change_rate(24_000);
        pushed.change_rate(8_000);
        assert_eq!(pushed.nanoseconds(), 10_000_001);
        pushed.add(8, &shared);
        assert_eq!((pushed.nanoseconds(), pushed.frames()), (11_000_002, 488));
    }
}
