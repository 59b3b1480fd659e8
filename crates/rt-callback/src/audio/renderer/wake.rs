//! Waking devices that sleep in silence, and lose the beginning of a sound while they wake.

use crate::config::Config;
use crate::span::Span;

/// Counts the silence that a device needs to wake before a sound.
#[derive(Debug)]
pub(super) struct Wake {
    /// The lead-in and the keep-alive below, as times.
    #[cfg(feature = "std")]
    spans: (Span, Option<Span>),
    lead_in_frames: u32,
    /// A longer silence than this sends the device to sleep.
    keep_alive_frames: u64,
    /// How many frames of silence are still needed before the next sound.
    left: u32,
    /// Whether the device sleeps: silence then counts only from when a sound is ready.
    asleep: bool,
    silent_frames: u64,
}

impl Wake {
    pub(super) fn new(config: &Config) -> Self {
        let lead_in = config.device_span(config.lead_in_frames.into());
        let keep_alive = config.keep_alive_frames;
        let keep_alive = keep_alive.map(|frames| config.device_span(frames));
        Self::start((lead_in, keep_alive), config.device.rate_hz)
    }

    /// For a device that is being started: silence wakes it from the first frame on.
    fn start(spans: (Span, Option<Span>), rate_hz: u32) -> Self {
        let lead_in_frames = spans.0.short_frames_at(rate_hz);
        Self {
            #[cfg(feature = "std")]
            spans,
            lead_in_frames,
            keep_alive_frames: spans.1.map_or(u64::MAX, |span| span.frames_at(rate_hz)),
            left: lead_in_frames,
            asleep: false,
            silent_frames: 0,
        }
    }

    pub(super) fn is_due(&self) -> bool {
        self.left > 0
    }

    pub(super) fn is_asleep(&self) -> bool {
        self.asleep
    }

    /// Takes up to `frames` frames of the silence that wakes the device, and returns how many.
    pub(super) fn lead_in(&mut self, frames: usize) -> usize {
        self.asleep = false;
        let count = frames.min(self.left as usize);
        self.left -= count as u32;
        count
    }

    pub(super) fn note_sound(&mut self) {
        self.silent_frames = 0;
    }

    /// Notes other silence. It wakes a device that does not sleep as well as that of a lead-in does.
    pub(super) fn note_silence(&mut self, frames: u64) {
        if !self.asleep {
            let frames = u32::try_from(frames).unwrap_or(u32::MAX);
            self.left = self.left.saturating_sub(frames);
        }
        self.silent_frames += frames;
        if self.silent_frames > self.keep_alive_frames {
            self.asleep = true;
            self.left = self.lead_in_frames;
        }
    }

    /// Begins anew for another device that is being started.
    #[cfg(feature = "std")]
    pub(super) fn restart(&mut self, rate_hz: u32) {
        *self = Self::start(self.spans, rate_hz);
    }
}

#[cfg(all(test, not(rt_callback_loom)))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_device_sleeps_after_so_much_silence_on_end_and_wakes_for_as_long_each_time() {
        let device = "48000x1:s16le".parse().unwrap();
        let mut config = Config::new(device, device);
        config.lead_in_frames = 10;
        config.keep_alive_frames = Some(100);
        let mut wake = Wake::new(&config);
        assert!(wake.is_due() && !wake.is_asleep(), "it is being started");
        assert_eq!(
            [wake.lead_in(6), wake.lead_in(6), wake.lead_in(6)],
            [6, 4, 0]
        );
        for _ in 0..3 {
            wake.note_silence(100);
            assert!(!wake.is_due() && !wake.is_asleep());
            wake.note_sound();
        }
        wake.note_silence(60);
        wake.note_silence(41);
        assert!(wake.is_due() && wake.is_asleep());
        assert_eq!((wake.lead_in(20), wake.is_asleep()), (10, false));
        let mut wake = Wake::new(&config);
        wake.note_silence(4); // a pause
        assert_eq!(wake.lead_in(20), 6);
        config.lead_in_frames = 0;
        let mut wake = Wake::new(&config);
        wake.note_silence(1_000);
        assert!(!wake.is_due(), "it needs nothing");
    }
}
