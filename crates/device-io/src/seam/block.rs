//! Blocks: how long one should be, and how many there have been.

use std::time::Duration;

/// How long a block should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockLength {
    /// So long, whatever the device's rate is.
    Time(Duration),
    /// So many frames of the device's.
    Frames(u32),
}

impl BlockLength {
    /// The longest block. Longer ones are cut to it, since a whole block lies in memory.
    pub const LONGEST: Duration = Duration::from_secs(60);

    /// In frames at this rate, at least 1 and at most [`LONGEST`](Self::LONGEST).
    #[must_use]
    pub fn frames(self, rate_hz: u32) -> u32 {
        let in_time = |time: Duration| {
            let frames = time.as_nanos() * u128::from(rate_hz) / 1_000_000_000;
            u32::try_from(frames).unwrap_or(u32::MAX)
        };
        let frames = match self {
            Self::Time(time) => in_time(time),
            Self::Frames(frames) => frames,
        };
        frames.min(in_time(Self::LONGEST)).max(1)
    }
}

impl Default for BlockLength {
    /// 20 ms.
    fn default() -> Self {
        Self::Time(Duration::from_millis(20))
    }
}

impl From<Duration> for BlockLength {
    fn from(time: Duration) -> Self {
        Self::Time(time)
    }
}

/// What a device has asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Calls of the callback.
    pub blocks: u64,
    /// Frames of all of them.
    pub frames: u64,
}
