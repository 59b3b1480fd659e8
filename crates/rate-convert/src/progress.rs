//! What one call took and gave.

/// How far one call of `process` or `flush` got, in whole frames of all channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Progress {
    /// Frames taken from the input. What was not taken must be offered again.
    pub frames_read: usize,
    /// Frames put at the start of the output. What lies behind them was not touched.
    pub frames_written: usize,
}
