//! An output of cpal's, and the renderer that is lent to its callback.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{BufferSize, ErrorKind, FrameCount};
use rt_callback::{Renderer, StreamSpec};

use super::backend_error;
use crate::backend::{DeviceEvent, Output};
use crate::error::DeviceError;

/// Errors that may wait for [`Output::poll_event`]. A callback that complains without end finds
/// the queue full and costs nothing more.
const WAITING_ERRORS: usize = 64;
/// How long a stopped stream may take to give its renderer back.
const RECOVERY: Duration = Duration::from_secs(2);

pub(super) struct CpalOutput {
    device: cpal::Device,
    format: cpal::SampleFormat,
    spec: StreamSpec,
    buffer_frames: FrameCount,
    running: Option<Running>,
}

struct Running {
    stream: cpal::Stream,
    renderer: Receiver<Renderer>,
    errors: Receiver<ErrorKind>,
}

/// A renderer in a callback, which comes back when the stream drops that callback.
struct OnLoan {
    renderer: Option<Renderer>,
    home: Sender<Renderer>,
}

impl Drop for OnLoan {
    fn drop(&mut self) {
        if let Some(renderer) = self.renderer.take() {
            // Nobody waits for it where the output is gone as well.
            let _ = self.home.send(renderer);
        }
    }
}

impl CpalOutput {
    pub(super) fn new(
        device: cpal::Device,
        format: cpal::SampleFormat,
        spec: StreamSpec,
        buffer_frames: FrameCount,
    ) -> Self {
        Self {
            device,
            format,
            spec,
            buffer_frames,
            running: None,
        }
    }

    fn build(
        &self,
        buffer_size: BufferSize,
        mut loan: OnLoan,
        errors: SyncSender<ErrorKind>,
    ) -> Result<cpal::Stream, cpal::Error> {
        let rate_hz = self.spec.rate_hz;
        let config = cpal::StreamConfig {
            channels: self.spec.channels() as cpal::ChannelCount,
            sample_rate: rate_hz,
            buffer_size,
        };
        self.device.build_output_stream_raw(
            config,
            self.format,
            move |block: &mut cpal::Data, about: &cpal::OutputCallbackInfo| {
                if let Some(renderer) = &mut loan.renderer {
                    let times = about.timestamp();
                    let lead = times.playback.saturating_duration_since(times.callback);
                    renderer.set_device_latency(frames_in(lead, rate_hz));
                    renderer.render_bytes(block.bytes_mut());
                }
            },
            move |error| {
                // Full: it was told often enough.
                let _ = errors.try_send(error.kind());
            },
            None,
        )
    }
}

fn frames_in(time: Duration, rate_hz: u32) -> u64 {
    u64::try_from(time.as_nanos() * u128::from(rate_hz) / 1_000_000_000).unwrap_or(u64::MAX)
}

impl Output for CpalOutput {
    fn spec(&self) -> StreamSpec {
        self.spec
    }

    fn block_frames(&self) -> Option<usize> {
        Some(self.buffer_frames as usize)
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), DeviceError> {
        if self.running.is_some() {
            return Err(DeviceError::AlreadyStarted);
        }
        let (home, recovered) = channel();
        let (errors, told) = sync_channel(WAITING_ERRORS);
        let fixed = BufferSize::Fixed(self.buffer_frames);
        let loan = OnLoan {
            renderer: Some(renderer),
            home: home.clone(),
        };
        let stream = match self.build(fixed, loan, errors.clone()) {
            // Some systems choose the size themselves and refuse to be told.
            Err(error) if error.kind() == ErrorKind::UnsupportedConfig => {
                let Ok(renderer) = recovered.try_recv() else {
                    return Err(backend_error(error));
                };
                let loan = OnLoan {
                    renderer: Some(renderer),
                    home,
                };
                self.build(BufferSize::Default, loan, errors)
            }
            result => result,
        };
        let stream = stream.map_err(backend_error)?;
        stream.play().map_err(backend_error)?;
        self.running = Some(Running {
            stream,
            renderer: recovered,
            errors: told,
        });
        Ok(())
    }

    fn stop(&mut self) -> Result<Option<Renderer>, DeviceError> {
        let Some(running) = self.running.take() else {
            return Ok(None);
        };
        drop(running.stream);
        Ok(running.renderer.recv_timeout(RECOVERY).ok())
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        let kind = self.running.as_ref()?.errors.try_recv().ok()?;
        Some(match kind {
            ErrorKind::DeviceNotAvailable
            | ErrorKind::HostUnavailable
            | ErrorKind::StreamInvalidated => DeviceEvent::Lost(kind.to_string()),
            ErrorKind::DeviceChanged => DeviceEvent::Changed,
            ErrorKind::Xrun => DeviceEvent::Xrun,
            _ => DeviceEvent::Warning(kind.to_string()),
        })
    }
}
