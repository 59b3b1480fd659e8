//! The fault injector: a device that misbehaves on purpose, around any other.

mod hostile;
mod input;
mod output;
mod script;

use std::sync::{Arc, Mutex};

pub use script::{Fault, Faults};

use self::hostile::Hostile;
use self::script::Script;
use crate::error::DeviceError;
use crate::seam::{Backend, DeviceInfo, Input, InputRequest, Output, OutputRequest};

/// A backend whose devices are those of another backend, and misbehave as [`Faults`] say. This is for tests of
/// applications, which need no hardware and are reproducible.
///
/// The faults are between the device and the renderer or recorder. The device itself gets or gives all of its frames.
/// Samples pass exactly for `f32` and for formats of up to 24 bits.
///
/// ```
/// use device_io::{Backend, DeviceEvent, Fault, FaultInjector, Faults, Offline, OutputRequest};
/// use rt_callback::{Config, stream};
///
/// // Blocks of any size up to 300 frames, and gone after a second.
/// let faults = Faults::new(1).odd_blocks(300).at(48_000, Fault::Lose);
/// let (offline, mut clock) = Offline::new();
/// let hostile = FaultInjector::new(offline, faults);
///
/// let mut output = hostile.open_output(&OutputRequest::new("48000x1:s16le".parse()?))?;
/// let config = Config::new("48000x1:s16le".parse()?, output.spec());
/// let (mut feeder, _controller, renderer, monitor) = stream(&config)?;
/// feeder.push(&[1_000_i16; 480])?;
/// output.start(renderer)?;
/// clock.tick(48_000, |_| ());
/// assert_eq!(output.poll_event(), None);
/// clock.tick(480, |_| ());
/// assert!(matches!(output.poll_event(), Some(DeviceEvent::Lost(_))));
/// // The renderer comes back, to be started elsewhere.
/// assert!(output.stop()?.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FaultInjector<B> {
    inner: B,
    /// The scripts go on from one opening to the next. No real audio thread takes these locks.
    outputs: Arc<Mutex<Script>>,
    inputs: Arc<Mutex<Script>>,
}

impl<B: Backend> FaultInjector<B> {
    /// Makes a backend with the devices of `inner` and these faults. Frames are counted over all openings, for outputs
    /// and inputs apart, so that each scripted fault happens once for each.
    pub fn new(inner: B, faults: Faults) -> Self {
        Self {
            inner,
            outputs: Arc::new(Mutex::new(Script::new(faults.clone()))),
            inputs: Arc::new(Mutex::new(Script::new(faults))),
        }
    }
}

impl<B: Backend> Backend for FaultInjector<B> {
    fn name(&self) -> &'static str {
        "faults"
    }

    fn devices(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        self.inner.devices()
    }

    fn default_device(&self) -> Option<String> {
        self.inner.default_device()
    }

    fn default_input(&self) -> Option<String> {
        self.inner.default_input()
    }

    fn open_output(&self, request: &OutputRequest) -> Result<Box<dyn Output>, DeviceError> {
        let inner = self.inner.open_output(request)?;
        Ok(Box::new(Hostile::new(inner, &self.outputs, output::relay)))
    }

    fn inputs(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        self.inner.inputs()
    }

    fn open_input(&self, request: &InputRequest) -> Result<Box<dyn Input>, DeviceError> {
        let inner = self.inner.open_input(request)?;
        Ok(Box::new(Hostile::new(inner, &self.inputs, input::relay)))
    }
}
