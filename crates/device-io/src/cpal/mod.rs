//! The one folder that knows cpal. Nothing of it shows outside.

mod output;

use cpal::traits::{DeviceTrait, HostTrait};
use cpal::{ErrorKind, FrameCount, SupportedBufferSize};
use rt_callback::{ChannelLayout, SampleFormat, StreamSpec};

use self::output::CpalOutput;
use crate::backend::{Backend, DeviceInfo, Output, OutputRequest, SupportedFormats};
use crate::error::DeviceError;

/// The platform's audio systems: ALSA, CoreAudio, WASAPI, and whatever else cpal knows.
///
/// ```no_run
/// use device_io::{Backend, Cpal};
///
/// for name in Cpal::hosts() {
///     match Cpal::host(&name)?.devices() {
///         Ok(devices) => println!("{name}: {} devices", devices.len()),
///         Err(error) => println!("{name}: {error}"),
///     }
/// }
/// # Ok::<(), device_io::DeviceError>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Cpal {
    /// The platform's default if `None`.
    host: Option<cpal::HostId>,
}

impl Backend for Cpal {
    fn name(&self) -> &'static str {
        "cpal"
    }

    fn devices(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        let host = self.open_host()?;
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
        let host = self.open_host()?;
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
        Ok(Box::new(CpalOutput::new(
            device,
            choice.format,
            choice.spec,
            buffer_frames,
        )))
    }
}

impl Cpal {
    /// The audio systems that this build can reach, by the names that [`Self::host`] takes; one
    /// that is named here need not be running. On Linux `alsa`, and by feature `pulseaudio` (which
    /// PipeWire answers to as well) and `jack`.
    #[must_use]
    pub fn hosts() -> Vec<String> {
        cpal::ALL_HOSTS
            .iter()
            .map(cpal::HostId::to_string)
            .collect()
    }

    /// The audio system of this name. [`Self::default`] is the platform's own choice: on Linux
    /// `pulseaudio` where that is built in and answers, else `alsa`.
    ///
    /// # Errors
    /// [`DeviceError::UnknownHost`] names those that there are.
    pub fn host(name: &str) -> Result<Self, DeviceError> {
        let host = name.parse().map_err(|_| DeviceError::UnknownHost {
            name: name.to_owned(),
            known: Self::hosts(),
        })?;
        Ok(Self { host: Some(host) })
    }

    fn open_host(self) -> Result<cpal::Host, DeviceError> {
        match self.host {
            None => Ok(cpal::default_host()),
            Some(id) => cpal::host_from_id(id).map_err(backend_error),
        }
    }

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
