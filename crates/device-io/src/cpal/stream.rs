//! Streams: their timeouts, closing them, and their times in frames.

use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// How long a stream may take to open, if the audio system takes a timeout.
pub(super) const OPENING: Duration = Duration::from_secs(2);
/// How long to wait for a stream to close.
const CLOSING: Duration = Duration::from_secs(1);

/// Closes a stream on a thread of its own, because closing may never return (a PulseAudio sink that has been unloaded).
/// Waits for it a while, because the next stream may need the device.
pub(super) fn close(stream: cpal::Stream) {
    let (closed, is_closed) = channel();
    let closer = thread::Builder::new()
        .name("stream closer".into())
        .spawn(move || {
            drop(stream);
            // This fails if the wait has timed out.
            let _ = closed.send(());
        });
    // If no thread could be made, the failed attempt dropped the stream.
    if closer.is_ok() {
        let _ = is_closed.recv_timeout(CLOSING);
    }
}

/// How many frames a time lasts, to the nearest: most of these times were frames before they were cut to whole
/// nanoseconds.
pub(super) fn frames_in(time: Duration, rate_hz: u32) -> u64 {
    let parts = time.as_nanos() * u128::from(rate_hz);
    u64::try_from((parts + 500_000_000) / 1_000_000_000).unwrap_or(u64::MAX)
}
