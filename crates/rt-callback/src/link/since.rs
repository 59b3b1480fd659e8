//! The times of frames, over changes of their rate.

use crate::span::nanoseconds;

pub(crate) const SINCE_WORDS: usize = 3;

/// From which frame on a rate holds, and how long the frames before it lasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Since {
    pub(crate) frame: u64,
    /// The time from the start to that frame, in nanoseconds.
    ns: u64,
    pub(crate) rate_hz: u32,
    /// How many changes came before.
    pub(crate) number: u32,
}

impl Since {
    /// The start.
    pub(crate) const fn start(rate_hz: u32) -> Self {
        Self {
            frame: 0,
            ns: 0,
            rate_hz,
            number: 0,
        }
    }

    /// A change of the rate before `frame`.
    pub(crate) fn changed(self, frame: u64, rate_hz: u32) -> Self {
        Self {
            frame,
            ns: self.ns_to(frame),
            rate_hz,
            number: self.number.wrapping_add(1),
        }
    }

    /// The time from the start to `frame`, in nanoseconds. A frame before the change is counted back at this rate.
    pub(crate) fn ns_to(self, frame: u64) -> u64 {
        let behind = nanoseconds(frame.saturating_sub(self.frame), self.rate_hz);
        let before = nanoseconds(self.frame.saturating_sub(frame), self.rate_hz);
        self.ns.saturating_add(behind).saturating_sub(before)
    }

    pub(crate) fn to_words(self) -> [u64; SINCE_WORDS] {
        let number = u64::from(self.number) << 32;
        [self.frame, self.ns, number | u64::from(self.rate_hz)]
    }

    pub(crate) fn from_words([frame, ns, rate_hz]: [u64; SINCE_WORDS]) -> Self {
        Self {
            frame,
            ns,
            rate_hz: rate_hz as u32,
            number: (rate_hz >> 32) as u32,
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
