//! The package's exceptions. They are defined in Python, because both native modules raise them.

use device_io::DeviceError as Device;
use pyo3::PyErr;
use rt_callback::{ConfigError as Config, FeedError, SpecError};

pyo3::import_exception!(outdata.errors, ConfigError);
pyo3::import_exception!(outdata.errors, DeviceError);
pyo3::import_exception!(outdata.errors, Error);
pyo3::import_exception!(outdata.errors, Interrupted);

pub(crate) fn device(error: &Device) -> PyErr {
    DeviceError::new_err(error.to_string())
}

pub(crate) fn config(error: &Config) -> PyErr {
    ConfigError::new_err(error.to_string())
}

pub(crate) fn spec(text: &str, error: &SpecError) -> PyErr {
    ConfigError::new_err(format!("{text:?}: {error}"))
}

pub(crate) fn feed(error: &FeedError) -> PyErr {
    match error {
        FeedError::Interrupted { queued } => Interrupted::new_err((error.to_string(), *queued)),
        FeedError::Config(error) => config(error),
        _ => Error::new_err(error.to_string()),
    }
}

pub(crate) fn any(error: &device_io::Error) -> PyErr {
    match error {
        device_io::Error::Device(error) => device(error),
        device_io::Error::Config(error) => config(error),
        device_io::Error::Feed(error) => feed(error),
        device_io::Error::Failed(_) => DeviceError::new_err(error.to_string()),
        _ => Error::new_err(error.to_string()),
    }
}
