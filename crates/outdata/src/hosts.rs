//! The real devices, where this build has any.

/// An audio system by name, or the platform's own choice if `None`.
#[cfg(feature = "cpal")]
pub(crate) fn backend(
    host: Option<&str>,
) -> Result<Box<dyn device_io::Backend>, device_io::DeviceError> {
    use device_io::Cpal;
    let backend = host.map_or_else(|| Ok(Cpal::default()), Cpal::host)?;
    Ok(Box::new(backend))
}

/// The value of `--host`: an audio system that this build knows.
#[cfg(feature = "cpal")]
pub(crate) fn host_name(name: &str) -> Result<String, device_io::DeviceError> {
    device_io::Cpal::host(name).map(|_| name.to_owned())
}

/// The audio systems to look at: the one that was named, or all that this build knows.
#[cfg(feature = "cpal")]
pub(crate) fn hosts(named: Option<&str>) -> Vec<String> {
    named.map_or_else(device_io::Cpal::hosts, |name| vec![name.to_owned()])
}

/// Whether a callback may be scheduled in real time, where this build asks for that.
pub(crate) fn real_time() -> Option<bool> {
    #[cfg(feature = "realtime")]
    return Some(device_io::may_run_in_real_time());
    #[cfg(not(feature = "realtime"))]
    None
}

#[cfg(not(feature = "cpal"))]
pub(crate) use none::{backend, host_name, hosts};

#[cfg(not(feature = "cpal"))]
mod none {
    use device_io::{Backend, DeviceError, DeviceInfo, Input, InputRequest, Output, OutputRequest};

    const WHY: &str = "this build has no real devices; build it with --features cpal";

    /// An audio system without devices, which says why.
    struct Missing;

    impl Backend for Missing {
        fn name(&self) -> &'static str {
            "none"
        }

        fn devices(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
            Err(DeviceError::Backend(WHY.into()))
        }

        fn open_output(&self, request: &OutputRequest) -> Result<Box<dyn Output>, DeviceError> {
            Err(missing(request.device.as_ref()))
        }

        fn open_input(&self, request: &InputRequest) -> Result<Box<dyn Input>, DeviceError> {
            Err(missing(request.device.as_ref()))
        }
    }

    fn missing(device: Option<&String>) -> DeviceError {
        match device {
            Some(id) => DeviceError::UnknownDevice {
                id: id.clone(),
                known: Vec::new(),
            },
            None => DeviceError::Backend(WHY.into()),
        }
    }

    pub(crate) fn backend(_: Option<&str>) -> Result<Box<dyn Backend>, DeviceError> {
        Ok(Box::new(Missing))
    }

    pub(crate) fn hosts(_: Option<&str>) -> Vec<String> {
        vec!["none".into()]
    }

    pub(crate) fn host_name(_: &str) -> Result<String, DeviceError> {
        Err(DeviceError::Backend(WHY.into()))
    }
}
