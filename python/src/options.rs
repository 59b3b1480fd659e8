//! What can be asked of a stream and a microphone, in the words of the engine and the tool.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use pyo3::Borrowed;
use pyo3::exceptions::{PyMemoryError, PyOverflowError, PyValueError};
use pyo3::prelude::*;
use rt_callback::{
    Buffering, CaptureConfig, Config, Decibels, Gaps, MixOptions, Ramp, SampleFormat, StreamSpec,
};

use crate::errors::{self, ConfigError};

/// How long adaptive buffering may wait, unless the queue is shorter.
const MOST_ADAPTIVE: Duration = Duration::from_millis(300);
/// What adaptive buffering queues at least, unless told otherwise.
const LEAST_ADAPTIVE: Duration = Duration::from_millis(20);

/// The most that a queue holds, and that is read at once. More is a mistake, and memory would not have it.
const MOST_BYTES: usize = 1 << 30;

/// How samples are converted. `None` is the engine's default.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Conversion {
    resample: Option<String>,
    mix: Option<String>,
    keep_lfe: Option<bool>,
    normalize: Option<bool>,
    rounding: Option<String>,
    dither: Option<String>,
    seed: Option<u64>,
}

/// What else a stream is made of. `None` is the engine's default.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Queueing {
    queue_ms: Option<f64>,
    prebuffer_ms: Option<f64>,
    rebuffer_ms: Option<f64>,
    buffering: Option<String>,
    max_backlog_ms: Option<f64>,
    gain_db: Option<f32>,
    ramp_ms: Option<f64>,
    lead_in_ms: Option<f64>,
}

/// What a format's name lacks that says nothing of the order of its bytes: it is the machine's.
const ORDER: &str = if cfg!(target_endian = "big") {
    "be"
} else {
    "le"
};

/// RATExCHANNELS:FORMAT, such as `24000x1:s16`.
pub(crate) fn spec(text: &str) -> PyResult<StreamSpec> {
    let in_order = || format!("{text}{ORDER}").parse();
    text.parse()
        .or_else(|error| in_order().map_err(|_| error))
        .map_err(|error| errors::spec(text, &error))
}

/// A sample format, such as `s16`.
pub(crate) fn format(name: &str) -> PyResult<SampleFormat> {
    let in_order = || format!("{name}{ORDER}").parse();
    name.parse()
        .or_else(|error| in_order().map_err(|_| error))
        .map_err(|error| ConfigError::new_err(format!("{name:?}: {error}")))
}

/// A name, with `_` for `-` where a Python program finds that more natural.
pub(crate) fn named<T: FromStr<Err: Display>>(name: &str) -> PyResult<T> {
    let name = name.replace('_', "-");
    name.parse()
        .map_err(|error| ConfigError::new_err(format!("{name:?}: {error}")))
}

pub(crate) fn milliseconds(ms: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(ms / 1000.0)
        .map_err(|error| ConfigError::new_err(format!("{ms} ms: {error}")))
}

/// Without a length there is no ramp.
pub(crate) fn ramp(ms: f64) -> PyResult<Ramp> {
    milliseconds(ms).map(|_| Ramp::Milliseconds(ms as f32))
}

fn frames(ms: f64, rate_hz: u32) -> PyResult<usize> {
    Ok((milliseconds(ms)?.as_secs_f64() * f64::from(rate_hz)).round() as usize)
}

/// Of a silence or a fade, whose length takes no memory.
fn short_frames(ms: f64, rate_hz: u32) -> PyResult<u32> {
    u32::try_from(frames(ms, rate_hz)?)
        .map_err(|_| ConfigError::new_err(format!("{ms} ms are too long")))
}

/// The bytes of so many frames, if they are no more than memory is asked for.
fn bytes(frames: usize, frame_bytes: usize) -> Option<usize> {
    let bytes = frames.checked_mul(frame_bytes)?;
    (bytes <= MOST_BYTES).then_some(bytes)
}

/// Refuses a queue of so many frames that memory would not have: the engine's allocation would end the process.
pub(crate) fn check_queue(frames: usize, spec: &StreamSpec) -> PyResult<()> {
    let bytes = bytes(frames, spec.frame_bytes()).ok_or_else(|| {
        ConfigError::new_err(format!(
            "a queue of {frames} frames of {spec} has more than {MOST_BYTES} bytes"
        ))
    })?;
    reserve(&mut Vec::<u8>::new(), bytes)
}

/// Room for so many more items, or a MemoryError.
pub(crate) fn reserve<T>(items: &mut Vec<T>, more: usize) -> PyResult<()> {
    items
        .try_reserve(more)
        .map_err(|error| PyMemoryError::new_err(error.to_string()))
}

/// How many frames are asked for. Any number of Python's that can be none is a ValueError.
pub(crate) struct Frames(usize);

impl FromPyObject<'_, '_> for Frames {
    type Error = PyErr;

    fn extract(number: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        number.extract().map(Self).map_err(|error: PyErr| {
            if error.is_instance_of::<PyOverflowError>(number.py()) {
                return PyValueError::new_err(format!("{} frames cannot be read", &*number));
            }
            error
        })
    }
}

impl Frames {
    /// So many, unless no memory would have them.
    pub(crate) fn checked(&self, frame_bytes: usize) -> PyResult<usize> {
        let refused = || {
            PyValueError::new_err(format!(
                "{} frames of {frame_bytes} bytes cannot be read at once: they are more than {MOST_BYTES} bytes",
                self.0
            ))
        };
        bytes(self.0, frame_bytes)
            .map(|_| self.0)
            .ok_or_else(refused)
    }
}

/// The settings that a stream and a capture have by the same names.
macro_rules! apply {
    ($self:ident, $config:ident) => {{
        $config.mix = $self.mix()?;
        if let Some(name) = &$self.resample {
            $config.resample = named(name)?;
        }
        if let Some(name) = &$self.rounding {
            $config.rounding = named(name)?;
        }
        if let Some(name) = &$self.dither {
            $config.dither = named(name)?;
        }
        $config.dither_seed = $self.seed.unwrap_or($config.dither_seed);
        Ok(())
    }};
}

impl Conversion {
    fn mix(&self) -> PyResult<MixOptions> {
        let rules = self.mix.as_deref().map(named).transpose()?;
        Ok(MixOptions::new(rules.unwrap_or_default())
            .keep_lfe(self.keep_lfe.unwrap_or(false))
            .normalize(self.normalize.unwrap_or(false)))
    }

    pub(crate) fn apply(&self, config: &mut Config) -> PyResult<()> {
        apply!(self, config)
    }

    pub(crate) fn apply_to_capture(&self, config: &mut CaptureConfig) -> PyResult<()> {
        apply!(self, config)
    }
}

impl Queueing {
    pub(crate) fn apply(&self, config: &mut Config) -> PyResult<()> {
        let (rate_hz, device_hz) = (config.source.rate_hz, config.device.rate_hz);
        if let Some(ms) = self.queue_ms {
            let queue_frames = frames(ms, rate_hz)?;
            check_queue(queue_frames, &config.source)?;
            config.queue_frames = queue_frames;
        }
        let fixed_ms = |ms: Option<f64>| ms.map_or(Ok(0), |ms| frames(ms, rate_hz));
        match self.buffering.as_deref() {
            None | Some("fixed") => {
                config.prebuffer_frames = fixed_ms(self.prebuffer_ms)?;
                config.rebuffer_frames = fixed_ms(self.rebuffer_ms)?;
            }
            Some("adaptive") => {
                let queue = config.queue_frames as f64 / f64::from(rate_hz);
                let queue = milliseconds(queue * 1000.0)?;
                let least = self.prebuffer_ms.map(milliseconds).transpose()?;
                let min = least.unwrap_or(LEAST_ADAPTIVE.min(queue));
                let max = MOST_ADAPTIVE.min(queue).max(min);
                config.buffering = Buffering::Adaptive { min, max };
            }
            Some(other) => {
                let words = format!("buffering {other:?}: it is \"fixed\" or \"adaptive\"");
                return Err(ConfigError::new_err(words));
            }
        }
        config.max_backlog = self.max_backlog_ms.map(milliseconds).transpose()?;
        if let Some(gain_db) = self.gain_db {
            config.gain = Decibels(gain_db);
        }
        if let Some(ms) = self.ramp_ms {
            config.ramp_frames = short_frames(ms, device_hz)?;
        }
        if let Some(ms) = self.lead_in_ms {
            config.lead_in_frames = short_frames(ms, device_hz)?;
        }
        Ok(())
    }
}

/// What a microphone does with a gap.
pub(crate) fn gaps(name: &str) -> PyResult<Gaps> {
    match name {
        "silence" => Ok(Gaps::Silence),
        "skip" => Ok(Gaps::Skip),
        "live" => Ok(Gaps::LIVE),
        _ => Err(ConfigError::new_err(format!(
            "gaps {name:?}: it is \"silence\", \"skip\" or \"live\""
        ))),
    }
}

/// How many frames of its device a microphone's queue holds.
pub(crate) fn device_frames(ms: f64, device: &StreamSpec) -> PyResult<usize> {
    let frames = frames(ms, device.rate_hz)?;
    check_queue(frames, device)?;
    Ok(frames)
}
