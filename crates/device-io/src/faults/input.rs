//! The relay between a device and a recorder.

use rt_callback::{BlockSink, Recorder, StreamSpec};

use super::hostile::Borrowed;
use super::script::{Hostility, Next};
use crate::error::DeviceError;

/// Makes a recorder for the device, with the faults behind it.
pub(super) fn relay(
    recorder: Borrowed<Recorder>,
    device: StreamSpec,
    hostility: Hostility,
) -> Result<Recorder, DeviceError> {
    let between = Between {
        recorder,
        frame_bytes: device.frame_bytes(),
        hostility,
        behind: Vec::new(),
        wanted: None,
    };
    Recorder::into_sink(device, Box::new(between)).map_err(DeviceError::Rebind)
}

/// Takes the device's blocks, and gives them to the recorder as a hostile device does.
struct Between {
    recorder: Borrowed<Recorder>,
    frame_bytes: usize,
    hostility: Hostility,
    /// The bytes that the device has delivered of the next block.
    behind: Vec<u8>,
    /// How many frames that block has, and how many blocks of a wrong shape come before it.
    wanted: Option<(usize, usize)>,
}

impl Between {
    fn record(&mut self, frames: usize, wrong_shapes: usize) {
        let block = self.behind.get(..frames * self.frame_bytes);
        let block = block.unwrap_or(&self.behind);
        if let Some(recorder) = &mut self.recorder.lent {
            // If a frame is one byte, there is no wrong shape.
            for _ in 0..if self.frame_bytes > 1 {
                wrong_shapes
            } else {
                0
            } {
                recorder.record_bytes(&vec![0; block.len() + 1]);
            }
            recorder.record_bytes(block);
        }
        self.behind.drain(..frames * self.frame_bytes);
        self.hostility.pass(frames);
    }
}

impl BlockSink for Between {
    fn take(&mut self, block: &[u8]) {
        self.behind.extend_from_slice(block);
        loop {
            let available = self.behind.len() / self.frame_bytes;
            if let Some((frames, wrong_shapes)) = self.wanted {
                if frames > available {
                    return;
                }
                self.wanted = None;
                self.record(frames, wrong_shapes);
                continue;
            }
            if available == 0 {
                return;
            }
            match self.hostility.next() {
                Next::Dead => return self.behind.clear(),
                Next::Stalled(left) => {
                    let left = usize::try_from(left).unwrap_or(usize::MAX);
                    let lost = left.min(available);
                    self.behind.drain(..lost * self.frame_bytes);
                    self.hostility.wait_out(lost);
                }
                Next::Block {
                    frames,
                    wrong_shapes,
                } => self.wanted = Some((frames.unwrap_or(available), wrong_shapes)),
            }
        }
    }

    fn set_device_latency(&mut self, frames: u64) {
        let behind = self.behind.len() / self.frame_bytes;
        if let Some(recorder) = &mut self.recorder.lent {
            recorder.set_device_latency(frames.saturating_add(behind as u64));
        }
    }
}
