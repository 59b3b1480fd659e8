//! The one file that knows cpal. Nothing of it shows outside.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, ErrorKind, FrameCount, SupportedBufferSize};
use rt_callback::{ChannelLayout, Renderer, SampleFormat, StreamSpec};

use crate::backend::{Backend, DeviceEvent, DeviceInfo, Output, OutputRequest, SupportedFormats};
use crate::error::DeviceError;

/// Errors that may wait for [`Output::poll_event`]. A callback that complains without end finds
/// the queue full and costs nothing more.
const WAITING_ERRORS: usize = 64;
/// How long a stopped stream may take to give its renderer back.
const RECOVERY: Duration = Duration::from_secs(2);

/// The platform's audio system: ALSA, CoreAudio, WASAPI, and whatever else cpal knows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cpal;

impl Backend for Cpal {
    fn name(&self) -> &'static str {
        "cpal"
    }

    fn devices(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        let host = cpal::default_host();
        let default = host.default_output_device();
        let default_id = default.as_ref().and_then(|device| device.id().ok());
        let mut devices: Vec<_> = host
            .output_devices()
            .map_err(backend_error)?
            .filter_map(|device| describe(&device, default_id.as_ref()))
            .collect();
        // A system may have a default that it does not list, and may name one that it has not.
        if !devices.iter().any(|device| device.is_default)
            && let Some(device) = default
            && device.default_output_config().is_ok()
        {
            devices.splice(..0, describe(&device, default_id.as_ref()));
        }
        Ok(devices)
    }

    fn open_output(&self, request: &OutputRequest) -> Result<Box<dyn Output>, DeviceError> {
        let host = cpal::default_host();
        let device = match &request.device {
            None => host.default_output_device().ok_or(DeviceError::NoDevice)?,
            Some(id) => id
                .parse()
                .ok()
                .and_then(|id| host.device_by_id(&id))
                .ok_or_else(|| self.unknown(id))?,
        };
        let choice = choose(&device)?;
        let wanted = request.block_frames(choice.spec.rate_hz);
        let wanted = FrameCount::try_from(wanted).unwrap_or(FrameCount::MAX);
        let buffer_frames = match choice.buffer {
            SupportedBufferSize::Range { min, max } => wanted.max(min).min(max),
            SupportedBufferSize::Unknown => wanted,
        };
        Ok(Box::new(CpalOutput {
            device,
            format: choice.format,
            spec: choice.spec,
            buffer_frames,
            running: None,
        }))
    }
}

impl Cpal {
    fn unknown(self, id: &str) -> DeviceError {
        let known = self.devices().unwrap_or_default();
        DeviceError::UnknownDevice {
            id: id.to_owned(),
            known: known.into_iter().map(|device| device.id).collect(),
        }
    }
}

/// What a device will be opened as.
struct Choice {
    format: cpal::SampleFormat,
    spec: StreamSpec,
    buffer: SupportedBufferSize,
}

/// The device's own preference, or the first of its other ways that can be rendered.
fn choose(device: &cpal::Device) -> Result<Choice, DeviceError> {
    let default = device.default_output_config().map_err(backend_error)?;
    let others = device.supported_output_configs().map_err(backend_error)?;
    let rate_hz = default.sample_rate();
    let mut said = default.sample_format().to_string();
    let candidates = std::iter::once((
        default.sample_format(),
        default.channels(),
        rate_hz,
        *default.buffer_size(),
    ))
    .chain(others.map(|range| {
        let rate_hz = rate_hz.clamp(range.min_sample_rate(), range.max_sample_rate());
        (
            range.sample_format(),
            range.channels(),
            rate_hz,
            *range.buffer_size(),
        )
    }));
    for (format, channels, rate_hz, buffer) in candidates {
        let layout = ChannelLayout::from_count(usize::from(channels));
        if let (Some(ours), Some(layout)) = (sample_format(format), layout) {
            return Ok(Choice {
                format,
                spec: StreamSpec::new(ours, rate_hz, layout),
                buffer,
            });
        }
        let format = format.to_string();
        if !said.contains(&format) {
            said = format!("{said}, {format}");
        }
    }
    Err(DeviceError::UnsupportedFormat(said))
}

fn describe(device: &cpal::Device, default: Option<&cpal::DeviceId>) -> Option<DeviceInfo> {
    let id = device.id().ok()?;
    Some(DeviceInfo {
        is_default: default == Some(&id),
        name: device
            .description()
            .map_or_else(|_| id.to_string(), |said| said.name().to_owned()),
        id: id.to_string(),
        supported: supported(device),
    })
}

fn supported(device: &cpal::Device) -> Vec<SupportedFormats> {
    let Ok(ranges) = device.supported_output_configs() else {
        return Vec::new();
    };
    ranges
        .filter_map(|range| {
            Some(SupportedFormats {
                format: sample_format(range.sample_format())?,
                channels: usize::from(range.channels()),
                rates_hz: (range.min_sample_rate(), range.max_sample_rate()),
            })
        })
        .collect()
}

/// cpal's samples in memory: native endian, and 24 bits low in 4 bytes.
fn sample_format(format: cpal::SampleFormat) -> Option<SampleFormat> {
    Some(match format {
        cpal::SampleFormat::I8 => SampleFormat::S8,
        cpal::SampleFormat::I16 => SampleFormat::S16,
        cpal::SampleFormat::I24 => SampleFormat::S24_IN_32,
        cpal::SampleFormat::I32 => SampleFormat::S32,
        cpal::SampleFormat::I64 => SampleFormat::S64,
        cpal::SampleFormat::U8 => SampleFormat::U8,
        cpal::SampleFormat::U16 => SampleFormat::U16,
        cpal::SampleFormat::U32 => SampleFormat::U32,
        cpal::SampleFormat::F32 => SampleFormat::F32,
        cpal::SampleFormat::F64 => SampleFormat::F64,
        _ => return None,
    })
}

fn backend_error(error: cpal::Error) -> DeviceError {
    match error.kind() {
        ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable => DeviceError::NoDevice,
        _ => DeviceError::Backend(error.to_string()),
    }
}

struct CpalOutput {
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
