//! Conversions of what is at hand, as a whole or in pieces.

use pcm_convert::{Dither, Quantizer, Rounding, SampleFormat, bytes};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rt_callback::{Config, Feeder, Renderer, StreamSpec, stream};
use std::sync::Mutex;

use crate::buffers::{self, as_bytes};
use crate::errors::{self, Error};
use crate::lock;
use crate::options::{Conversion, format, named, reserve, spec};

/// From one sample format to another.
#[pyclass(frozen, module = "outdata")]
pub(crate) struct Converter {
    source: StreamSpec,
    to: SampleFormat,
    rounding: Rounding,
    dithered: Option<Mutex<Quantizer>>,
}

#[pymethods]
impl Converter {
    #[new]
    fn new(
        from: &str,
        to: &str,
        channels: usize,
        rounding: &str,
        dither: &str,
        seed: u64,
    ) -> PyResult<Self> {
        let rounding = named(rounding)?;
        let dithered = match named(dither)? {
            Dither::None => None,
            dither => Some(Mutex::new(Quantizer::new(channels, rounding, dither, seed))),
        };
        Ok(Self {
            source: spec(&std::format!("1x{channels}:{}", format(from)?))?,
            to: format(to)?,
            rounding,
            dithered,
        })
    }

    fn process<'py>(
        &self,
        py: Python<'py>,
        data: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let data = buffers::take_whole(data, &self.source, "the converter")?;
        let data = data.as_bytes();
        let samples = data.len() / self.source.format.bytes_per_sample();
        PyBytes::new_with(py, samples * self.to.bytes_per_sample(), |out| {
            py.detach(|| self.convert(data, samples, out))
        })
    }
}

impl Converter {
    fn convert(&self, data: &[u8], samples: usize, out: &mut [u8]) -> PyResult<()> {
        let from = self.source.format;
        if let Some(quantizer) = &self.dithered {
            let mut decoded = silent(samples)?;
            bytes::decode(from, data, &mut decoded);
            lock::with(quantizer, |quantizer| {
                quantizer.quantize_bytes(self.to, &decoded, out);
            });
        } else if self.rounding == Rounding::default() {
            bytes::convert(from, self.to, data, out);
        } else {
            // Every format's samples are exact in f64, but for 64-bit integers.
            let mut decoded = silent(samples)?;
            bytes::decode_f64(from, data, &mut decoded);
            bytes::encode_f64(self.to, self.rounding, &decoded, out);
        }
        Ok(())
    }
}

/// Room for so many samples.
fn silent<T: Clone + Default>(samples: usize) -> PyResult<Vec<T>> {
    let mut silent = Vec::new();
    reserve(&mut silent, samples)?;
    silent.resize(samples, T::default());
    Ok(silent)
}

/// A stream that gives at once all that can be made of what it was given.
#[pyclass(frozen, module = "outdata")]
pub(crate) struct Transform {
    source: StreamSpec,
    device: StreamSpec,
    halves: Mutex<Halves>,
}

struct Halves {
    feeder: Feeder,
    renderer: Box<Renderer>,
    /// Since the last end.
    pushed_frames: u64,
    rendered_frames: u64,
}

#[pymethods]
impl Transform {
    #[new]
    fn new(source: &str, device: &str, conversion: Conversion) -> PyResult<Self> {
        let (source, device) = (spec(source)?, spec(device)?);
        let mut config = Config::new(source, device);
        config.ramp_frames = 0;
        conversion.apply(&mut config)?;
        let (feeder, _, renderer, _) = stream(&config).map_err(|error| errors::config(&error))?;
        Ok(Self {
            source,
            device,
            halves: Mutex::new(Halves {
                feeder,
                renderer: Box::new(renderer),
                pushed_frames: 0,
                rendered_frames: 0,
            }),
        })
    }

    /// What can be made of these frames and those before. With `is_end`, all, and what follows is another beginning.
    fn process<'py>(
        &self,
        py: Python<'py>,
        data: &Bound<'py, PyAny>,
        is_end: bool,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let data = buffers::take_whole(data, &self.source, "the source")?;
        let data = data.as_bytes();
        let out = py.detach(|| {
            lock::with(&self.halves, |halves| {
                halves.process(data, &self.device, is_end)
            })
        });
        as_bytes(py, &out?)
    }
}

impl Halves {
    fn process(&mut self, mut data: &[u8], device: &StreamSpec, is_end: bool) -> PyResult<Vec<u8>> {
        let frame_bytes = self.feeder.source().frame_bytes();
        let mut out = Vec::new();
        // What there is no room for is refused before anything is pushed.
        let most = self.left(data.len() / frame_bytes, device);
        reserve(&mut out, most.saturating_mul(device.frame_bytes()))?;
        loop {
            let most = self.feeder.free_frames() * frame_bytes;
            let (now, later) = data.split_at_checked(most).unwrap_or((data, &[]));
            let pushed = self.feeder.push_bytes(now);
            let pushed = pushed.map_err(|error| errors::feed(&error))?;
            self.pushed_frames += (pushed / frame_bytes) as u64;
            data = later;
            let frames = self.ready();
            self.render(frames, device, &mut out);
            if data.is_empty() {
                break;
            }
            if pushed == 0 && frames == 0 {
                return Err(Error::new_err("the queue is smaller than the resampler"));
            }
        }
        if is_end {
            let ended = self.feeder.end_utterance();
            ended.map_err(|error| errors::feed(&error))?;
            let left = self.left(0, device);
            self.render(left, device, &mut out);
            (self.pushed_frames, self.rendered_frames) = (0, 0);
        }
        Ok(out)
    }

    /// How many device frames are to come, if so many more frames are all.
    fn left(&self, more: usize, device: &StreamSpec) -> usize {
        let (from_hz, to_hz) = (self.feeder.source().rate_hz, device.rate_hz);
        let pushed = u128::from(self.pushed_frames) + more as u128;
        let all = (pushed * u128::from(to_hz)).div_ceil(u128::from(from_hz));
        let left = all.saturating_sub(u128::from(self.rendered_frames));
        usize::try_from(left).unwrap_or(usize::MAX)
    }

    /// How many device frames can be rendered without a gap.
    fn ready(&self) -> usize {
        let (from_hz, to_hz) = (self.feeder.source().rate_hz, self.renderer.device().rate_hz);
        let queued = self.pushed_frames * u64::from(to_hz) / u64::from(from_hz.max(1)) + 1;
        let mut least = 0;
        let mut most = queued.saturating_sub(self.rendered_frames) as usize + 1;
        while most - least > 1 {
            let middle = usize::midpoint(least, most);
            if self.renderer.missing_source_frames(middle) == 0 {
                least = middle;
            } else {
                most = middle;
            }
        }
        least
    }

    fn render(&mut self, frames: usize, device: &StreamSpec, out: &mut Vec<u8>) {
        let had = out.len();
        out.resize(had + frames * device.frame_bytes(), 0);
        self.renderer
            .render_bytes(out.get_mut(had..).unwrap_or_default());
        self.rendered_frames += frames as u64;
    }
}
