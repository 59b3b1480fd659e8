//! A capture on an input, and what was heard meanwhile.

use std::mem;
use std::sync::{Arc, Mutex};

use device_io::{Input, Microphone as Recorded, SupervisedInput};
use pcm_convert::SampleFormat;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rt_callback::{CaptureController, Decibels, Reader, Reference, Sample, StreamSpec};

use crate::backend::backend;
use crate::buffers::as_bytes;
use crate::errors::{self, ConfigError, DeviceError, Error};
use crate::events::Told;
use crate::lock;
use crate::logs;
use crate::options::{Conversion, Frames, device_frames, gaps, ramp, reserve, spec};
use crate::player::{Player, block, policy};

/// How many frames are read in one go: what has not been captured yet takes no memory.
const PIECE_FRAMES: usize = 4096;

/// What an input hears, in the application's format.
#[pyclass(frozen, module = "outdata")]
pub(crate) struct Microphone {
    application: StreamSpec,
    controller: CaptureController,
    state: Arc<Mutex<State>>,
    process: u32,
}

/// Why no more will come.
struct End {
    why: String,
    /// It is no failure.
    is_of_file: bool,
}

/// How much is given of what is there: as much as was wanted, or at the end what is left. None as long as it is less.
fn given(there: usize, wanted: usize, end: Option<End>) -> PyResult<Option<usize>> {
    match end {
        _ if there >= wanted => Ok(Some(wanted)),
        None => Ok(None),
        Some(end) if there == 0 && !end.is_of_file => Err(DeviceError::new_err(end.why)),
        Some(_) => Ok(Some(there)),
    }
}

struct State {
    reader: Reader,
    input: Option<SupervisedInput>,
    /// It has an end, which is no failure.
    is_file: bool,
    /// Why there is no input any more, when there is none.
    ended: String,
    /// Bytes that have been read and are fewer than were wanted.
    pending: Vec<u8>,
    process: u32,
}

impl Drop for State {
    fn drop(&mut self) {
        // In a forked process the threads that would be waited for do not exist.
        if std::process::id() != self.process {
            mem::forget(self.input.take());
        }
    }
}

impl State {
    /// Why no more will come, if that is so. The recorder is gone then, and so the resampler's tail can be read.
    fn ended(state: &Mutex<Self>, py: Python<'_>) -> Option<End> {
        let failed = lock::with(state, |state| {
            let why = state.input.as_ref()?.failure()?;
            state.ended = format!("the microphone has no device any more: {why}");
            state.input.take()
        });
        py.detach(|| failed.map(|mut input| input.stop()));
        lock::with(state, |state| {
            state.input.is_none().then(|| End {
                why: state.ended.clone(),
                is_of_file: state.is_file,
            })
        })
    }

    /// So many bytes, or at the end what is left; None as long as there are fewer.
    fn take(
        &mut self,
        wanted: usize,
        frame_bytes: usize,
        end: Option<End>,
    ) -> PyResult<Option<Vec<u8>>> {
        let mut had = self.pending.len();
        while had < wanted {
            let piece = (wanted - had).min(PIECE_FRAMES * frame_bytes);
            reserve(&mut self.pending, piece)?;
            self.pending.resize(had + piece, 0);
            let rest = self.pending.get_mut(had..).unwrap_or_default();
            let read = self.reader.read_bytes(rest) * frame_bytes;
            had += read;
            self.pending.truncate(had);
            if read < piece {
                break;
            }
        }
        let given = given(self.pending.len(), wanted, end)?;
        Ok(given.map(|given| self.pending.drain(..given).collect()))
    }
}

impl Microphone {
    fn check_process(&self) -> PyResult<()> {
        if std::process::id() == self.process {
            return Ok(());
        }
        Err(Error::new_err(
            "this process was forked from the one that the microphone belongs to: open another one here",
        ))
    }
}

#[pymethods]
impl Microphone {
    #[new]
    #[expect(clippy::too_many_arguments, reason = "Python has them by name")]
    fn new(
        py: Python<'_>,
        target: &str,
        device: Option<String>,
        backend_name: &str,
        policy_name: &str,
        block_ms: Option<f64>,
        queue_ms: Option<f64>,
        gap_rule: &str,
        gain_db: f32,
        conversion: Conversion,
    ) -> PyResult<Self> {
        let application = spec(target)?;
        let gap_rule = gaps(gap_rule)?;
        let open = || {
            let mut refused = Ok(());
            let mut builder = Recorded::on_boxed(backend(backend_name)?)
                .policy(policy(policy_name)?)
                .block(block(block_ms)?)
                .config(|config| {
                    config.timeline = true;
                    config.gaps = gap_rule;
                    config.gain = Decibels(gain_db);
                    refused = conversion.apply_to_capture(config).and_then(|()| {
                        if let Some(ms) = queue_ms {
                            config.queue_frames = device_frames(ms, &config.device)?;
                        }
                        Ok(())
                    });
                });
            if let Some(id) = device {
                builder = builder.device(id);
            }
            let opened = builder.open(application);
            refused?;
            opened.map_err(|error| errors::any(&error))
        };
        let microphone = py.detach(open)?;
        logs::keep();
        let (reader, input) = microphone.into_parts();
        let process = std::process::id();
        Ok(Self {
            application,
            controller: reader.controller(),
            state: Arc::new(Mutex::new(State {
                is_file: backend_name.starts_with("wav:"),
                reader,
                input: Some(input),
                ended: "the microphone is closed".to_owned(),
                pending: Vec::new(),
                process,
            })),
            process,
        })
    }

    /// What is read: RATExCHANNELS:FORMAT.
    #[getter]
    fn target(&self) -> String {
        self.application.to_string()
    }

    /// What the device delivers now, None when it is closed.
    #[getter]
    fn device(&self) -> Option<String> {
        lock::with(&self.state, |state| {
            state.input.as_ref().map(|input| input.spec().to_string())
        })
    }

    /// So many frames as bytes, or None as long as there are fewer. At the end, what is left.
    fn take<'py>(&self, py: Python<'py>, frames: Frames) -> PyResult<Option<Bound<'py, PyBytes>>> {
        self.check_process()?;
        let frame_bytes = self.application.frame_bytes();
        let frames = frames.checked(frame_bytes)?;
        // Before reading: what came before the end is read then.
        let end = State::ended(&self.state, py);
        let block = lock::with(&self.state, |state| {
            state.take(frames * frame_bytes, frame_bytes, end)
        });
        block?.map(|block| as_bytes(py, &block)).transpose()
    }

    fn mute(&self) {
        self.controller.mute();
    }

    fn unmute(&self) {
        self.controller.unmute();
    }

    fn set_gain(&self, gain_db: f32, ramp_ms: f64) -> PyResult<()> {
        self.controller.set_gain(Decibels(gain_db), ramp(ramp_ms)?);
        Ok(())
    }

    #[getter]
    fn gain_db(&self) -> f32 {
        self.controller.gain().0
    }

    #[getter]
    fn is_muted(&self) -> bool {
        self.controller.is_muted()
    }

    /// How far behind reading is, in seconds.
    #[getter]
    fn lag(&self) -> f64 {
        lock::with(&self.state, |state| state.reader.lag().as_secs_f64())
    }

    /// What has happened since the last call: to the device first, then gaps.
    fn poll(&self, py: Python<'_>) -> PyResult<Vec<Told>> {
        self.check_process()?;
        logs::hand_over(py)?;
        Ok(lock::with(
            &self.state,
            |State { input, reader, .. }| {
                let mut told = Vec::new();
                while let Some(event) = input.as_mut().and_then(SupervisedInput::poll_event) {
                    told.push(Told::of_device(&event));
                }
                reader.poll(|gap| told.push(Told::of_gap(&gap)));
                told
            },
        ))
    }

    /// Makes the pairs of what is captured and what the player plays meanwhile.
    fn echo(&self, player: &Bound<'_, Player>) -> PyResult<Echo> {
        self.check_process()?;
        let tap = player.get().take_tap().ok_or_else(|| {
            ConfigError::new_err(
                "a player gives its reference once, and only if it was opened with reference=True",
            )
        })?;
        let reference = lock::with(&self.state, |state| Reference::new(&mut state.reader, tap))
            .map_err(|error| errors::config(&error))?;
        Ok(Echo {
            application: self.application,
            microphone: Arc::clone(&self.state),
            pairs: Mutex::new(Pairs {
                channels: reference.channels(),
                reference,
                captured: Vec::new(),
                heard: Vec::new(),
            }),
            process: self.process,
        })
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.check_process()?;
        let input = lock::with(&self.state, |state| state.input.take());
        let stopped = py.detach(|| input.map_or(Ok(None), |mut input| input.stop()));
        stopped.map(drop).map_err(|error| errors::device(&error))
    }
}

/// What a microphone captures and what was heard meanwhile.
#[pyclass(frozen, module = "outdata")]
pub(crate) struct Echo {
    application: StreamSpec,
    microphone: Arc<Mutex<State>>,
    pairs: Mutex<Pairs>,
    process: u32,
}

struct Pairs {
    reference: Reference,
    channels: usize,
    /// Both are fewer frames than were wanted, and equally many.
    captured: Vec<u8>,
    heard: Vec<f32>,
}

impl Pairs {
    /// Reads what there is of so many frames.
    fn read<S: Sample + Clone>(
        &mut self,
        reader: &mut Reader,
        spec: &StreamSpec,
        mut frames: usize,
    ) -> PyResult<()> {
        let mut captured = Vec::new();
        while frames > 0 {
            let piece = frames.min(PIECE_FRAMES);
            captured.resize(piece * spec.channels(), S::EQUILIBRIUM);
            reserve(&mut self.heard, piece * self.channels)?;
            reserve(&mut self.captured, piece * spec.frame_bytes())?;
            let had = self.heard.len();
            self.heard.resize(had + piece * self.channels, 0.0);
            let heard = self.heard.get_mut(had..).unwrap_or_default();
            let both = self.reference.read_both(reader, &mut captured, heard);
            self.heard.truncate(had + both.frames * self.channels);
            let samples = captured.get(..both.frames * spec.channels());
            self.captured
                .extend_from_slice(S::as_bytes(samples.unwrap_or_default()));
            if both.frames < piece {
                break;
            }
            frames -= piece;
        }
        Ok(())
    }

    /// So many frames of both, or at the end what is left; None as long as there are fewer.
    fn take(
        &mut self,
        reader: &mut Reader,
        spec: &StreamSpec,
        frames: usize,
        end: Option<End>,
    ) -> PyResult<Option<(Vec<u8>, Vec<f32>)>> {
        let had = self.captured.len() / spec.frame_bytes();
        if had < frames {
            let missing = frames - had;
            match spec.format {
                SampleFormat::S16 => self.read::<i16>(reader, spec, missing)?,
                SampleFormat::S32 => self.read::<i32>(reader, spec, missing)?,
                SampleFormat::F32 => self.read::<f32>(reader, spec, missing)?,
                format => {
                    return Err(ConfigError::new_err(format!(
                        "a microphone with a reference is s16, s32 or f32, not {format}"
                    )));
                }
            }
        }
        let there = self.captured.len() / spec.frame_bytes();
        let Some(given) = given(there, frames, end)? else {
            return Ok(None);
        };
        let captured = self.captured.drain(..given * spec.frame_bytes()).collect();
        let heard = self.heard.drain(..given * self.channels).collect();
        Ok(Some((captured, heard)))
    }
}

#[pymethods]
impl Echo {
    /// How many channels the reference has. Its samples are f32.
    #[getter]
    fn channels(&self) -> usize {
        lock::with(&self.pairs, |pairs| pairs.channels)
    }

    /// So many frames of both, or None as long as there are fewer. At the end, what is left.
    fn take<'py>(
        &self,
        py: Python<'py>,
        frames: Frames,
    ) -> PyResult<Option<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)>> {
        if std::process::id() != self.process {
            return Err(Error::new_err("the microphone belongs to another process"));
        }
        let spec = self.application;
        let frames = frames.checked(spec.frame_bytes())?;
        let end = State::ended(&self.microphone, py);
        let pair = lock::with(&self.microphone, |state| {
            lock::with(&self.pairs, |pairs| {
                pairs.take(&mut state.reader, &spec, frames, end)
            })
        });
        let Some((captured, heard)) = pair? else {
            return Ok(None);
        };
        let heard = as_bytes(py, f32::as_bytes(&heard))?;
        Ok(Some((as_bytes(py, &captured)?, heard)))
    }
}
