//! An engine without a device.

use std::mem;
use std::sync::{Arc, Mutex};

use pyo3::prelude::*;
use rt_callback::{Config, RenderStatus, Renderer, StreamSpec, stream};

use crate::buffers::{self, Scratch};
use crate::errors;
use crate::feed::Feed;
use crate::lock;
use crate::operation::Place;
use crate::options::{Conversion, Queueing, spec};

/// A stream whose blocks the caller asks for.
#[pyclass(frozen, extends = Feed, module = "outdata")]
pub(crate) struct Stream {
    device: StreamSpec,
    renderer: Mutex<Box<Renderer>>,
    scratch: Mutex<Scratch>,
}

/// Nowhere: it ends when its stream does.
struct Nowhere {
    rate_hz: u32,
}

impl Place for Nowhere {
    fn ended(&self) -> Option<String> {
        None
    }

    fn rate_hz(&self) -> u32 {
        self.rate_hz
    }
}

#[pymethods]
impl Stream {
    #[new]
    fn new(
        source: &str,
        device: &str,
        conversion: Conversion,
        queueing: Queueing,
    ) -> PyResult<PyClassInitializer<Self>> {
        let device = spec(device)?;
        let mut config = Config::new(spec(source)?, device);
        config.clock = Some(device_io::now_ns);
        conversion.apply(&mut config)?;
        queueing.apply(&mut config)?;
        let (feeder, controller, renderer, monitor) =
            stream(&config).map_err(|error| errors::config(&error))?;
        let place = Arc::new(Nowhere {
            rate_hz: device.rate_hz,
        });
        let feed = Feed::new((feeder, controller, monitor), config.ramp_frames, place);
        Ok(PyClassInitializer::from(feed).add_subclass(Self {
            device,
            renderer: Mutex::new(Box::new(renderer)),
            scratch: Mutex::default(),
        }))
    }

    /// What blocks are made of: RATExCHANNELS:FORMAT.
    #[getter]
    fn device(&self) -> String {
        self.device.to_string()
    }

    /// Fills a block, and says what came of it.
    fn render(&self, py: Python<'_>, block: &Bound<'_, PyAny>) -> PyResult<&'static str> {
        // It is taken out, since the block is Python's: two calls at once have a scratch each.
        let mut scratch = lock::with(&self.scratch, mem::take);
        let status = buffers::render(py, &self.renderer, &self.device, block, &mut scratch);
        lock::with(&self.scratch, |kept| *kept = scratch);
        Ok(match status? {
            RenderStatus::Rendered => "rendered",
            RenderStatus::Underrun { .. } => "underrun",
            RenderStatus::ShapeMismatch => "shape_mismatch",
            RenderStatus::Paused => "paused",
            RenderStatus::Idle => "idle",
            _ => "other",
        })
    }

    /// For sounddevice's `OutputStream` and `RawOutputStream`.
    #[pyo3(signature = (outdata, frames, time, status, /))]
    fn callback(
        &self,
        py: Python<'_>,
        outdata: &Bound<'_, PyAny>,
        frames: &Bound<'_, PyAny>,
        time: &Bound<'_, PyAny>,
        status: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let _ = (frames, time, status);
        self.render(py, outdata).map(drop)
    }

    /// Says how late a rendered frame is heard, in device frames.
    fn set_device_latency(&self, frames: u64) {
        lock::with(&self.renderer, |renderer| {
            renderer.set_device_latency(frames);
        });
    }
}
