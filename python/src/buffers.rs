//! Samples in and out of Python's buffers. They are copied, so nothing here depends on what other threads do to them.

use std::sync::Mutex;

use pcm_convert::{Sample, SampleFormat};
use pyo3::buffer::{Element, PyBuffer, PyUntypedBuffer};
use pyo3::exceptions::{PyBufferError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMemoryView};
use rt_callback::{ChannelLayout, RenderStatus, Renderer, StreamSpec};

use crate::lock;
use crate::options::{named, reserve};

/// What an element of a buffer is: `'s'`, `'u'` or `'f'`, its bytes, and whether they are big-endian.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Kind {
    word: char,
    bytes: usize,
    is_big: bool,
}

impl Kind {
    const fn new(word: char, bytes: usize, is_big: bool) -> Self {
        Self {
            word,
            bytes,
            is_big,
        }
    }

    /// How a sample of the format stands in an array. Three bytes have no such type: they are an axis more, of bytes.
    const fn of_format(format: SampleFormat) -> Option<Self> {
        use SampleFormat as F;
        Some(match format {
            F::U8 | F::MuLaw | F::ALaw => Self::new('u', 1, false),
            F::U24Le | F::U24Be | F::S24Le | F::S24Be => Self::new('u', 1, false),
            F::S8 => Self::new('s', 1, false),
            F::S16Le => Self::new('s', 2, false),
            F::S16Be => Self::new('s', 2, true),
            F::U16Le => Self::new('u', 2, false),
            F::U16Be => Self::new('u', 2, true),
            F::S32Le | F::S24In32Le | F::S24In32HighLe => Self::new('s', 4, false),
            F::S32Be | F::S24In32Be | F::S24In32HighBe => Self::new('s', 4, true),
            F::U32Le => Self::new('u', 4, false),
            F::U32Be => Self::new('u', 4, true),
            F::S64Le => Self::new('s', 8, false),
            F::S64Be => Self::new('s', 8, true),
            F::F32Le => Self::new('f', 4, false),
            F::F32Be => Self::new('f', 4, true),
            F::F64Le => Self::new('f', 8, false),
            F::F64Be => Self::new('f', 8, true),
            _ => return None,
        })
    }

    fn of_buffer(buffer: &PyUntypedBuffer) -> Option<Self> {
        let format = buffer.format().to_str().ok()?;
        let mut chars = format.chars();
        let mut first = chars.next()?;
        let mut is_big = cfg!(target_endian = "big");
        if let Some(big) = match first {
            '@' | '=' => Some(is_big),
            '<' => Some(false),
            '>' | '!' => Some(true),
            _ => None,
        } {
            is_big = big;
            first = chars.next()?;
        }
        let word = match first {
            'b' | 'h' | 'i' | 'l' | 'q' => 's',
            'B' | 'H' | 'I' | 'L' | 'Q' => 'u',
            'f' | 'd' => 'f',
            _ => return None,
        };
        let bytes = buffer.item_size();
        let is_big = is_big && bytes > 1;
        chars
            .next()
            .is_none()
            .then_some(Self::new(word, bytes, is_big))
    }

    fn name(self) -> String {
        let word = match self.word {
            's' => "int",
            'u' => "uint",
            _ => "float",
        };
        let order = if self.is_big { ", big-endian" } else { "" };
        format!("{word}{}{order}", 8 * self.bytes)
    }
}

/// Whether a sample is an axis of three bytes in an array.
const fn is_packed(format: SampleFormat) -> bool {
    format.bytes_per_sample() == 3
}

/// A buffer, and what is known of it.
struct Looked {
    buffer: PyUntypedBuffer,
    kind: Option<Kind>,
    /// It is bytes, whatever they stand for.
    is_raw: bool,
    /// It says what its axes are, as numpy's arrays do; those of `array` are interleaved.
    has_axes: bool,
}

/// Python's words for a buffer that cannot be had are of many types. A scalar is of no shape, the rest of no type.
fn refused(data: &Bound<'_, PyAny>, error: PyErr) -> PyErr {
    let py = data.py();
    let axes = PyMemoryView::from(data).and_then(|view| view.getattr("ndim")?.extract::<usize>());
    if axes.is_ok_and(|axes| axes == 0) {
        return PyValueError::new_err("samples of shape [] are no (frames, channels)");
    }
    if error.is_instance_of::<PyBufferError>(py) || data.hasattr("dtype").unwrap_or(false) {
        return PyTypeError::new_err(error.value(py).to_string());
    }
    error
}

/// Whether the samples are of the format.
pub(crate) fn is_of(data: &Bound<'_, PyAny>, format: SampleFormat) -> PyResult<bool> {
    Ok(Looked::at(data)?.kind == Kind::of_format(format))
}

/// The buffer, if its samples are of the format.
fn of(data: &Bound<'_, PyAny>, format: SampleFormat) -> PyResult<PyUntypedBuffer> {
    let looked = Looked::at(data)?;
    if looked.kind == Kind::of_format(format) {
        return Ok(looked.buffer);
    }
    let name = looked.name();
    Err(PyTypeError::new_err(format!(
        "samples of {name} where {format} is wanted"
    )))
}

/// What remains to be refused is an address that no such sample has.
fn cast<T: Element>(py: Python<'_>, buffer: PyUntypedBuffer) -> PyResult<PyBuffer<T>> {
    buffer
        .into_typed()
        .map_err(|error| PyTypeError::new_err(error.value(py).to_string()))
}

/// Refuses a block that cannot be written to.
fn check_writable(block: &PyUntypedBuffer) -> PyResult<()> {
    if block.readonly() {
        return Err(PyTypeError::new_err("the block cannot be written to"));
    }
    Ok(())
}

impl Looked {
    fn at(data: &Bound<'_, PyAny>) -> PyResult<Self> {
        let buffer = PyUntypedBuffer::get(data).map_err(|error| refused(data, error))?;
        let kind = Kind::of_buffer(&buffer);
        let has_axes = buffer.dimensions() != 1 || data.hasattr("dtype")?;
        let is_bytes = matches!(buffer.format().to_bytes(), b"B" | b"c" | b"<B");
        let is_raw = is_bytes && !has_axes && !data.hasattr("typecode")?;
        Ok(Self {
            buffer,
            kind,
            is_raw,
            has_axes,
        })
    }

    fn name(&self) -> String {
        let format = self.buffer.format().to_string_lossy();
        self.kind
            .map_or_else(|| format!("type {format:?}"), Kind::name)
    }

    /// Refuses samples of another type, and a shape that is no (frames, channels).
    fn check(&self, spec: &StreamSpec, whose: &str) -> PyResult<()> {
        if self.is_raw {
            return Ok(());
        }
        let format = spec.format;
        let wanted = Kind::of_format(format);
        if wanted.is_none() || self.kind != wanted {
            let wanted = wanted.map_or_else(|| "bytes".to_owned(), Kind::name);
            return Err(PyTypeError::new_err(format!(
                "samples of {} where {whose} takes {format} ({wanted}); outdata.convert changes the format",
                self.name()
            )));
        }
        let (shape, channels) = (self.buffer.shape(), spec.channels());
        let fits = match shape {
            [_, 3] if channels == 1 && is_packed(format) => true,
            [_, columns, 3] if is_packed(format) => *columns == channels,
            _ if is_packed(format) => false,
            [_] if channels == 1 => true,
            [samples] => !self.has_axes && samples.is_multiple_of(channels),
            [_, columns] => *columns == channels,
            _ => false,
        };
        if fits {
            return Ok(());
        }
        let (bytes, flat) = if is_packed(format) {
            (", 3", ", 3")
        } else {
            ("", ",")
        };
        let or_flat = match channels {
            1 => format!(" or (frames{flat})"),
            _ => String::new(),
        };
        Err(PyValueError::new_err(format!(
            "samples of shape {shape:?} where {whose} takes (frames, {channels}{bytes}){or_flat}"
        )))
    }
}

/// The samples as bytes of the spec's format.
pub(crate) fn take<'py>(
    data: &Bound<'py, PyAny>,
    spec: &StreamSpec,
    whose: &str,
) -> PyResult<Bound<'py, PyBytes>> {
    if let Ok(bytes) = data.cast::<PyBytes>() {
        return Ok(bytes.clone());
    }
    // It is held until it is copied: what is held cannot be resized.
    let looked = Looked::at(data)?;
    looked.check(spec, whose)?;
    let view = PyMemoryView::from(data)?;
    Ok(view.call_method0("tobytes")?.cast_into()?)
}

/// `take`, of whole frames: where nothing is carried over, the rest would be lost, and shift what comes next.
pub(crate) fn take_whole<'py>(
    data: &Bound<'py, PyAny>,
    spec: &StreamSpec,
    whose: &str,
) -> PyResult<Bound<'py, PyBytes>> {
    let bytes = take(data, spec, whose)?;
    let (length, frame_bytes) = (bytes.as_bytes().len(), spec.frame_bytes());
    if length.is_multiple_of(frame_bytes) {
        return Ok(bytes);
    }
    Err(PyValueError::new_err(format!(
        "{length} bytes are no whole number of frames of {frame_bytes}"
    )))
}

/// The same as Python's bytes, or a MemoryError.
pub(crate) fn as_bytes<'py>(py: Python<'py>, made: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, made.len(), |bytes| {
        bytes.copy_from_slice(made);
        Ok(())
    })
}

/// Renders a block into a buffer that can be written to. `scratch` is kept from call to call.
///
/// The renderer is locked only to fill the scratch: to look at the block, to write to it and to let go of it is Python's.
pub(crate) fn render(
    py: Python<'_>,
    renderer: &Mutex<Box<Renderer>>,
    device: &StreamSpec,
    block: &Bound<'_, PyAny>,
    scratch: &mut Scratch,
) -> PyResult<RenderStatus> {
    let looked = Looked::at(block)?;
    check_writable(&looked.buffer)?;
    let is_bytes = looked.is_raw || is_packed(device.format);
    let is_length = looked.buffer.dimensions() == 1 && !is_bytes;
    if is_length {
        // A length that is no whole number of frames is for the engine's guard.
        let mono = StreamSpec {
            layout: ChannelLayout::MONO,
            ..*device
        };
        looked.check(&mono, "the device")?;
    } else {
        looked.check(device, "the device")?;
    }
    let buffer = looked.buffer;
    let bytes = |out: &mut [u8]| lock::with(renderer, |renderer| renderer.render_bytes(out));
    if is_bytes {
        return fill(py, buffer, &mut scratch.u8, bytes);
    }
    match device.format {
        SampleFormat::S16 => fill(py, buffer, &mut scratch.i16, rendering(renderer)),
        SampleFormat::S32 => fill(py, buffer, &mut scratch.i32, rendering(renderer)),
        SampleFormat::F32 => fill(py, buffer, &mut scratch.f32, rendering(renderer)),
        SampleFormat::F64 => fill(py, buffer, &mut scratch.f64, rendering(renderer)),
        SampleFormat::S8 => fill(py, buffer, &mut scratch.i8, rendering(renderer)),
        SampleFormat::U8 | SampleFormat::MuLaw | SampleFormat::ALaw => {
            fill(py, buffer, &mut scratch.u8, bytes)
        }
        format => Err(PyTypeError::new_err(format!(
            "a block of {format} is rendered into bytes, such as a bytearray"
        ))),
    }
}

fn rendering<T: Sample + Send>(
    renderer: &Mutex<Box<Renderer>>,
) -> impl Fn(&mut [T]) -> RenderStatus {
    |out| lock::with(renderer, |renderer| renderer.render(out))
}

/// The last block, in the type of its samples.
#[derive(Default)]
pub(crate) struct Scratch {
    u8: Vec<u8>,
    i8: Vec<i8>,
    i16: Vec<i16>,
    i32: Vec<i32>,
    f32: Vec<f32>,
    f64: Vec<f64>,
}

fn fill<T: Element + Default, R>(
    py: Python<'_>,
    buffer: PyUntypedBuffer,
    scratch: &mut Vec<T>,
    work: impl FnOnce(&mut [T]) -> R,
) -> PyResult<R> {
    let buffer: PyBuffer<T> = cast(py, buffer)?;
    let items = buffer.item_count();
    reserve(scratch, items.saturating_sub(scratch.len()))?;
    scratch.resize(items, T::default());
    let result = work(scratch);
    buffer.copy_from_slice(py, scratch)?;
    Ok(result)
}

/// The samples of a buffer, flat or not, which must be of the format.
pub(crate) fn read<T: Element>(data: &Bound<'_, PyAny>, format: SampleFormat) -> PyResult<Vec<T>> {
    cast::<T>(data.py(), of(data, format)?)?.to_vec(data.py())
}

/// Fills a writable buffer, flat or not, whose samples must be of the format.
pub(crate) fn write<T: Element + Default, R>(
    block: &Bound<'_, PyAny>,
    format: SampleFormat,
    work: impl FnOnce(&mut [T]) -> R,
) -> PyResult<R> {
    let buffer = of(block, format)?;
    check_writable(&buffer)?;
    fill(block.py(), buffer, &mut Vec::new(), work)
}

/// How many channels a layout has, a number or a name.
#[pyfunction]
pub(crate) fn channels_of(layout: &str) -> PyResult<usize> {
    named::<ChannelLayout>(layout).map(|layout| layout.channels())
}

/// The name of the format that an array's samples have. None for bytes.
#[pyfunction]
pub(crate) fn format_of(data: &Bound<'_, PyAny>) -> PyResult<Option<&'static str>> {
    let looked = Looked::at(data)?;
    if looked.is_raw {
        return Ok(None);
    }
    let plain = |format: &&SampleFormat| {
        let compressed = matches!(format, SampleFormat::MuLaw | SampleFormat::ALaw);
        let padded = format.integer_bits() == Some(24);
        !compressed && !padded && looked.kind == Kind::of_format(**format)
    };
    let found = SampleFormat::ALL.iter().find(plain);
    found
        .map(|format| Some(format.name()))
        .ok_or_else(|| PyTypeError::new_err(format!("{} is no type of samples", looked.name())))
}
