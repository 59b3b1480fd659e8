//! The offline backend: an output and an input whose clock the application turns. It is as fast as possible, and
//! reproducible.

use std::sync::Arc;

use rt_callback::{RecordStatus, Recorder, RenderStatus, Renderer, StreamSpec};

use crate::error::DeviceError;
use crate::loan::{Handle, Opened};
use crate::seam::{
    Backend, DeviceEvent, DeviceInfo, Input, InputRequest, Output, OutputRequest, Progress,
};
use crate::software::desk::Desk;
use crate::software::refuse_others;

/// The id of the only output and of the only input.
const ID: &str = "offline";

/// A backend that runs by a [`Clock`] on the caller's thread. Its output renders when the clock ticks, and its input
/// records the blocks that the clock is given. One output and one input can be started at a time.
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
    output: Arc<Desk<Renderer>>,
    input: Arc<Desk<Recorder>>,
}

/// The clock of an [`Offline`] backend, for its output and its input.
#[derive(Debug)]
pub struct Clock {
    output: Arc<Desk<Renderer>>,
    input: Arc<Desk<Recorder>>,
    block: Vec<u8>,
}

impl Offline {
    /// Makes a backend and its clock.
    #[must_use]
    pub fn new() -> (Self, Clock) {
        let (output, input) = (Arc::default(), Arc::default());
        let clock = Clock {
            output: Arc::clone(&output),
            input: Arc::clone(&input),
            block: Vec::new(),
        };
        (Self { output, input }, clock)
    }
}

impl Clock {
    /// Renders one block of `frames` frames, and shows its bytes to `played`. `None` if no output has been started.
    ///
    /// Allocates when the block is larger than any before it.
    pub fn tick(&mut self, frames: usize, played: impl FnOnce(&[u8])) -> Option<RenderStatus> {
        self.render(|frame_bytes| frames * frame_bytes, played)
    }

    /// Renders a block of `bytes` bytes as [`tick`](Self::tick) does. It need not be a whole number of frames, as with
    /// a faulty device.
    pub fn tick_bytes(&mut self, bytes: usize, played: impl FnOnce(&[u8])) -> Option<RenderStatus> {
        self.render(|_| bytes, played)
    }

    /// Records a block, as bytes of the input's spec. Its first frame counts as captured one block's length ago. `None`
    /// if no input has been started.
    pub fn capture(&mut self, block: &[u8]) -> Option<RecordStatus> {
        self.input.work(|recorder| {
            let frames = block.len() / recorder.device().frame_bytes();
            recorder.set_device_latency(frames as u64);
            recorder.record_bytes(block)
        })
    }

    fn render(
        &mut self,
        bytes: impl FnOnce(usize) -> usize,
        played: impl FnOnce(&[u8]),
    ) -> Option<RenderStatus> {
        let buffer = &mut self.block;
        let status = self.output.work(|renderer| {
            buffer.resize(bytes(renderer.device().frame_bytes()), 0);
            renderer.set_device_latency(0);
            renderer.render_bytes(buffer)
        })?;
        // The renderer is back where `played` can stop it.
        played(&self.block);
        Some(status)
    }

    /// How many more source frames must be queued so that the next `frames` device frames have no gap. 0 if no output
    /// has been started.
    #[must_use]
    pub fn missing_source_frames(&self, frames: usize) -> usize {
        self.output
            .look(|renderer| renderer.missing_source_frames(frames))
            .unwrap_or(0)
    }
}

impl Backend for Offline {
    fn name(&self) -> &'static str {
        "offline"
    }

    fn devices(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        let mut device = DeviceInfo::new(ID, "Rendered as fast as it goes");
        device.is_default = true;
        Ok(vec![device])
    }

    fn open_output(&self, request: &OutputRequest) -> Result<Box<dyn Output>, DeviceError> {
        refuse_others(request.device.as_deref(), ID)?;
        let block_frames = request.block_frames(request.spec.rate_hz);
        let device = OfflineDevice::open(request.spec, block_frames, &self.output);
        Ok(Box::new(device))
    }

    fn inputs(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        let mut device = DeviceInfo::new(ID, "Delivers what it is given");
        device.is_default = true;
        Ok(vec![device])
    }

    fn open_input(&self, request: &InputRequest) -> Result<Box<dyn Input>, DeviceError> {
        refuse_others(request.device.as_deref(), ID)?;
        let block_frames = request.block_frames(request.spec.rate_hz);
        let device = OfflineDevice::open(request.spec, block_frames, &self.input);
        Ok(Box::new(device))
    }
}

struct OfflineDevice<T> {
    spec: StreamSpec,
    block_frames: usize,
    desk: Arc<Desk<T>>,
    /// The number of this handle's start.
    started: Option<u64>,
    /// What could not be started, because another handle has been.
    refused: Option<T>,
}

impl<T: Send> OfflineDevice<T> {
    fn open(spec: StreamSpec, block_frames: usize, desk: &Arc<Desk<T>>) -> Opened<T, Self> {
        Opened::new(Self {
            spec,
            block_frames,
            desk: Arc::clone(desk),
            started: None,
            refused: None,
        })
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
        if self.started.is_some() {
            return Err(DeviceError::AlreadyStarted);
        }
        match self.desk.start(lent) {
            Ok(number) => {
                self.started = Some(number);
                Ok(())
            }
            Err(lent) => {
                self.refused = Some(lent);
                Err(DeviceError::AlreadyStarted)
            }
        }
    }

    fn stop(&mut self) -> Result<Option<T>, DeviceError> {
        Ok(match self.started.take() {
            Some(number) => self.desk.stop(number),
            None => self.refused.take(),
        })
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        None
    }
}
