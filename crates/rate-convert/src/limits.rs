//! What a conversion may be asked for at most.

/// The highest sample rate at either end, in Hz.
pub const MAX_RATE_HZ: u32 = 768_000;
/// The largest factor between the two rates, either way.
pub const MAX_RATIO: u32 = 256;
/// The largest number of channels of one resampler.
pub const MAX_CHANNELS: usize = 64;
