//! An output that plays into a WAV file in real time.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rt_callback::{Renderer, StreamSpec};

use crate::error::DeviceError;
use crate::loan::Lease;
use crate::lock::locked;
use crate::seam::{DeviceEvent, Output, Progress};
use crate::software::{Paced, Refused, Run};
use crate::wav::{WavError, WavReader, WavWriter};

/// How many bytes are copied at a time.
const COPY_BYTES: usize = 1 << 16;

/// What one backend's outputs have made of its file. They share it, so that none overwrites what another has played.
#[derive(Debug, Default)]
pub(super) struct Tape {
    /// The spec of what was played into the file. `None` if no output has been completed.
    played: Option<StreamSpec>,
    /// Whether an output is playing into the file.
    is_running: bool,
}

impl Tape {
    /// Refuses to go on in another spec than before.
    fn check(&self, path: &Path, spec: StreamSpec) -> Result<(), DeviceError> {
        match self.played {
            Some(played) if played != spec => Err(DeviceError::Backend(format!(
                "{} holds what was played before, as {played}; it cannot go on as {spec}",
                path.display()
            ))),
            _ => Ok(()),
        }
    }
}

pub(super) struct WavOutput {
    path: PathBuf,
    spec: StreamSpec,
    block_frames: usize,
    tape: Arc<Mutex<Tape>>,
    /// The file of the next start. It is made at the opening, so that a path that cannot be written to is an error
    /// then.
    next: Option<WavWriter>,
    /// The file that is played into, shared with the paced thread. That may lock, because it is no audio thread: it
    /// writes to a disk.
    writer: Arc<Mutex<Option<WavWriter>>>,
    run: Run<Renderer>,
}

impl WavOutput {
    pub(super) fn open(
        path: &Path,
        tape: &Arc<Mutex<Tape>>,
        spec: StreamSpec,
        block_frames: usize,
    ) -> Result<Self, DeviceError> {
        locked(tape).check(path, spec)?;
        Ok(Self {
            path: path.to_owned(),
            spec,
            block_frames,
            tape: Arc::clone(tape),
            next: Some(WavWriter::create(path, &spec)?),
            writer: Arc::default(),
            run: Run::NONE,
        })
    }

    /// Makes the file of this start, with what was played before.
    fn begin(&mut self, tape: &Tape) -> Result<WavWriter, DeviceError> {
        if tape.is_running {
            let path = self.path.display();
            let words = format!("another output is playing into {path}");
            return Err(DeviceError::Backend(words));
        }
        tape.check(&self.path, self.spec)?;
        let mut writer = match self.next.take() {
            Some(writer) => writer,
            None => WavWriter::create(&self.path, &self.spec)?,
        };
        if tape.played.is_some() {
            go_on(&self.path, &self.spec, &mut writer)?;
        }
        Ok(writer)
    }

    /// Starts the thread in place of a device.
    fn play(&self, renderer: Renderer) -> Result<Paced, Refused<Renderer>> {
        let writer = Arc::clone(&self.writer);
        let sink = Box::new(move |block: &[u8]| {
            match locked(&writer).as_mut().map(|writer| writer.write(block)) {
                Some(Err(WavError::Io(error))) => Err(error),
                Some(Err(error)) => Err(io::Error::other(error)),
                Some(Ok(())) | None => Ok(()),
            }
        });
        Paced::start(renderer, self.spec, self.block_frames, sink)
    }
}

/// Copies what was played before into the new file, which will replace the old one. A file that was taken away is begun
/// anew.
fn go_on(path: &Path, spec: &StreamSpec, writer: &mut WavWriter) -> Result<(), DeviceError> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file?,
    };
    let mut samples = WavReader::new(BufReader::new(file))?;
    let stored = samples.header().spec;
    // A header does not hold every layout, so only the number of channels is compared.
    let is_same = stored.format == spec.format
        && stored.rate_hz == spec.rate_hz
        && stored.channels() == spec.channels();
    if !is_same || !copy(&mut samples, writer, spec.frame_bytes())? {
        return Err(DeviceError::Backend(format!(
            "{} is not what was played before; it cannot go on as {spec}",
            path.display()
        )));
    }
    Ok(())
}

/// Copies all samples. Returns whether they are whole frames.
fn copy(
    samples: &mut WavReader<impl Read>,
    writer: &mut WavWriter,
    frame_bytes: usize,
) -> Result<bool, DeviceError> {
    let mut bytes = vec![0; COPY_BYTES];
    loop {
        match samples.read(&mut bytes) {
            Ok(0) => return Ok(samples.read_bytes().is_multiple_of(frame_bytes as u64)),
            Ok(count) => writer.write(bytes.get(..count).unwrap_or_default())?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

impl Output for WavOutput {
    fn spec(&self) -> StreamSpec {
        self.spec
    }

    fn block_frames(&self) -> Option<usize> {
        Some(self.block_frames)
    }

    fn progress(&self) -> Option<Progress> {
        self.run.progress()
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), DeviceError> {
        self.run.check_stopped()?;
        let tape = Arc::clone(&self.tape);
        let mut tape = locked(&tape);
        let started = match self.begin(&tape) {
            Ok(writer) => {
                *locked(&self.writer) = Some(writer);
                self.play(renderer)
                    .map_err(|(lease, error)| (lease, error.into()))
            }
            Err(error) => Err((Lease::new(renderer), error)),
        };
        tape.is_running |= started.is_ok();
        self.run.keep(started)
    }

    fn stop(&mut self) -> Result<Option<Renderer>, DeviceError> {
        let was_running = self.run.is_running();
        let (renderer, written) = self.run.stop();
        if !was_running {
            return Ok(renderer);
        }
        let writer = locked(&self.writer).take();
        // The tape is locked until the file has its name, so that the next start finds it.
        let mut tape = locked(&self.tape);
        tape.is_running = false;
        written?;
        if let Some(writer) = writer {
            writer.finish()?;
            tape.played = Some(self.spec);
        }
        Ok(renderer)
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        if self.run.has_just_ended() {
            return Some(DeviceEvent::Invalidated(
                "the file cannot be written".into(),
            ));
        }
        self.run.poll_panics()
    }
}

impl Drop for WavOutput {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}
