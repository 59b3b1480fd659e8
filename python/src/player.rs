//! An engine on a device.

use std::mem;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use device_io::{Output, Player as Played, Policy, Supervised};
use pyo3::prelude::*;
use rt_callback::Tap;

use crate::backend::backend;
use crate::errors::{self, ConfigError};
use crate::events::Told;
use crate::feed::Feed;
use crate::lock;
use crate::operation::Place;
use crate::options::{Conversion, Queueing, milliseconds, spec};

/// How much of what is heard is kept for an echo canceller, in seconds.
const TAP_SECONDS: u32 = 1;
/// Blocks are as long, unless told otherwise.
const BLOCK: Duration = Duration::from_millis(20);

/// A stream on an output that outlives its device.
#[pyclass(frozen, extends = Feed, module = "outdata")]
pub(crate) struct Player {
    device: Arc<Device>,
    tap: Mutex<Option<Tap>>,
}

/// An output, until it is closed.
struct Device {
    output: Mutex<Option<Supervised>>,
    process: u32,
}

impl Place for Device {
    fn ended(&self) -> Option<String> {
        lock::with(&self.output, |output| match output {
            None => Some("the player is closed".to_owned()),
            Some(output) => output
                .failure()
                .map(|why| format!("the stream has no device any more: {why}")),
        })
    }

    fn rate_hz(&self) -> u32 {
        lock::with(&self.output, |output| {
            output.as_ref().map_or(0, |output| output.spec().rate_hz)
        })
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // In a forked process the threads that would be waited for do not exist.
        if std::process::id() != self.process {
            mem::forget(lock::with(&self.output, Option::take));
        }
    }
}

pub(crate) fn policy(name: &str) -> PyResult<Policy> {
    match name {
        "follow" => Ok(Policy::Follow),
        "pause" => Ok(Policy::Pause),
        "fail" => Ok(Policy::Fail),
        _ => Err(ConfigError::new_err(format!(
            "policy {name:?}: it is \"follow\", \"pause\" or \"fail\""
        ))),
    }
}

pub(crate) fn block(ms: Option<f64>) -> PyResult<Duration> {
    ms.map_or(Ok(BLOCK), milliseconds)
}

impl Player {
    /// What is heard, for an echo canceller: the first who asks gets it.
    pub(crate) fn take_tap(&self) -> Option<Tap> {
        lock::with(&self.tap, Option::take)
    }
}

#[pymethods]
impl Player {
    #[new]
    #[expect(clippy::too_many_arguments, reason = "Python has them by name")]
    fn new(
        py: Python<'_>,
        source: &str,
        device: Option<String>,
        backend_name: &str,
        policy_name: &str,
        block_ms: Option<f64>,
        reference: bool,
        conversion: Conversion,
        queueing: Queueing,
    ) -> PyResult<PyClassInitializer<Self>> {
        let source = spec(source)?;
        let open = || {
            let mut refused = Ok(());
            let mut ramp_frames = 0;
            let mut builder = Played::on_boxed(backend(backend_name)?)
                .policy(policy(policy_name)?)
                .block(block(block_ms)?)
                .config(|config| {
                    refused = conversion
                        .apply(config)
                        .and_then(|()| queueing.apply(config));
                    if reference {
                        config.tap_frames = (config.device.rate_hz * TAP_SECONDS) as usize;
                    }
                    ramp_frames = config.ramp_frames;
                });
            if let Some(id) = device {
                builder = builder.device(id);
            }
            let opened = builder.open(source);
            refused?;
            let player = opened.map_err(|error| errors::any(&error))?;
            Ok::<_, PyErr>((player, ramp_frames))
        };
        let (player, ramp_frames) = py.detach(open)?;
        let (feeder, controller, mut monitor, output) = player.into_parts();
        let tap = Mutex::new(monitor.take_tap());
        let device = Arc::new(Device {
            output: Mutex::new(Some(output)),
            process: std::process::id(),
        });
        let place: Arc<dyn Place> = Arc::<Device>::clone(&device);
        let feed = Feed::new((feeder, controller, monitor), ramp_frames, place);
        Ok(PyClassInitializer::from(feed).add_subclass(Self { device, tap }))
    }

    /// What the device takes now, None when it is closed.
    #[getter]
    fn device(&self) -> Option<String> {
        lock::with(&self.device.output, |output| {
            output.as_ref().map(|output| output.spec().to_string())
        })
    }

    /// Looks for a device to play on, where the policy is to wait.
    fn resume_device(&self) {
        lock::with(&self.device.output, |output| {
            if let Some(output) = output {
                output.resume();
            }
        });
    }

    /// What has happened to the device since the last call.
    fn poll_device(this: PyRef<'_, Self>) -> PyResult<Vec<Told>> {
        this.as_super().check_process()?;
        Ok(lock::with(&this.device.output, |output| {
            let mut told = Vec::new();
            while let Some(event) = output.as_mut().and_then(Supervised::poll_event) {
                told.push(Told::of_device(&event));
            }
            told
        }))
    }

    /// Closes the device at once. A file that is written to is whole then.
    fn close(this: PyRef<'_, Self>, py: Python<'_>) -> PyResult<()> {
        this.as_super().check_process()?;
        let output = lock::with(&this.device.output, Option::take);
        drop(this);
        let stopped = py.detach(|| output.map_or(Ok(None), |mut output| output.stop()));
        stopped.map(drop).map_err(|error| errors::device(&error))
    }
}
