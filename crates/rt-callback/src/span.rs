//! Durations that are exact at every rate.

/// An exact duration: a number of frames at a rate.
///
/// A configured length is kept as a span, and the frames of each device or source are derived from it. So no rounding
/// adds up however often the rate changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    frames: u64,
    rate_hz: u32,
}

impl Span {
    pub(crate) const fn new(frames: u64, rate_hz: u32) -> Self {
        Self { frames, rate_hz }
    }

    /// The nearest number of frames at this rate, at least 1 unless the span is zero.
    pub(crate) fn frames_at(self, rate_hz: u32) -> u64 {
        let own = u128::from(self.rate_hz.max(1));
        let scaled = (u128::from(self.frames) * u128::from(rate_hz) + own / 2) / own;
        saturated(scaled).max(u64::from(self.frames > 0))
    }

    /// [`frames_at`](Self::frames_at), for lengths that are counted in 32 bits.
    pub(crate) fn short_frames_at(self, rate_hz: u32) -> u32 {
        u32::try_from(self.frames_at(rate_hz)).unwrap_or(u32::MAX)
    }

    /// The number of frames at this rate, rounded up.
    pub(crate) fn covering_frames_at(self, rate_hz: u32) -> u64 {
        let scaled = u128::from(self.frames) * u128::from(rate_hz);
        saturated(scaled.div_ceil(u128::from(self.rate_hz.max(1))))
    }

    /// The number of frames at this rate, rounded down.
    pub(crate) fn whole_frames_at(self, rate_hz: u32) -> u64 {
        let scaled = u128::from(self.frames) * u128::from(rate_hz);
        saturated(scaled / u128::from(self.rate_hz.max(1)))
    }

    /// The duration in whole nanoseconds, rounded down.
    pub(crate) fn nanoseconds(self) -> u64 {
        nanoseconds(self.frames, self.rate_hz)
    }
}

/// How long `frames` last, in whole nanoseconds, rounded down.
pub(crate) fn nanoseconds(frames: u64, rate_hz: u32) -> u64 {
    saturated(u128::from(frames) * 1_000_000_000 / u128::from(rate_hz.max(1)))
}

/// How many whole frames last at most `nanoseconds`.
pub(crate) fn frames_in(nanoseconds: u64, rate_hz: u32) -> u64 {
    saturated(u128::from(nanoseconds) * u128::from(rate_hz) / 1_000_000_000)
}

fn saturated(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_the_same_time_at_every_rate() {
        let ramp = Span::new(96, 48_000);
        assert_eq!(ramp.frames_at(48_000), 96);
        assert_eq!(ramp.frames_at(44_100), 88, "88.2");
        assert_eq!(ramp.frames_at(8_000), 16);
        assert_eq!(ramp.frames_at(1), 1, "never nothing");
        assert_eq!(Span::new(0, 48_000).frames_at(44_100), 0);
        assert_eq!(
            (
                ramp.whole_frames_at(44_100),
                ramp.covering_frames_at(44_100)
            ),
            (88, 89)
        );
        assert_eq!(ramp.nanoseconds(), 2_000_000);
    }

    #[test]
    fn the_longest_times_saturate() {
        let endless = Span::new(u64::MAX, 1);
        assert_eq!(endless.frames_at(768_000), u64::MAX);
        assert_eq!(endless.short_frames_at(768_000), u32::MAX);
        assert_eq!(endless.nanoseconds(), u64::MAX);
        assert_eq!(frames_in(u64::MAX, 1_000_000_000), u64::MAX);
    }
}
