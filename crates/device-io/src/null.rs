//! A device that nobody hears, and that hears nothing: real time, no hardware.

use rt_callback::{Recorder, Renderer, StreamSpec};

use crate::backend::{Backend, DeviceEvent, DeviceInfo, Output, OutputRequest, Progress};
use crate::error::DeviceError;
use crate::input::{Input, InputRequest};
use crate::paced::Paced;

/// A backend whose output takes whatever it is asked to, in real time, and discards it; and whose
/// input delivers silence.
#[derive(Debug, Clone, Copy, Default)]
pub struct Null;

impl Backend for Null {
    fn name(&self) -> &'static str {
        "null"
    }

    fn devices(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        let mut device = DeviceInfo::new("null", "Plays in real time, unheard");
        device.is_default = true;
        Ok(vec![device])
    }

    fn open_output(&self, request: &OutputRequest) -> Result<Box<dyn Output>, DeviceError> {
        Ok(Box::new(NullOutput {
            spec: request.spec,
            block_frames: request.block_frames(request.spec.rate_hz),
            running: None,
        }))
    }

    fn inputs(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        let mut device = DeviceInfo::new("null", "Silence in real time");
        device.is_default = true;
        Ok(vec![device])
    }

    fn open_input(&self, request: &InputRequest) -> Result<Box<dyn Input>, DeviceError> {
        Ok(Box::new(NullInput {
            spec: request.spec,
            block_frames: request.block_frames(request.spec.rate_hz),
            running: None,
        }))
    }
}

struct NullOutput {
    spec: StreamSpec,
    block_frames: usize,
    running: Option<Paced>,
}

impl Output for NullOutput {
    fn spec(&self) -> StreamSpec {
        self.spec
    }

    fn block_frames(&self) -> Option<usize> {
        Some(self.block_frames)
    }

    fn progress(&self) -> Option<Progress> {
        self.running.as_ref().map(Paced::progress)
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), DeviceError> {
        if self.running.is_some() {
            return Err(DeviceError::AlreadyStarted);
        }
        let discard = Box::new(|_: &[u8]| Ok(()));
        self.running = Some(Paced::start(
            renderer,
            self.spec,
            self.block_frames,
            discard,
        )?);
        Ok(())
    }

    fn stop(&mut self) -> Result<Option<Renderer>, DeviceError> {
        Ok(self.running.take().and_then(|paced| paced.stop().0))
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        self.running.as_mut()?.poll_panics()
    }
}

impl Drop for NullOutput {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

struct NullInput {
    spec: StreamSpec,
    block_frames: usize,
    running: Option<Paced<Recorder>>,
}

impl Input for NullInput {
    fn spec(&self) -> StreamSpec {
        self.spec
    }

    fn block_frames(&self) -> Option<usize> {
        Some(self.block_frames)
    }

    fn progress(&self) -> Option<Progress> {
        self.running.as_ref().map(Paced::progress)
    }

    fn start(&mut self, recorder: Recorder) -> Result<(), DeviceError> {
        if self.running.is_some() {
            return Err(DeviceError::AlreadyStarted);
        }
        let format = self.spec.format;
        let silence = Box::new(move |block: &mut [u8]| {
            format.fill_equilibrium(block);
            Ok(block.len())
        });
        let paced = Paced::start_input(recorder, self.spec, self.block_frames, silence)?;
        self.running = Some(paced);
        Ok(())
    }

    fn stop(&mut self) -> Result<Option<Recorder>, DeviceError> {
        Ok(self.running.take().and_then(|paced| paced.stop().0))
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        self.running.as_mut()?.poll_panics()
    }
}

impl Drop for NullInput {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}
