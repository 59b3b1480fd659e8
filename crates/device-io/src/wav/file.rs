//! The WAV backend: plays into a file, or from one, in real time.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rt_callback::{Renderer, StreamSpec};

use crate::error::DeviceError;
use crate::seam::{
    Backend, DeviceEvent, DeviceInfo, Input, InputRequest, Output, OutputRequest, Progress,
};
use crate::software::Paced;
use crate::wav::input::WavInput;
use crate::wav::{WavError, WavWriter};

/// A backend of a WAV file, in real time. Its output plays into the file, which appears, complete, when the output is
/// stopped. Its input delivers the file as if from a microphone.
///
/// ```
/// use device_io::{Player, WavFile};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("heard.wav");
/// let mut player = Player::on(WavFile::new(&path)).open("16000x1:s16le".parse()?)?;
/// player.write(&[0_i16; 1_600])?;
/// player.finish()?;
/// assert!(path.exists());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct WavFile {
    path: PathBuf,
}

impl WavFile {
    /// Makes a backend that writes to `path`, or reads from it.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

impl Backend for WavFile {
    fn name(&self) -> &'static str {
        "wav"
    }

    fn devices(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        let mut device = DeviceInfo::new(
            self.path.display().to_string(),
            "Plays in real time into a WAV file",
        );
        device.is_default = true;
        Ok(vec![device])
    }

    fn open_output(&self, request: &OutputRequest) -> Result<Box<dyn Output>, DeviceError> {
        let writer = WavWriter::create(&self.path, &request.spec)?;
        Ok(Box::new(WavOutput {
            spec: request.spec,
            block_frames: request.block_frames(request.spec.rate_hz),
            writer: Arc::new(Mutex::new(Some(writer))),
            running: None,
            told: false,
        }))
    }

    fn inputs(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        let mut device = DeviceInfo::new(
            self.path.display().to_string(),
            "Plays a WAV file in real time",
        );
        device.is_default = true;
        Ok(vec![device])
    }

    fn open_input(&self, request: &InputRequest) -> Result<Box<dyn Input>, DeviceError> {
        let input = WavInput::open(&self.path, |rate_hz| request.block_frames(rate_hz))?;
        Ok(Box::new(input))
    }
}

impl From<WavError> for DeviceError {
    fn from(error: WavError) -> Self {
        match error {
            WavError::Io(error) => Self::Io(error),
            error => Self::Backend(error.to_string()),
        }
    }
}

struct WavOutput {
    spec: StreamSpec,
    block_frames: usize,
    /// Shared with the paced thread. That may lock, because it is no audio thread: it writes to a disk.
    writer: Arc<Mutex<Option<WavWriter>>>,
    running: Option<Paced>,
    told: bool,
}

impl Output for WavOutput {
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
        let writer = Arc::clone(&self.writer);
        let unfinished = writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some();
        if self.running.is_some() || !unfinished {
            return Err(DeviceError::AlreadyStarted);
        }
        let sink = Box::new(move |block: &[u8]| {
            let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
            match writer.as_mut().map(|writer| writer.write(block)) {
                Some(Err(WavError::Io(error))) => Err(error),
                Some(Err(error)) => Err(io::Error::other(error)),
                Some(Ok(())) | None => Ok(()),
            }
        });
        self.running = Some(Paced::start(renderer, self.spec, self.block_frames, sink)?);
        Ok(())
    }

    fn stop(&mut self) -> Result<Option<Renderer>, DeviceError> {
        let Some(paced) = self.running.take() else {
            return Ok(None);
        };
        let (renderer, written) = paced.stop();
        let writer = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        written?;
        if let Some(writer) = writer {
            writer.finish()?;
        }
        Ok(renderer)
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        let failed = self.running.as_ref().is_some_and(Paced::has_ended);
        if failed && !core::mem::replace(&mut self.told, true) {
            return Some(DeviceEvent::Invalidated(
                "the file cannot be written".into(),
            ));
        }
        self.running.as_mut()?.poll_panics()
    }
}

impl Drop for WavOutput {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}
