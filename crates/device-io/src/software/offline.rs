//! An output and an input with a clock that is turned by hand: as fast as it goes, and the same
//! every time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rt_callback::{RecordStatus, Recorder, RenderStatus, Renderer, StreamSpec};

use crate::error::DeviceError;
use crate::loan::{Handle, Opened};
use crate::seam::{
    Backend, DeviceEvent, DeviceInfo, Input, InputRequest, Output, OutputRequest, Progress,
};

/// Where a started renderer or recorder waits for the clock. Only ordinary threads meet here.
type Slot<T> = Arc<Mutex<Option<T>>>;

/// A backend whose output renders when its [`Clock`] says so, on the caller's thread, and whose input
/// records what the clock is given.
///
/// ```
/// use device_io::{Backend, Offline, OutputRequest};
/// use rt_callback::{Config, stream};
///
/// let (offline, mut clock) = Offline::new();
/// let request = OutputRequest::new("48000x2:s16le".parse()?);
/// let mut output = offline.open_output(&request)?;
/// let config = Config::new("24000x1:s16le".parse()?, output.spec());
/// let (mut feeder, _controller, renderer, _monitor) = stream(&config)?;
/// output.start(renderer)?;
///
/// feeder.push(&[1000_i16; 240])?;
/// let mut played = Vec::new();
/// clock.tick(480, |block| played.extend_from_slice(block));
/// assert_eq!(played.len(), 480 * 2 * 2);
/// assert_eq!(played[..4], [0xe8, 0x03, 0xe8, 0x03]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Offline {
    slot: Slot<Renderer>,
    input: Slot<Recorder>,
}

/// Turns the time of an [`Offline`] backend's output and input.
#[derive(Debug)]
pub struct Clock {
    slot: Slot<Renderer>,
    input: Slot<Recorder>,
    block: Vec<u8>,
}

impl Offline {
    /// A backend and its clock.
    #[must_use]
    pub fn new() -> (Self, Clock) {
        let (slot, input) = (Slot::default(), Slot::default());
        let clock = Clock {
            slot: Arc::clone(&slot),
            input: Arc::clone(&input),
            block: Vec::new(),
        };
        (Self { slot, input }, clock)
    }
}

impl Clock {
    /// Lets one block of `frames` frames be rendered, and shows its bytes. `None` where no output
    /// has been started.
    ///
    /// Grows its block where that is larger than any before it.
    pub fn tick(&mut self, frames: usize, played: impl FnOnce(&[u8])) -> Option<RenderStatus> {
        self.render(|frame_bytes| frames * frame_bytes, played)
    }

    /// As [`tick`](Self::tick), for a block of so many bytes, as a device that has its own idea of
    /// a frame might ask for.
    pub fn tick_bytes(&mut self, bytes: usize, played: impl FnOnce(&[u8])) -> Option<RenderStatus> {
        self.render(|_| bytes, played)
    }

    /// Lets this block be recorded, bytes of the input's spec; its first frame was captured the block's own length
    /// ago. `None` where no input has been started.
    pub fn capture(&mut self, block: &[u8]) -> Option<RecordStatus> {
        let mut input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        let recorder = input.as_mut()?;
        let frames = block.len() / recorder.device().frame_bytes();
        recorder.set_device_latency(frames as u64);
        Some(recorder.record_bytes(block))
    }

    fn render(
        &mut self,
        bytes: impl FnOnce(usize) -> usize,
        played: impl FnOnce(&[u8]),
    ) -> Option<RenderStatus> {
        let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        let renderer = slot.as_mut()?;
        self.block.resize(bytes(renderer.device().frame_bytes()), 0);
        renderer.set_device_latency(0);
        let status = renderer.render_bytes(&mut self.block);
        played(&self.block);
        Some(status)
    }

    /// How many more source frames must be queued so that the next `frames` frames have no gap;
    /// 0 where no output has been started.
    #[must_use]
    pub fn missing_source_frames(&self, frames: usize) -> usize {
        let slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        slot.as_ref()
            .map_or(0, |renderer| renderer.missing_source_frames(frames))
    }
}

impl Backend for Offline {
    fn name(&self) -> &'static str {
        "offline"
    }

    fn devices(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        let mut device = DeviceInfo::new("offline", "Rendered as fast as it goes");
        device.is_default = true;
        Ok(vec![device])
    }

    fn open_output(&self, request: &OutputRequest) -> Result<Box<dyn Output>, DeviceError> {
        let block_frames = request.block_frames(request.spec.rate_hz);
        let device = OfflineDevice::open(request.spec, block_frames, &self.slot);
        Ok(Box::new(device))
    }

    fn inputs(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        let mut device = DeviceInfo::new("offline", "Delivers what it is given");
        device.is_default = true;
        Ok(vec![device])
    }

    fn open_input(&self, request: &InputRequest) -> Result<Box<dyn Input>, DeviceError> {
        let block_frames = request.block_frames(request.spec.rate_hz);
        let device = OfflineDevice::open(request.spec, block_frames, &self.input);
        Ok(Box::new(device))
    }
}

struct OfflineDevice<T> {
    spec: StreamSpec,
    block_frames: usize,
    slot: Slot<T>,
}

impl<T: Send> OfflineDevice<T> {
    fn open(spec: StreamSpec, block_frames: usize, slot: &Slot<T>) -> Opened<T, Self> {
        Opened::new(Self {
            spec,
            block_frames,
            slot: Arc::clone(slot),
        })
    }

    fn slot(&self) -> MutexGuard<'_, Option<T>> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Send> Handle<T> for OfflineDevice<T> {
    fn spec(&self) -> StreamSpec {
        self.spec
    }

    fn block_frames(&self) -> Option<usize> {
        Some(self.block_frames)
    }

    fn progress(&self) -> Option<Progress> {
        None
    }

    fn start(&mut self, lent: T) -> Result<(), DeviceError> {
        let mut slot = self.slot();
        if slot.is_some() {
            return Err(DeviceError::AlreadyStarted);
        }
        *slot = Some(lent);
        Ok(())
    }

    fn stop(&mut self) -> Result<Option<T>, DeviceError> {
        Ok(self.slot().take())
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        None
    }
}
