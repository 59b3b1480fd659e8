//! Streams: how long one may take, how one ends, and what their times are in frames.

use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// How long a stream may take to open, where the audio system can be told.
pub(super) const OPENING: Duration = Duration::from_secs(2);
/// How long the end of a stream is waited for.
const CLOSING: Duration = Duration::from_secs(1);

/// Ends a stream on a thread of its own, since that may never return (a PulseAudio sink that has been unloaded).
/// Waits for it a while: what comes next may want the device.
pub(super) fn close(stream: cpal::Stream) {
    let (closed, is_closed) = channel();
    let closer = thread::Builder::new()
        .name("stream closer".into())
        .spawn(move || {
            drop(stream);
            // Nobody waits any more where it took too long.
            let _ = closed.send(());
        });
    // Where no thread could be had, the failed attempt dropped the stream.
    if closer.is_ok() {
        let _ = is_closed.recv_timeout(CLOSING);
    }
}

/// Frames in a time, to the nearest: most times were frames before they were cut to whole nanoseconds.
pub(super) fn frames_in(time: Duration, rate_hz: u32) -> u64 {
    let parts = time.as_nanos() * u128::from(rate_hz);
    u64::try_from((parts + 500_000_000) / 1_000_000_000).unwrap_or(u64::MAX)
}
