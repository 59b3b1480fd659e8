//! Devices of cpal, and the renderer or recorder that is lent to their callback.

use std::sync::Arc;

use cpal::traits::StreamTrait;
use cpal::{BufferSize, ErrorKind, FrameCount};
use rt_callback::StreamSpec;

use super::complaints::{Complained, Complaints};
use super::error::backend_error;
use super::format::Memory;
use super::stream::close;
use crate::error::DeviceError;
use crate::loan::{Borrower, Handle, Lease, Lent, Opened};
use crate::seam::{DeviceEvent, Progress};

/// Builds a stream whose callback works with what the borrower has.
pub(super) type Build<T> = fn(
    &cpal::Device,
    cpal::StreamConfig,
    Memory,
    Borrower<T>,
    Arc<Complaints>,
) -> Result<cpal::Stream, cpal::Error>;

pub(super) struct CpalDevice<T: Lent> {
    device: cpal::Device,
    memory: Memory,
    spec: StreamSpec,
    buffer_frames: FrameCount,
    build: Build<T>,
    running: Option<Running<T>>,
}

struct Running<T: Lent> {
    /// `None` if it could not be started.
    stream: Option<cpal::Stream>,
    lease: Lease<T>,
    complaints: Arc<Complaints>,
    told: Complained,
}

impl<T: Lent> CpalDevice<T> {
    pub(super) fn open(
        device: cpal::Device,
        memory: Memory,
        spec: StreamSpec,
        buffer_frames: FrameCount,
        build: Build<T>,
    ) -> Opened<T, Self> {
        Opened::new(Self {
            device,
            memory,
            spec,
            buffer_frames,
            build,
            running: None,
        })
    }

    fn build(
        &self,
        buffer_size: BufferSize,
        borrower: Borrower<T>,
        complaints: &Arc<Complaints>,
    ) -> Result<cpal::Stream, cpal::Error> {
        let config = cpal::StreamConfig {
            channels: self.spec.channels() as cpal::ChannelCount,
            sample_rate: self.spec.rate_hz,
            buffer_size,
        };
        let complaints = Arc::clone(complaints);
        (self.build)(&self.device, config, self.memory, borrower, complaints)
    }

    fn play(
        &self,
        lease: &Lease<T>,
        complaints: &Arc<Complaints>,
    ) -> Result<cpal::Stream, cpal::Error> {
        let fixed = BufferSize::Fixed(self.buffer_frames);
        let stream = match self.build(fixed, lease.borrower(), complaints) {
            // Some systems choose the size of a block themselves, and refuse a request.
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

impl<T: Lent> Handle<T> for CpalDevice<T> {
    fn spec(&self) -> StreamSpec {
        self.spec
    }

    fn block_frames(&self) -> Option<usize> {
        Some(self.buffer_frames as usize)
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.running.as_ref()?.lease.progress())
    }

    fn start(&mut self, lent: T) -> Result<(), DeviceError> {
        if self.running.is_some() {
            return Err(DeviceError::AlreadyStarted);
        }
        let lease = Lease::new(lent);
        let complaints = Arc::default();
        let (stream, result) = match self.play(&lease, &complaints) {
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

    fn stop(&mut self) -> Result<Option<T>, DeviceError> {
        let Some(running) = self.running.take() else {
            return Ok(None);
        };
        let lent = running.lease.recall();
        if let Some(stream) = running.stream {
            close(stream);
        }
        Ok(lent)
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        let running = self.running.as_mut()?;
        running
            .complaints
            .next(&mut running.told)
            .or_else(|| running.lease.poll_panics())
    }
}
