//! How fast a level changes.

/// How long a fade or a gain's ramp takes.
///
/// ```
/// use rt_callback::Ramp;
///
/// assert_eq!(Ramp::Milliseconds(20.0).frames(48_000), 960);
/// assert_eq!(Ramp::None.frames(48_000), 0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Ramp {
    /// At once. This may click.
    None,
    /// In milliseconds.
    Milliseconds(f32),
    /// In device frames.
    Frames(u32),
}

impl Ramp {
    /// The length in device frames at `rate_hz`, rounded down. A negative length or NaN is 0.
    #[must_use]
    pub fn frames(self, rate_hz: u32) -> u32 {
        match self {
            Self::None => 0,
            // The cast saturates, and NaN becomes 0.
            Self::Milliseconds(ms) => (f64::from(ms) * f64::from(rate_hz) / 1000.0) as u32,
            Self::Frames(frames) => frames,
        }
    }
}
