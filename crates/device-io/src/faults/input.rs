//! Between a device and a recorder.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rt_callback::{BlockSink, Recorder, StreamSpec};

use super::script::{Hostility, Next, Script, Told};
use crate::backend::{DeviceEvent, Progress};
use crate::error::DeviceError;
use crate::input::Input;

/// How long a stopped device may take to give its recorder back.
const RECOVERY: Duration = Duration::from_secs(2);

pub(super) struct HostileInput {
    inner: Box<dyn Input>,
    script: Arc<Mutex<Script>>,
    told: Arc<Told>,
    /// Where the recorder comes back.
    home: Option<Receiver<Recorder>>,
}

impl HostileInput {
    pub(super) fn new(inner: Box<dyn Input>, script: &Arc<Mutex<Script>>) -> Self {
        Self {
            inner,
            script: Arc::clone(script),
            told: Arc::default(),
            home: None,
        }
    }
}

impl Input for HostileInput {
    fn spec(&self) -> StreamSpec {
        self.inner.spec()
    }

    fn block_frames(&self) -> Option<usize> {
        self.inner.block_frames()
    }

    /// Of the recorder that was handed over, and not of the device behind.
    fn progress(&self) -> Option<Progress> {
        Some(self.told.progress())
    }

    fn start(&mut self, recorder: Recorder) -> Result<(), DeviceError> {
        if self.home.is_some() {
            return Err(DeviceError::AlreadyStarted);
        }
        let device = self.inner.spec();
        let (home, recovered) = channel();
        self.home = Some(recovered);
        self.told = Arc::default();
        let between = Between {
            recorder: Some(recorder),
            home,
            frame_bytes: device.frame_bytes(),
            hostility: Hostility::new(&self.script, &self.told),
            behind: Vec::new(),
            wanted: None,
        };
        let relay = Recorder::into_sink(device, Box::new(between)).map_err(DeviceError::Rebind)?;
        self.inner.start(relay)
    }

    fn stop(&mut self) -> Result<Option<Recorder>, DeviceError> {
        let Some(home) = self.home.take() else {
            return Ok(None);
        };
        let stopped = self.inner.stop();
        // With the relay goes what is between, and that sends the recorder home.
        let stopped = stopped.map(drop);
        let recorder = home.recv_timeout(RECOVERY).ok();
        stopped.map(|()| recorder)
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        self.told.next().or_else(|| self.inner.poll_event())
    }
}

impl Drop for HostileInput {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

/// Takes what the device delivers, and delivers it as a hostile one does.
struct Between {
    recorder: Option<Recorder>,
    home: Sender<Recorder>,
    frame_bytes: usize,
    hostility: Hostility,
    /// What the device has delivered of the next block.
    behind: Vec<u8>,
    /// How many frames that block has, and how many of a wrong shape come before it.
    wanted: Option<(usize, usize)>,
}

impl Between {
    fn record(&mut self, frames: usize, wrong_shapes: usize) {
        let block = self.behind.get(..frames * self.frame_bytes);
        let block = block.unwrap_or(&self.behind);
        if let Some(recorder) = &mut self.recorder {
            // Where a frame is a byte, every shape is right.
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
        if let Some(recorder) = &mut self.recorder {
            recorder.set_device_latency(frames + behind as u64);
        }
    }
}

impl Drop for Between {
    fn drop(&mut self) {
        if let Some(recorder) = self.recorder.take() {
            // Nobody waits for it where the input is gone as well.
            let _ = self.home.send(recorder);
        }
    }
}
