//! Blocks: their length, and a count of them.

use std::time::Duration;

/// How long a block should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BlockLength {
    /// This time, at any rate of the device.
    Time(Duration),
    /// This many device frames.
    Frames(u32),
}

impl BlockLength {
    /// The longest block. Longer ones are shortened to it, because a whole block is held in memory.
    pub const LONGEST: Duration = Duration::from_secs(60);

    /// The length in frames at this rate, at least 1 and at most [`LONGEST`](Self::LONGEST).
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

/// How far a device's callback has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// How often the callback was called.
    pub blocks: u64,
    /// How many frames all these blocks had.
    pub frames: u64,
}
