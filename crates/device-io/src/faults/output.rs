//! Between a device and a renderer.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rt_callback::{Config, FrameSource, Renderer, SampleFormat, StreamSpec, stream_from};

use super::script::{Hostility, Next, Script, Told};
use crate::backend::{DeviceEvent, Output, Progress};
use crate::error::DeviceError;

/// How long a stopped device may take to give its renderer back.
const RECOVERY: Duration = Duration::from_secs(2);

pub(super) struct HostileOutput {
    inner: Box<dyn Output>,
    script: Arc<Mutex<Script>>,
    told: Arc<Told>,
    /// Where the renderer comes back.
    home: Option<Receiver<Renderer>>,
}

impl HostileOutput {
    pub(super) fn new(inner: Box<dyn Output>, script: &Arc<Mutex<Script>>) -> Self {
        Self {
            inner,
            script: Arc::clone(script),
            told: Arc::default(),
            home: None,
        }
    }
}

impl Output for HostileOutput {
    fn spec(&self) -> StreamSpec {
        self.inner.spec()
    }

    fn block_frames(&self) -> Option<usize> {
        self.inner.block_frames()
    }

    /// Of the renderer that was handed over, and not of the device behind.
    fn progress(&self) -> Option<Progress> {
        Some(self.told.progress())
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), DeviceError> {
        if self.home.is_some() {
            return Err(DeviceError::AlreadyStarted);
        }
        let device = self.inner.spec();
        let (home, recovered) = channel();
        self.home = Some(recovered);
        self.told = Arc::default();
        let between = Between {
            renderer: Some(renderer),
            home,
            device,
            hostility: Hostility::new(&self.script, &self.told),
            ahead: Vec::new(),
            read: 0,
            latency_frames: 0,
        };
        let source = StreamSpec {
            format: SampleFormat::F32,
            ..device
        };
        let (_, relay, _) = stream_from(&Config::new(source, device), Box::new(between))
            .map_err(DeviceError::Rebind)?;
        self.inner.start(relay)
    }

    fn stop(&mut self) -> Result<Option<Renderer>, DeviceError> {
        let Some(home) = self.home.take() else {
            return Ok(None);
        };
        let stopped = self.inner.stop();
        // With the relay goes what is between, and that sends the renderer home.
        let stopped = stopped.map(drop);
        let renderer = home.recv_timeout(RECOVERY).ok();
        stopped.map(|()| renderer)
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        self.told.next().or_else(|| self.inner.poll_event())
    }
}

impl Drop for HostileOutput {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

/// Asks the renderer for blocks as a hostile device does, and gives them to the device as it likes
/// them.
struct Between {
    renderer: Option<Renderer>,
    home: Sender<Renderer>,
    device: StreamSpec,
    hostility: Hostility,
    /// What has been rendered; read so far to `read`, in bytes.
    ahead: Vec<u8>,
    read: usize,
    /// From when the device asked for its block to when the first frame is heard that is filled next.
    latency_frames: u64,
}

impl Between {
    /// Renders the next block, whose size is the device's own unless the faults say otherwise. It begins
    /// `done` frames behind what the device is being given.
    fn render(&mut self, frames: usize, wrong_shapes: usize, done: usize) {
        let frame_bytes = self.device.frame_bytes();
        self.read = 0;
        let Some(renderer) = &mut self.renderer else {
            self.ahead.clear();
            return;
        };
        renderer.set_device_latency(self.latency_frames.saturating_add(done as u64));
        // Where a frame is a byte, every shape is right.
        for _ in 0..if frame_bytes > 1 { wrong_shapes } else { 0 } {
            self.ahead.resize(frames * frame_bytes + 1, 0);
            renderer.render_bytes(&mut self.ahead);
        }
        self.ahead.resize(frames * frame_bytes, 0);
        renderer.render_bytes(&mut self.ahead);
        self.hostility.pass(frames);
    }
}

impl FrameSource for Between {
    fn fill(&mut self, block: &mut [f32]) -> usize {
        let channels = self.device.channels();
        let frame_bytes = self.device.frame_bytes();
        let frames = block.len() / channels;
        block.fill(0.0);
        let mut done = 0;
        while done < frames {
            let rendered = self.ahead.get(self.read..).unwrap_or_default();
            if rendered.is_empty() {
                match self.hostility.next() {
                    Next::Dead => return frames,
                    Next::Stalled(left) => {
                        let left = usize::try_from(left).unwrap_or(usize::MAX);
                        let silent = left.min(frames - done);
                        self.hostility.wait_out(silent);
                        done += silent;
                    }
                    Next::Block {
                        frames: own,
                        wrong_shapes,
                    } => self.render(own.unwrap_or(frames - done), wrong_shapes, done),
                }
                continue;
            }
            let count = (rendered.len() / frame_bytes).min(frames - done);
            let rendered = rendered.get(..count * frame_bytes).unwrap_or_default();
            let to = block.get_mut(done * channels..).unwrap_or_default();
            pcm_convert::bytes::decode(self.device.format, rendered, to);
            self.read += count * frame_bytes;
            done += count;
        }
        frames
    }

    fn set_device_latency(&mut self, frames: u64) {
        self.latency_frames = frames;
    }
}

impl Drop for Between {
    fn drop(&mut self) {
        if let Some(renderer) = self.renderer.take() {
            // Nobody waits for it where the output is gone as well.
            let _ = self.home.send(renderer);
        }
    }
}
