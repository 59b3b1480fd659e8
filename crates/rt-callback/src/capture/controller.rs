//! The capture's controller: steers what is read from any thread, at any time, without waiting.

use alloc::sync::Arc;

use channel_mix::Decibels;

use crate::capture::shared::Shared;
use crate::ramp::Ramp;

/// Steers a capture: its gain, and whether it is muted. Clones steer the same capture.
///
/// [`Reader::controller`](crate::Reader::controller) returns one.
///
/// Every call stores a value that the reader takes at its next read. The latest value wins, and no call waits.
///
/// ```
/// use rt_callback::{CaptureConfig, capture};
///
/// let spec = "48000x1:s16le".parse()?;
/// let (mut recorder, mut reader) = capture(&CaptureConfig::new(spec, spec))?;
/// let controller = reader.controller();
/// controller.mute();
/// recorder.record(&[1_000_i16; 480]);
/// controller.unmute();
/// recorder.record(&[1_000_i16; 480]);
///
/// // What was captured while it was muted is never heard, however late it is read.
/// let mut heard = [1_i16; 960];
/// assert_eq!(reader.read(&mut heard), 960);
/// assert!(heard[..480].iter().all(|sample| *sample == 0));
/// assert_eq!(heard[959], 1_000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct CaptureController {
    shared: Arc<Shared>,
    application_hz: u32,
}

impl CaptureController {
    pub(super) fn new(shared: Arc<Shared>, application_hz: u32) -> Self {
        Self {
            shared,
            application_hz,
        }
    }

    /// Moves the gain to `gain`, in a straight line over `ramp`. Its frames are application frames. It begins with the
    /// next frame that was not read yet: frames that are read again keep their gain.
    pub fn set_gain(&self, gain: Decibels, ramp: Ramp) {
        let frames = ramp.frames(self.application_hz);
        self.shared.controls.set_gain(gain, frames);
    }

    /// Ramps to silence, over [`CaptureConfig::ramp_frames`](crate::CaptureConfig::ramp_frames). All frames that are
    /// read from then on are muted, whenever they were captured, also frames that are read again.
    pub fn mute(&self) {
        self.shared.controls.mute();
    }

    /// Ramps from silence back to the gain, beginning with the frames that are captured from now on. Frames that were
    /// captured while the capture was muted stay silent. If it is not muted, nothing happens.
    pub fn unmute(&self) {
        let controls = &self.shared.controls;
        controls.unmute(|| self.shared.captured_frames());
    }

    /// The gain that was set last, whether the capture is muted or not.
    #[must_use]
    pub fn gain(&self) -> Decibels {
        self.shared.controls.gain()
    }

    /// Whether the capture is muted.
    #[must_use]
    pub fn is_muted(&self) -> bool {
        self.shared.controls.is_muted()
    }
}
