//! The audio systems of the platform, and their devices.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use cpal::traits::{DeviceTrait, HostTrait};
use rt_callback::StreamSpec;

use super::device::{Build, CpalDevice};
use super::error::backend_error;
use super::side::Side;
use super::ways::{choose, describe};
use crate::error::DeviceError;
use crate::loan::{Lent, Opened};
use crate::seam::{Backend, BlockLength, DeviceInfo, Input, InputRequest, Output, OutputRequest};

/// The backend of the platform's audio systems: ALSA, CoreAudio, WASAPI, and whatever else cpal knows.
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
    /// The host. `None` is the platform's default.
    host: Option<cpal::HostId>,
    /// The host that is kept open while the default device is watched.
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

    /// `Some` only for PulseAudio, whose host does not report a change. A [supervisor](crate::Supervised) asks once
    /// every [`default_interval`](crate::Supervision::default_interval).
    ///
    /// With ALSA and JACK the default is a name that never changes. The other hosts report a change: CoreAudio,
    /// PipeWire and AAudio move the stream, and WASAPI invalidates it.
    fn default_device(&self) -> Option<String> {
        self.default_id(Side::Output)
    }

    /// `Some` for PulseAudio, as for [`default_device`](Self::default_device), and for CoreAudio, which reports changes
    /// of outputs only.
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

impl Cpal {
    /// Returns the names of the audio systems in this build, as [`Self::host`] takes them. They need not be running.
    ///
    /// On Linux they are `alsa`, and by feature `pulseaudio` (which PipeWire also serves) and `jack`.
    #[must_use]
    pub fn hosts() -> Vec<String> {
        cpal::ALL_HOSTS
            .iter()
            .map(cpal::HostId::to_string)
            .collect()
    }

    /// Makes a backend of the audio system of this name.
    ///
    /// [`Self::default`] is the platform's choice: on Linux `pulseaudio` if that is built in and answers, else `alsa`.
    ///
    /// # Errors
    /// [`DeviceError::UnknownHost`] if this build has no such audio system. It names those that it has.
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
        // A system may omit its default device from the list, and may name one that does not exist.
        if !devices.iter().any(|device| device.is_default)
            && let Some(device) = default
            && side.ranges(&device).is_ok_and(|ranges| !ranges.is_empty())
        {
            devices.splice(..0, describe(&device, side, default_id.as_ref()));
        }
        Ok(devices)
    }

    /// The id of the default device, if the host does not report a change by itself.
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
            // The server may have been restarted.
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

    /// The device with this id, or the default one.
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
