//! Devices that sleep in silence, and swallow the beginning of a sound while they wake.

/// Counts the silence that a device needs before it sounds.
#[derive(Debug)]
pub(super) struct Wake {
    lead_in_frames: u32,
    /// So much silence sends the device to sleep; `None` is never.
    keep_alive_frames: Option<u64>,
    /// Silence still needed before the next sound.
    left: u32,
    /// Silence only counts from when a sound is ready: before that the device sleeps through it.
    asleep: bool,
    silent_frames: u64,
}

impl Wake {
    /// A device that is just being started: silence wakes it from the first frame on.
    pub(super) fn new(lead_in_frames: u32, keep_alive_frames: Option<u64>) -> Self {
        Self {
            lead_in_frames,
            keep_alive_frames,
            left: lead_in_frames,
            asleep: false,
            silent_frames: 0,
        }
    }

    pub(super) fn is_due(&self) -> bool {
        self.left > 0
    }

    pub(super) fn is_asleep(&self) -> bool {
        self.asleep
    }

    /// How many of the next `frames` frames are to be silent, so that the device wakes.
    pub(super) fn lead_in(&mut self, frames: usize) -> usize {
        self.asleep = false;
        let count = frames.min(self.left as usize);
        self.left -= count as u32;
        count
    }

    pub(super) fn note_sound(&mut self) {
        self.silent_frames = 0;
    }

    pub(super) fn note_silence(&mut self, frames: u64) {
        self.silent_frames += frames;
        if let Some(keep_alive_frames) = self.keep_alive_frames
            && self.silent_frames > keep_alive_frames
            && self.lead_in_frames > 0
        {
            self.asleep = true;
            self.left = self.lead_in_frames;
        }
    }

    /// Another device, just being started.
    #[cfg(feature = "std")]
    pub(super) fn restart(&mut self) {
        *self = Self::new(self.lead_in_frames, self.keep_alive_frames);
    }
}
