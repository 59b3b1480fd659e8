//! The block of the original callback.

use pcm_convert::{Rounding, Sample};
use pyo3::buffer::{Element, PyBuffer, PyUntypedBuffer};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use rt_callback::original;

use crate::buffers;
use crate::options::named;

/// Fills `block` from 16-bit `data`, and returns how many frames of `data` went into it.
#[pyfunction]
pub(crate) fn callback_block(
    py: Python<'_>,
    data: &Bound<'_, PyAny>,
    data_channels: usize,
    block: &Bound<'_, PyAny>,
    out_channels: usize,
    rounding: &str,
) -> PyResult<usize> {
    let data = PyBuffer::<i16>::get(data)?.to_vec(py)?;
    let rounding: Rounding = named(rounding)?;
    let format = PyUntypedBuffer::get(block)?;
    match format.format().to_bytes() {
        b"h" | b"<h" | b"=h" => {
            filled::<i16>(py, &data, data_channels, block, out_channels, rounding)
        }
        b"f" | b"<f" | b"=f" => {
            filled::<f32>(py, &data, data_channels, block, out_channels, rounding)
        }
        other => Err(PyTypeError::new_err(format!(
            "a block of int16 or float32 is needed, not one of type {:?}",
            String::from_utf8_lossy(other)
        ))),
    }
}

fn filled<O: Sample + Element + Default>(
    py: Python<'_>,
    data: &[i16],
    data_channels: usize,
    block: &Bound<'_, PyAny>,
    out_channels: usize,
    rounding: Rounding,
) -> PyResult<usize> {
    buffers::write::<O, _>(py, block, |out| {
        original::callback_block(data, data_channels, out, out_channels, rounding)
    })
}
