//! The WAV backend: plays into a file, or from one, in real time.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use crate::error::DeviceError;
use crate::seam::{Backend, DeviceInfo, Input, InputRequest, Output, OutputRequest};
use crate::software::refuse_others;
use crate::wav::WavError;
use crate::wav::input::WavInput;
use crate::wav::output::{Tape, WavOutput};

/// A backend of a WAV file, in real time. Its output plays into the file, which appears, complete, when the output is
/// stopped. Its input delivers the file as if from a microphone.
///
/// What this value and its clones play is one recording. After an output was stopped, the next one goes on behind what
/// is in the file: so nothing is lost if a stream is [supervised](crate::Supervised) and its output opened again. The next
/// one must take the same spec, and one output can play at a time; others are refused. A new `WavFile` begins anew, and
/// replaces a file at the path.
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
    tape: Arc<Mutex<Tape>>,
}

impl WavFile {
    /// Makes a backend that writes to `path`, or reads from it.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            tape: Arc::default(),
        }
    }

    /// The id of the only output and of the only input: the path, as it was given.
    fn id(&self) -> String {
        self.path.display().to_string()
    }
}

impl Backend for WavFile {
    fn name(&self) -> &'static str {
        "wav"
    }

    fn devices(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        let mut device = DeviceInfo::new(self.id(), "Plays in real time into a WAV file");
        device.is_default = true;
        Ok(vec![device])
    }

    fn open_output(&self, request: &OutputRequest) -> Result<Box<dyn Output>, DeviceError> {
        refuse_others(request.device.as_deref(), &self.id())?;
        let block_frames = request.block_frames(request.spec.rate_hz);
        let output = WavOutput::open(&self.path, &self.tape, request.spec, block_frames)?;
        Ok(Box::new(output))
    }

    fn inputs(&self) -> Result<Vec<DeviceInfo>, DeviceError> {
        let mut device = DeviceInfo::new(self.id(), "Plays a WAV file in real time");
        device.is_default = true;
        Ok(vec![device])
    }

    fn open_input(&self, request: &InputRequest) -> Result<Box<dyn Input>, DeviceError> {
        refuse_others(request.device.as_deref(), &self.id())?;
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
