//! A capture on an input, and what was heard meanwhile.

use std::mem;
use std::sync::{Arc, Mutex};

use device_io::{Input, Microphone as Recorded, SupervisedInput};
use pcm_convert::SampleFormat;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rt_callback::{CaptureController, Decibels, Reader, Reference, Sample, StreamSpec};

use crate::backend::backend;
use crate::errors::{self, ConfigError, DeviceError, Error};
use crate::events::Told;
use crate::lock::locked;
use crate::logs;
use crate::options::{Conversion, device_frames, gaps, ramp, spec};
use crate::player::{Player, block, policy};

/// What an input hears, in the application's format.
#[pyclass(frozen, module = "outdata")]
pub(crate) struct Microphone {
    application: StreamSpec,
    controller: CaptureController,
    /// It has an end, which is no failure.
    is_file: bool,
    state: Arc<Mutex<State>>,
    process: u32,
}

struct State {
    reader: Reader,
    input: Option<SupervisedInput>,
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
    fn ended(state: &Mutex<Self>, py: Python<'_>) -> Option<String> {
        let mut guard = locked(state);
        let failed = guard.input.as_ref().and_then(SupervisedInput::failure);
        if let Some(why) = failed {
            guard.ended = format!("the microphone has no device any more: {why}");
            let input = guard.input.take();
            drop(guard);
            py.detach(|| input.map(|mut input| input.stop()));
            guard = locked(state);
        }
        guard.input.is_none().then(|| guard.ended.clone())
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
            is_file: backend_name.starts_with("wav:"),
            state: Arc::new(Mutex::new(State {
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
        let state = locked(&self.state);
        state.input.as_ref().map(|input| input.spec().to_string())
    }

    /// So many frames as bytes, or None as long as there are fewer. At the end, what is left.
    fn take<'py>(&self, py: Python<'py>, frames: usize) -> PyResult<Option<Bound<'py, PyBytes>>> {
        self.check_process()?;
        let wanted = frames * self.application.frame_bytes();
        // Before reading: what came before the end is read then.
        let ended = State::ended(&self.state, py);
        let mut state = locked(&self.state);
        let State {
            reader, pending, ..
        } = &mut *state;
        let had = pending.len();
        if had < wanted {
            pending.resize(wanted, 0);
            let read = reader.read_bytes(pending.get_mut(had..).unwrap_or_default());
            pending.truncate(had + read * self.application.frame_bytes());
        }
        if pending.len() < wanted {
            match ended {
                None => return Ok(None),
                Some(why) if pending.is_empty() && !self.is_file => {
                    return Err(DeviceError::new_err(why));
                }
                Some(_) => {}
            }
        }
        let end = wanted.min(pending.len());
        let block = PyBytes::new(py, pending.get(..end).unwrap_or_default());
        pending.drain(..end);
        Ok(Some(block))
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
        locked(&self.state).reader.lag().as_secs_f64()
    }

    /// What has happened since the last call: to the device first, then gaps.
    fn poll(&self, py: Python<'_>) -> PyResult<Vec<Told>> {
        self.check_process()?;
        logs::hand_over(py)?;
        let mut told = Vec::new();
        let mut state = locked(&self.state);
        if let Some(input) = state.input.as_mut() {
            while let Some(event) = input.poll_event() {
                told.push(Told::of_device(&event));
            }
        }
        state.reader.poll(|gap| told.push(Told::of_gap(&gap)));
        Ok(told)
    }

    /// Makes the pairs of what is captured and what the player plays meanwhile.
    fn echo(&self, player: &Bound<'_, Player>) -> PyResult<Echo> {
        self.check_process()?;
        let tap = player.get().take_tap().ok_or_else(|| {
            ConfigError::new_err(
                "a player gives its reference once, and only if it was opened with reference=True",
            )
        })?;
        let reference = Reference::new(&mut locked(&self.state).reader, tap)
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
        let input = locked(&self.state).input.take();
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
    fn read<S: Sample + Clone>(&mut self, reader: &mut Reader, spec: &StreamSpec, frames: usize) {
        let mut captured = vec![S::EQUILIBRIUM; frames * spec.channels()];
        let had = self.heard.len();
        self.heard.resize(had + frames * self.channels, 0.0);
        let heard = self.heard.get_mut(had..).unwrap_or_default();
        let both = self.reference.read_both(reader, &mut captured, heard);
        self.heard.truncate(had + both.frames * self.channels);
        let samples = captured.get(..both.frames * spec.channels());
        self.captured
            .extend_from_slice(S::as_bytes(samples.unwrap_or_default()));
    }
}

#[pymethods]
impl Echo {
    /// How many channels the reference has. Its samples are f32.
    #[getter]
    fn channels(&self) -> usize {
        locked(&self.pairs).channels
    }

    /// So many frames of both, or None as long as there are fewer.
    fn take<'py>(
        &self,
        py: Python<'py>,
        frames: usize,
    ) -> PyResult<Option<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)>> {
        if std::process::id() != self.process {
            return Err(Error::new_err("the microphone belongs to another process"));
        }
        let spec = self.application;
        let ended = State::ended(&self.microphone, py);
        let mut state = locked(&self.microphone);
        let mut pairs = locked(&self.pairs);
        let had = pairs.captured.len() / spec.frame_bytes();
        if had < frames {
            let (reader, missing) = (&mut state.reader, frames - had);
            match spec.format {
                SampleFormat::S16 => pairs.read::<i16>(reader, &spec, missing),
                SampleFormat::S32 => pairs.read::<i32>(reader, &spec, missing),
                SampleFormat::F32 => pairs.read::<f32>(reader, &spec, missing),
                format => {
                    return Err(ConfigError::new_err(format!(
                        "a microphone with a reference is s16, s32 or f32, not {format}"
                    )));
                }
            }
        }
        let wanted = frames * spec.frame_bytes();
        if pairs.captured.len() < wanted {
            return match ended {
                Some(why) => Err(DeviceError::new_err(why)),
                None => Ok(None),
            };
        }
        let samples = frames * pairs.channels;
        let captured = PyBytes::new(py, pairs.captured.get(..wanted).unwrap_or_default());
        let heard = pairs.heard.get(..samples).unwrap_or_default();
        let heard = PyBytes::new(py, f32::as_bytes(heard));
        pairs.captured.drain(..wanted);
        pairs.heard.drain(..samples);
        Ok(Some((captured, heard)))
    }
}
