//! The null backend: real time, without hardware and sound.

use rt_callback::{Recorder, Renderer, StreamSpec};

use crate::error::DeviceError;
use crate::loan::{Handle, Lent, Opened};
use crate::seam::{
    Backend, DeviceEvent, DeviceInfo, Input, InputRequest, Output, OutputRequest, Progress,
};
use crate::software::{Paced, Refused, Run, refuse_others};

/// The id of the only output and of the only input.
const ID: &str = "null";

/// A backend without sound, in real time. Its output takes any spec and discards the frames. Its input delivers
/// silence.
///
/// ```
/// use device_io::{Null, Player};
///
/// # fn main() -> Result<(), device_io::Error> {
/// let mut player = Player::on(Null).open("16000x1:s16le".parse()?)?;
/// player.write(&[0_i16; 1_600])?;
/// player.finish()?; // after 100 ms
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Null;

impl Backend for Null {
    fn name(&self) -> &'static str {
        "null"
    }

    fn devices(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        let mut device = DeviceInfo::new(ID, "Plays in real time, unheard");
        device.is_default = true;
        Ok(vec![device])
    }

    fn open_output(&self, request: &OutputRequest) -> Result<Box<dyn Output>, DeviceError> {
        refuse_others(request.device.as_deref(), ID)?;
        let block_frames = request.block_frames(request.spec.rate_hz);
        let device = NullDevice::open(request.spec, block_frames, unheard);
        Ok(Box::new(device))
    }

    fn inputs(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        let mut device = DeviceInfo::new(ID, "Silence in real time");
        device.is_default = true;
        Ok(vec![device])
    }

    fn open_input(&self, request: &InputRequest) -> Result<Box<dyn Input>, DeviceError> {
        refuse_others(request.device.as_deref(), ID)?;
        let block_frames = request.block_frames(request.spec.rate_hz);
        let device = NullDevice::open(request.spec, block_frames, silent);
        Ok(Box::new(device))
    }
}

/// Starts the thread in place of a device.
type Start<T> = fn(T, StreamSpec, usize) -> Result<Paced<T>, Refused<T>>;

struct NullDevice<T: Lent> {
    spec: StreamSpec,
    block_frames: usize,
    start: Start<T>,
    run: Run<T>,
}

impl<T: Lent> NullDevice<T> {
    fn open(spec: StreamSpec, block_frames: usize, start: Start<T>) -> Opened<T, Self> {
        Opened::new(Self {
            spec,
            block_frames,
            start,
            run: Run::NONE,
        })
    }
}

fn unheard(
    renderer: Renderer,
    spec: StreamSpec,
    block_frames: usize,
) -> Result<Paced, Refused<Renderer>> {
    Paced::start(renderer, spec, block_frames, Box::new(|_| Ok(())))
}

fn silent(
    recorder: Recorder,
    spec: StreamSpec,
    block_frames: usize,
) -> Result<Paced<Recorder>, Refused<Recorder>> {
    let silence = move |block: &mut [u8]| {
        spec.format.fill_equilibrium(block);
        Ok(block.len())
    };
    Paced::start_input(recorder, spec, block_frames, Box::new(silence))
}

impl<T: Lent> Handle<T> for NullDevice<T> {
    fn spec(&self) -> StreamSpec {
        self.spec
    }

    fn block_frames(&self) -> Option<usize> {
        Some(self.block_frames)
    }

    fn progress(&self) -> Option<Progress> {
        self.run.progress()
    }

    fn start(&mut self, lent: T) -> Result<(), DeviceError> {
        self.run.check_stopped()?;
        let started = (self.start)(lent, self.spec, self.block_frames);
        self.run.keep(started)
    }

    fn stop(&mut self) -> Result<Option<T>, DeviceError> {
        Ok(self.run.stop().0)
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        self.run.poll_panics()
    }
}
