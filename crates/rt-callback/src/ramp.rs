//! How fast a level changes.

/// How long a fade or a gain's ramp takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ramp {
    /// At once, with whatever click that makes.
    None,
    /// In milliseconds.
    Milliseconds(f32),
    /// In device frames.
    Frames(u32),
}

impl Ramp {
    /// Its length in frames at this rate.
    #[must_use]
    pub fn frames(self, rate_hz: u32) -> u32 {
        match self {
            Self::None => 0,
            // Saturates, and NaN is 0.
            Self::Milliseconds(ms) => (f64::from(ms) * f64::from(rate_hz) / 1000.0) as u32,
            Self::Frames(frames) => frames,
        }
    }
}
