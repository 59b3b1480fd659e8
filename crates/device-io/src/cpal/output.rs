//! An output of cpal's, and the renderer that is lent to its callback.

use std::sync::Arc;

use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{BufferSize, ErrorKind, FrameCount};
use rt_callback::{Renderer, StreamSpec};

use super::complaints::{Complained, Complaints};
use super::format::Memory;
use super::{OPENING, backend_error, close, frames_in};
use crate::backend::{DeviceEvent, Output, Progress};
use crate::error::DeviceError;
use crate::lease::{Borrower, Lease};

pub(super) struct CpalOutput {
    device: cpal::Device,
    memory: Memory,
    spec: StreamSpec,
    buffer_frames: FrameCount,
    running: Option<Running>,
}

struct Running {
    /// `None` where it could not be started.
    stream: Option<cpal::Stream>,
    lease: Lease,
    complaints: Arc<Complaints>,
    told: Complained,
}

impl CpalOutput {
    pub(super) fn new(
        device: cpal::Device,
        memory: Memory,
        spec: StreamSpec,
        buffer_frames: FrameCount,
    ) -> Self {
        Self {
            device,
            memory,
            spec,
            buffer_frames,
            running: None,
        }
    }

    fn build(
        &self,
        buffer_size: BufferSize,
        borrower: Borrower,
        complaints: &Arc<Complaints>,
    ) -> Result<cpal::Stream, cpal::Error> {
        let rate_hz = self.spec.rate_hz;
        let config = cpal::StreamConfig {
            channels: self.spec.channels() as cpal::ChannelCount,
            sample_rate: rate_hz,
            buffer_size,
        };
        let memory = self.memory;
        let complaints = Arc::clone(complaints);
        #[cfg(feature = "realtime")]
        let mut promotion = super::realtime::Promotion::new(Arc::clone(&complaints));
        self.device.build_output_stream_raw(
            config,
            memory.format,
            move |block: &mut cpal::Data, about: &cpal::OutputCallbackInfo| {
                #[cfg(feature = "realtime")]
                promotion.once();
                // `playback` is when the block's first frame is heard.
                let times = about.timestamp();
                let lead = times.playback.saturating_duration_since(times.callback);
                let block = block.bytes_mut();
                borrower.render(block, frames_in(lead, rate_hz));
                memory.finish(block);
            },
            move |error| complaints.add(error.kind()),
            Some(OPENING),
        )
    }

    fn open(
        &self,
        lease: &Lease,
        complaints: &Arc<Complaints>,
    ) -> Result<cpal::Stream, cpal::Error> {
        let fixed = BufferSize::Fixed(self.buffer_frames);
        let stream = match self.build(fixed, lease.borrower(), complaints) {
            // Some systems choose the size themselves and refuse to be told.
            Err(error) if error.kind() == ErrorKind::UnsupportedConfig => {
                self.build(BufferSize::Default, lease.borrower(), complaints)
            }
            result => result,
        }?;
        match stream.play() {
            Ok(()) => Ok(stream),
            Err(error) => {
                close(stream);
                Err(error)
            }
        }
    }
}

impl Output for CpalOutput {
    fn spec(&self) -> StreamSpec {
        self.spec
    }

    fn block_frames(&self) -> Option<usize> {
        Some(self.buffer_frames as usize)
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.running.as_ref()?.lease.progress())
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), DeviceError> {
        if self.running.is_some() {
            return Err(DeviceError::AlreadyStarted);
        }
        let lease = Lease::new(renderer);
        let complaints = Arc::default();
        let opened = self.open(&lease, &complaints);
        let (stream, result) = match opened {
            Ok(stream) => (Some(stream), Ok(())),
            Err(error) => (None, Err(backend_error(error))),
        };
        self.running = Some(Running {
            stream,
            lease,
            complaints,
            told: Complained::default(),
        });
        result
    }

    fn stop(&mut self) -> Result<Option<Renderer>, DeviceError> {
        let Some(running) = self.running.take() else {
            return Ok(None);
        };
        let renderer = running.lease.recall();
        if let Some(stream) = running.stream {
            close(stream);
        }
        Ok(renderer)
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        let running = self.running.as_mut()?;
        running
            .complaints
            .next(&mut running.told)
            .or_else(|| running.lease.poll_panics())
    }
}

impl Drop for CpalOutput {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}
