//! The times of device frames, over changes of the device's rate.

use crate::span::nanoseconds;

pub(super) const SINCE_WORDS: usize = 3;

/// From which frame on a device's rate holds, and when that frame was captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Since {
    frame: u64,
    /// The time from the start of the capture to that frame.
    ns: u64,
    rate_hz: u32,
}

impl Since {
    /// The start of a capture.
    pub(super) const fn start(rate_hz: u32) -> Self {
        Self {
            frame: 0,
            ns: 0,
            rate_hz,
        }
    }

    /// A change of the rate before `frame`.
    pub(super) fn changed(self, frame: u64, rate_hz: u32) -> Self {
        Self {
            frame,
            ns: self.ns_to(frame),
            rate_hz,
        }
    }

    /// The time from the start of the capture to `frame`, in nanoseconds.
    pub(super) fn ns_to(self, frame: u64) -> u64 {
        let behind = nanoseconds(frame.saturating_sub(self.frame), self.rate_hz);
        let before = nanoseconds(self.frame.saturating_sub(frame), self.rate_hz);
        self.ns.saturating_add(behind).saturating_sub(before)
    }

    pub(super) fn rate_hz(self) -> u32 {
        self.rate_hz
    }

    pub(super) fn to_words(self) -> [u64; SINCE_WORDS] {
        [self.frame, self.ns, self.rate_hz.into()]
    }

    pub(super) fn from_words([frame, ns, rate_hz]: [u64; SINCE_WORDS]) -> Self {
        Self {
            frame,
            ns,
            rate_hz: rate_hz as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_frame_lasts_as_long_as_its_own_rate_says() {
        let first = Since::start(8_000);
        assert_eq!(first.ns_to(8), 1_000_000);
        let second = first.changed(80, 48_000);
        assert_eq!(second.ns_to(80), 10_000_000);
        assert_eq!(second.ns_to(128), 11_000_000);
        assert_eq!(second.ns_to(32), 9_000_000, "counted back at its own rate");
        assert_eq!(Since::from_words(second.to_words()), second);
        let third = second.changed(u64::MAX, 1);
        assert_eq!(third.ns_to(u64::MAX), second.ns_to(u64::MAX));
    }
}
