//! The platform's audio systems, and what they have.

use std::fmt;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use cpal::traits::{DeviceTrait, HostTrait};
use cpal::{ErrorKind, SupportedBufferSize, SupportedStreamConfigRange};
use rt_callback::StreamSpec;

use super::device::{Build, CpalDevice};
use super::format::{Memory, rendered_as};
use crate::error::DeviceError;
use crate::loan::{Lent, Opened};
use crate::negotiate::Negotiated;
use crate::seam::{
    Backend, BlockLength, DeviceInfo, Input, InputRequest, Output, OutputRequest, SupportedFormats,
};

/// How long a stream may take to open, where the audio system can be told.
pub(super) const OPENING: Duration = Duration::from_secs(2);
/// How long the end of a stream is waited for.
const CLOSING: Duration = Duration::from_secs(1);

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
#[derive(Clone, Default)]
pub struct Cpal {
    /// The platform's default if `None`.
    host: Option<cpal::HostId>,
    /// Kept open while the default device is watched.
    watching: Arc<Mutex<Option<cpal::Host>>>,
}

impl fmt::Debug for Cpal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cpal")
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

impl Backend for Cpal {
    fn name(&self) -> &'static str {
        "cpal"
    }

    fn devices(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        self.list(Side::Output)
    }

    /// Of PulseAudio alone, whose host tells of no change: a [supervisor](crate::Supervised) asks it once a
    /// [`default_interval`](crate::Supervision::default_interval). Elsewhere the default is a name that never changes
    /// (ALSA, JACK), or the host tells of a change (CoreAudio, PipeWire and AAudio move the stream, WASAPI invalidates
    /// it).
    fn default_device(&self) -> Option<String> {
        self.default_id(Side::Output)
    }

    /// Of PulseAudio, as [`default_device`](Self::default_device), and of CoreAudio, which only tells of outputs.
    fn default_input(&self) -> Option<String> {
        self.default_id(Side::Input)
    }

    fn open_output(&self, request: &OutputRequest) -> Result<Box<dyn Output>, DeviceError> {
        let id = request.device.as_deref();
        let (spec, block) = (request.spec, request.block);
        Ok(Box::new(self.open(
            Side::Output,
            id,
            spec,
            block,
            super::output::build,
        )?))
    }

    fn inputs(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        self.list(Side::Input)
    }

    fn open_input(&self, request: &InputRequest) -> Result<Box<dyn Input>, DeviceError> {
        let id = request.device.as_deref();
        let (spec, block) = (request.spec, request.block);
        Ok(Box::new(self.open(
            Side::Input,
            id,
            spec,
            block,
            super::input::build,
        )?))
    }
}

/// Which way sound goes through a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Output,
    Input,
}

impl Side {
    fn default_device(self, host: &cpal::Host) -> Option<cpal::Device> {
        match self {
            Self::Output => host.default_output_device(),
            Self::Input => host.default_input_device(),
        }
    }

    fn devices(self, host: &cpal::Host) -> Result<Vec<cpal::Device>, cpal::Error> {
        match self {
            Self::Output => host.output_devices().map(Iterator::collect),
            Self::Input => host.input_devices().map(Iterator::collect),
        }
    }

    /// What the device says it can do. A device that cannot be opened this way can do nothing.
    fn ranges(self, device: &cpal::Device) -> Result<Vec<SupportedStreamConfigRange>, cpal::Error> {
        match self {
            Self::Output => device.supported_output_configs().map(Iterator::collect),
            Self::Input => device.supported_input_configs().map(Iterator::collect),
        }
    }

    /// Whether another default device is only found by asking: it can change, and this host tells nobody.
    fn must_be_asked(self, host: cpal::HostId) -> bool {
        match host.name() {
            "ALSA" | "JACK" | "ASIO" | "PipeWire" | "WASAPI" | "AAudio" => false,
            "CoreAudio" => self == Self::Input,
            _ => true,
        }
    }

    fn none(self) -> DeviceError {
        match self {
            Self::Output => DeviceError::NoDevice,
            Self::Input => DeviceError::NoInput,
        }
    }
}

/// What the device will be opened as.
fn choose(
    device: &cpal::Device,
    side: Side,
    wanted: StreamSpec,
    block: BlockLength,
) -> Result<(Negotiated, Memory), DeviceError> {
    let ranges = side.ranges(device).map_err(backend_error)?;
    let Ways { supported, refused } = Ways::of(&ranges, side);
    if supported.is_empty() {
        return Err(DeviceError::UnsupportedFormat(match refused.is_empty() {
            true => "nothing".to_owned(),
            false => refused.join(", "),
        }));
    }
    let formats: Vec<_> = supported.iter().map(|(formats, _)| *formats).collect();
    let negotiated = Negotiated::new(wanted, block, &formats)?;
    // Of twins, the one that needs no finish.
    let memory = supported
        .iter()
        .filter(|(formats, _)| formats.format == negotiated.spec.format)
        .map(|(_, memory)| *memory)
        .max_by_key(|memory| memory.is_plain())
        .ok_or_else(|| side.none())?;
    Ok((negotiated, memory))
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
        Ok(Self {
            host: Some(host),
            ..Self::default()
        })
    }

    fn open_host(&self) -> Result<cpal::Host, DeviceError> {
        #[cfg(target_os = "linux")]
        super::quiet::quiet();
        match self.host {
            None => Ok(cpal::default_host()),
            Some(id) => cpal::host_from_id(id).map_err(backend_error),
        }
    }

    fn list(&self, side: Side) -> Result<Vec<DeviceInfo>, DeviceError> {
        let host = self.open_host()?;
        let default = side.default_device(&host);
        let default_id = default.as_ref().and_then(|device| device.id().ok());
        let mut devices: Vec<_> = side
            .devices(&host)
            .map_err(backend_error)?
            .iter()
            .filter_map(|device| describe(device, side, default_id.as_ref()))
            .collect();
        // A system may have a default that it does not list, and may name one that it has not.
        if !devices.iter().any(|device| device.is_default)
            && let Some(device) = default
            && side.ranges(&device).is_ok_and(|ranges| !ranges.is_empty())
        {
            devices.splice(..0, describe(&device, side, default_id.as_ref()));
        }
        Ok(devices)
    }

    /// The default device, where it has to be asked for.
    fn default_id(&self, side: Side) -> Option<String> {
        if self.host.is_some_and(|host| !side.must_be_asked(host)) {
            return None;
        }
        let mut watching = self.watching.lock().unwrap_or_else(PoisonError::into_inner);
        let default = |host: &cpal::Host| {
            let asked = side.must_be_asked(host.id());
            asked.then(|| side.default_device(host)?.id().ok())?
        };
        let known = watching.as_ref().and_then(default);
        if known.is_none() {
            // Its server may have been started again.
            *watching = self.open_host().ok();
        }
        let known = known.or_else(|| watching.as_ref().and_then(default))?;
        Some(known.to_string())
    }

    fn open<T: Lent>(
        &self,
        side: Side,
        id: Option<&str>,
        spec: StreamSpec,
        block: BlockLength,
        build: Build<T>,
    ) -> Result<Opened<T, CpalDevice<T>>, DeviceError> {
        let device = self.device(side, id)?;
        let (negotiated, memory) = choose(&device, side, spec, block)?;
        let (spec, block_frames) = (negotiated.spec, negotiated.block_frames);
        Ok(CpalDevice::open(device, memory, spec, block_frames, build))
    }

    /// The device of this id, or the default one.
    fn device(&self, side: Side, id: Option<&str>) -> Result<cpal::Device, DeviceError> {
        let host = self.open_host()?;
        let Some(id) = id else {
            return side.default_device(&host).ok_or_else(|| side.none());
        };
        let found = id.parse().ok().and_then(|id| host.device_by_id(&id));
        found.ok_or_else(|| DeviceError::UnknownDevice {
            id: id.to_owned(),
            known: self
                .list(side)
                .unwrap_or_default()
                .into_iter()
                .map(|device| device.id)
                .collect(),
        })
    }
}

/// What a device says it can do: what is rendered for it, and the formats that nothing is.
struct Ways {
    supported: Vec<(SupportedFormats, Memory)>,
    refused: Vec<String>,
}

impl Ways {
    fn of(ranges: &[SupportedStreamConfigRange], side: Side) -> Self {
        let mut ways = Self {
            supported: Vec::new(),
            refused: Vec::new(),
        };
        for range in ranges {
            // What is captured is taken as it lies in memory, or not at all.
            let known = rendered_as(range.sample_format())
                .filter(|(_, memory)| side == Side::Output || memory.is_plain());
            let Some((format, memory)) = known else {
                let format = range.sample_format().to_string();
                if !ways.refused.contains(&format) {
                    ways.refused.push(format);
                }
                continue;
            };
            let rates_hz = (range.min_sample_rate(), range.max_sample_rate());
            let channels = usize::from(range.channels());
            let mut formats = SupportedFormats::new(format, channels, rates_hz);
            formats.block_frames = match *range.buffer_size() {
                SupportedBufferSize::Range { min, max } => Some((min, max)),
                SupportedBufferSize::Unknown => None,
            };
            ways.supported.push((formats, memory));
        }
        ways
    }
}

fn describe(
    device: &cpal::Device,
    side: Side,
    default: Option<&cpal::DeviceId>,
) -> Option<DeviceInfo> {
    let id = device.id().ok()?;
    let ranges = side.ranges(device);
    let trouble = match &ranges {
        Err(error) => Some(error.to_string()),
        Ok(ranges) if ranges.is_empty() => Some("it says nothing of what it can do".to_owned()),
        Ok(_) => None,
    };
    let ways = Ways::of(&ranges.unwrap_or_default(), side);
    let name = device
        .description()
        .map_or_else(|_| id.to_string(), |said| said.name().to_owned());
    let mut info = DeviceInfo::new(id.to_string(), name);
    info.is_default = default == Some(&id);
    info.supported = ways.supported.iter().map(|(formats, _)| *formats).collect();
    info.refused = ways.refused;
    info.trouble = trouble;
    Some(info)
}

/// Ends a stream on a thread of its own, since that may never return (a PulseAudio sink that has
/// been unloaded), and waits for it a while: what comes next may want the device.
pub(super) fn close(stream: cpal::Stream) {
    let (closed, is_closed) = channel();
    let closer = thread::Builder::new()
        .name("stream closer".into())
        .spawn(move || {
            drop(stream);
            // Nobody waits any more where it took too long.
            let _ = closed.send(());
        });
    // Without a thread to be had the stream was dropped by the failed attempt.
    if closer.is_ok() {
        let _ = is_closed.recv_timeout(CLOSING);
    }
}

pub(super) fn backend_error(error: cpal::Error) -> DeviceError {
    match error.kind() {
        ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable => DeviceError::NoDevice,
        _ => DeviceError::Backend(error.to_string()),
    }
}

/// To the nearest: most times were frames, before they were cut to whole nanoseconds.
pub(super) fn frames_in(time: Duration, rate_hz: u32) -> u64 {
    let parts = time.as_nanos() * u128::from(rate_hz);
    u64::try_from((parts + 500_000_000) / 1_000_000_000).unwrap_or(u64::MAX)
}
