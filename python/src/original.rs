//! The block of the original callback.

use pcm_convert::{Rounding, Sample, SampleFormat};
use pyo3::prelude::*;
use rt_callback::original;

use crate::buffers;
use crate::options::named;

/// Fills `block` from 16-bit `data`, and returns how many frames of `data` went into it.
#[pyfunction]
pub(crate) fn callback_block(
    data: &Bound<'_, PyAny>,
    data_channels: usize,
    block: &Bound<'_, PyAny>,
    out_channels: usize,
    rounding: &str,
) -> PyResult<usize> {
    let data: Vec<i16> = buffers::read(data, SampleFormat::S16)?;
    let rounding: Rounding = named(rounding)?;
    let channels = (data_channels, out_channels);
    if buffers::is_of(block, SampleFormat::S16)? {
        buffers::write(
            block,
            SampleFormat::S16,
            filling::<i16>(&data, channels, rounding),
        )
    } else {
        buffers::write(
            block,
            SampleFormat::F32,
            filling::<f32>(&data, channels, rounding),
        )
    }
}

fn filling<O: Sample>(
    data: &[i16],
    (data_channels, out_channels): (usize, usize),
    rounding: Rounding,
) -> impl FnOnce(&mut [O]) -> usize {
    move |out| original::callback_block(data, data_channels, out, out_channels, rounding)
}
