//! Which devices there are.

use device_io::{Backend, DeviceError, Null, WavFile};
use pyo3::prelude::*;

use crate::errors;

/// A backend by its name.
pub(crate) fn backend(name: &str) -> PyResult<Box<dyn Backend>> {
    match name.split_once(':') {
        Some(("wav", path)) => Ok(Box::new(WavFile::new(path))),
        _ if name == "null" => Ok(Box::new(Null)),
        _ => real(name).map_err(|error| errors::device(&error)),
    }
}

#[cfg(feature = "cpal")]
fn real(name: &str) -> Result<Box<dyn Backend>, DeviceError> {
    use device_io::Cpal;
    let cpal = if name == "default" {
        Cpal::default()
    } else {
        Cpal::host(name)?
    };
    Ok(Box::new(cpal))
}

#[cfg(not(feature = "cpal"))]
fn real(_: &str) -> Result<Box<dyn Backend>, DeviceError> {
    Err(DeviceError::NotBuilt)
}

/// The fields of the dataclass `Device`.
#[derive(IntoPyObject)]
pub(crate) struct Device {
    id: String,
    name: String,
    is_default: bool,
    is_input: bool,
}

/// The outputs and inputs of a backend.
#[pyfunction]
pub(crate) fn devices(py: Python<'_>, name: &str) -> PyResult<Vec<Device>> {
    py.detach(|| {
        let backend = backend(name)?;
        let found = [(false, backend.devices()), (true, backend.inputs())];
        let mut all = Vec::new();
        for (is_input, found) in found {
            let found = found.map_err(|error| errors::device(&error))?;
            all.extend(found.into_iter().map(|device| Device {
                id: device.id,
                name: device.name,
                is_default: device.is_default,
                is_input,
            }));
        }
        Ok(all)
    })
}
