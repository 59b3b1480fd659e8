//! Samples in byte slices of any alignment, in a format known only at run time.
//!
//! Only whole samples are converted: the bytes of a sample cut short at the end of a slice are ignored.

use crate::Rounding;
use crate::cast::{self, Sealed};
use crate::encoding::{self, Encoding, Float, Kind, Raw, with_encoding};
use crate::format::SampleFormat;
use crate::planar;
use crate::policy::with_rounding;
use crate::quantizer::{Quantized, quantize_plain};
use crate::sample::{Sample, copy};
use crate::simd::PIECE;
use crate::simd::{self, Selected};
use crate::step::{Decode, Encode};

/// To `f32`, full scale 1.0, each sample as [`Sample::to_f32`]. What is not finite passes
/// ([the rule](crate#what-is-not-finite)); see [`clean_non_finite`]. Returns how many samples were converted: what both
/// slices have room for.
pub fn decode(format: SampleFormat, src: &[u8], dst: &mut [f32]) -> usize {
    let selected = Selected::detect();
    with_encoding!(format, E => {
        let src = <E as Encoding>::Raw::samples(src);
        simd::decode::<E>(selected, src, dst);
        src.len().min(dst.len())
    })
}

/// From `f32`: rounded as asked and clipped to the range of an integer format; to a float format only made finite
/// ([the rule](crate#what-is-not-finite)). Returns how many samples were converted.
pub fn encode(format: SampleFormat, rounding: Rounding, src: &[f32], dst: &mut [u8]) -> usize {
    let selected = Selected::detect();
    with_encoding!(format, E => {
        let dst = <E as Encoding>::Raw::samples_mut(dst);
        with_rounding!(rounding, R => simd::encode::<E, R>(selected, src, dst));
        src.len().min(dst.len())
    })
}

/// From `f32`, as [`encode`], and counts what was clipped and what was not finite, as a
/// [`Quantizer`](crate::Quantizer) without dither does; that takes no state.
#[inline]
pub fn quantize(
    format: SampleFormat,
    rounding: Rounding,
    src: &[f32],
    dst: &mut [u8],
) -> Quantized {
    quantize_plain(format, rounding, src, dst)
}

/// To `f64`, as [`decode`]; exact for every format but s64, which rounds to 53 bits.
pub fn decode_f64(format: SampleFormat, src: &[u8], dst: &mut [f64]) -> usize {
    let selected = Selected::detect();
    with_encoding!(format, E => {
        let src = <E as Encoding>::Raw::samples(src);
        simd::decode_f64::<E>(selected, src, dst);
        src.len().min(dst.len())
    })
}

/// From `f64`, as [`encode`].
pub fn encode_f64(format: SampleFormat, rounding: Rounding, src: &[f64], dst: &mut [u8]) -> usize {
    let selected = Selected::detect();
    with_encoding!(format, E => {
        let dst = <E as Encoding>::Raw::samples_mut(dst);
        with_rounding!(rounding, R => simd::encode_f64::<E, R>(selected, src, dst));
        src.len().min(dst.len())
    })
}

/// From interleaved bytes to one plane of `f32` a channel, as [`decode`], in one pass. There are as many
/// channels as planes. Returns how many frames were converted: what `src` and the shortest plane have room for.
pub fn decode_planar<P: AsMut<[f32]>>(format: SampleFormat, src: &[u8], planes: &mut [P]) -> usize {
    with_encoding!(format, E => {
        planar::take::<Decode<E>, f32, P>(Selected::detect(), <E as Encoding>::Raw::samples(src), planes)
    })
}

/// From one plane of `f32` a channel to interleaved bytes, as [`encode`], in one pass. Returns how many frames
/// were converted: what the shortest plane and `dst` have room for.
pub fn encode_planar<P: AsRef<[f32]>>(
    format: SampleFormat,
    rounding: Rounding,
    planes: &[P],
    dst: &mut [u8],
) -> usize {
    let selected = Selected::detect();
    with_encoding!(format, E => {
        let dst = <E as Encoding>::Raw::samples_mut(dst);
        with_rounding!(rounding, R => planar::put::<f32, Encode<E, R>, P>(selected, planes, dst))
    })
}

/// Makes every sample finite where it is, at any alignment: NaN becomes 0.0, an infinity 1.0 of its sign; finite values,
/// however large, are untouched to the bit. Returns how many were changed: none in integer formats and G.711. Where
/// nothing is to be changed it only reads.
///
/// ```
/// use pcm_convert::{SampleFormat, bytes};
///
/// let mut raw = [0u8; 9];
/// let unaligned = &mut raw[1..];
/// unaligned[..4].copy_from_slice(&f32::NEG_INFINITY.to_be_bytes());
/// unaligned[4..].copy_from_slice(&1e30f32.to_be_bytes());
/// assert_eq!(bytes::clean_non_finite(SampleFormat::F32Be, unaligned), 1);
/// assert_eq!(unaligned[..4], (-1.0f32).to_be_bytes());
/// assert_eq!(unaligned[4..], 1e30f32.to_be_bytes());
/// ```
pub fn clean_non_finite(format: SampleFormat, samples: &mut [u8]) -> usize {
    fn clean<F: Float>(samples: &mut [u8]) -> usize {
        let selected = Selected::detect();
        // The kernel counts in 32 bits.
        <F as Encoding>::Raw::samples_mut(samples)
            .chunks_mut(1 << 30)
            .map(|part| simd::clean::<F>(selected, part) as usize)
            .sum()
    }
    match format {
        SampleFormat::F32Le => clean::<encoding::F32Le>(samples),
        SampleFormat::F32Be => clean::<encoding::F32Be>(samples),
        SampleFormat::F64Le => clean::<encoding::F64Le>(samples),
        SampleFormat::F64Be => clean::<encoding::F64Be>(samples),
        _ => 0,
    }
}

/// From any format to any other, each sample as [`Converter::convert`](crate::Converter::convert): integers
/// to integers as if there were no float between, the same format as a copy, bit for bit; between two formats what is
/// not finite becomes so ([the rule](crate#what-is-not-finite)). Returns how many samples were converted.
///
/// ```
/// use pcm_convert::{SampleFormat, bytes};
///
/// let mut out = [0; 4];
/// let count = bytes::convert(SampleFormat::S16Be, SampleFormat::S16Le, &[1, 2, 3, 4], &mut out);
/// assert_eq!((count, out), (2, [2, 1, 4, 3]));
/// ```
pub fn convert(from: SampleFormat, to: SampleFormat, src: &[u8], dst: &mut [u8]) -> usize {
    // The bounds tell the compiler that neither is 0.
    let (in_bytes, out_bytes) = (
        from.bytes_per_sample().clamp(1, 8),
        to.bytes_per_sample().clamp(1, 8),
    );
    let samples = (src.len() / in_bytes).min(dst.len() / out_bytes);
    if from == to {
        return copy(src.get(..samples * in_bytes).unwrap_or_default(), dst) / in_bytes;
    }
    if convert_aligned(from, to, src, dst) {
        return samples;
    }
    for (x, out) in src
        .chunks(PIECE * in_bytes)
        .zip(dst.chunks_mut(PIECE * out_bytes))
    {
        convert_piece(from, to, x, out);
    }
    samples
}

/// Between this machine's `f32` and another format, where the bytes lie as `f32` do: without a copy between. `false`,
/// and nothing done, elsewhere.
fn convert_aligned(from: SampleFormat, to: SampleFormat, src: &[u8], dst: &mut [u8]) -> bool {
    if from == SampleFormat::F32
        && let Some(float) = cast::aligned(src)
    {
        encode(to, Rounding::NearestEven, float, dst);
        return true;
    }
    if to == SampleFormat::F32
        && kind(from) == Kind::Int
        && let Some(float) = cast::aligned_mut(dst)
    {
        decode(from, src, float);
        return true;
    }
    false
}

/// At most `PIECE` samples, between two formats that are not the same, by way of what both hold exactly (or,
/// where none does, what only the target's own rounding changes): see `step::convert_one`.
fn convert_piece(from: SampleFormat, to: SampleFormat, src: &[u8], dst: &mut [u8]) {
    match (kind(from), kind(to)) {
        (Kind::Int, Kind::Int) => {
            let mut between = [0; PIECE];
            let n = to_typed::<i32>(from, src, &mut between);
            from_typed::<i32>(to, between.get(..n).unwrap_or_default(), dst);
        }
        (Kind::Long, _) | (Kind::Int, Kind::Long) => {
            let mut between = [0; PIECE];
            let n = to_typed::<i64>(from, src, &mut between);
            from_typed::<i64>(to, between.get(..n).unwrap_or_default(), dst);
        }
        (Kind::Int, Kind::Float) | (Kind::Float, _) => {
            let mut between = [0f32; PIECE];
            let n = decode(from, src, &mut between);
            encode(
                to,
                Rounding::NearestEven,
                between.get(..n).unwrap_or_default(),
                dst,
            );
        }
        (Kind::Int, Kind::Double) | (Kind::Double, _) => {
            let mut between = [0f64; PIECE];
            let n = decode_f64(from, src, &mut between);
            encode_f64(
                to,
                Rounding::NearestEven,
                between.get(..n).unwrap_or_default(),
                dst,
            );
        }
    }
}

fn kind(format: SampleFormat) -> Kind {
    with_encoding!(format, E => <E as Encoding>::KIND)
}

/// From a format of bytes to a type, each sample as `step::convert_one`; returns how many fitted.
fn to_typed<S: Sample>(from: SampleFormat, src: &[u8], dst: &mut [S]) -> usize {
    let dst = cast::as_raw_mut(dst);
    with_encoding!(from, E => {
        let src = <E as Encoding>::Raw::samples(src);
        simd::convert::<E, <S as Sealed>::Encoding>(Selected::detect(), src, dst);
        src.len().min(dst.len())
    })
}

/// From a type to a format of bytes, as [`to_typed`].
fn from_typed<S: Sample>(to: SampleFormat, src: &[S], dst: &mut [u8]) {
    let src = cast::as_raw(src);
    with_encoding!(to, E => {
        let dst = <E as Encoding>::Raw::samples_mut(dst);
        simd::convert::<<S as Sealed>::Encoding, E>(Selected::detect(), src, dst);
    });
}

/// [`convert`] within one buffer, which begins with `samples` samples of `from` and afterwards begins with as
/// many of `to`. Returns how many were converted: fewer when the buffer cannot hold so many of the larger
/// format. A buffer larger than the result keeps what was behind it.
pub fn convert_in_place(
    from: SampleFormat,
    to: SampleFormat,
    buffer: &mut [u8],
    samples: usize,
) -> usize {
    let (in_bytes, out_bytes) = (
        from.bytes_per_sample().clamp(1, 8),
        to.bytes_per_sample().clamp(1, 8),
    );
    let samples = samples.min(buffer.len() / in_bytes.max(out_bytes));
    if from == to {
        return samples;
    }
    let pieces = samples.div_ceil(PIECE);
    for k in 0..pieces {
        // A wider target grows over the samples behind it, so those go first.
        let piece = if out_bytes > in_bytes {
            pieces - 1 - k
        } else {
            k
        };
        let start = piece * PIECE;
        let n = PIECE.min(samples - start);
        let (mut before, mut after) = ([0u8; PIECE * 8], [0u8; PIECE * 8]);
        let Some(x) = buffer.get(start * in_bytes..(start + n) * in_bytes) else {
            return start;
        };
        copy(x, &mut before);
        convert_piece(
            from,
            to,
            before.get(..n * in_bytes).unwrap_or_default(),
            &mut after,
        );
        let Some(out) = buffer.get_mut(start * out_bytes..(start + n) * out_bytes) else {
            return start;
        };
        copy(&after, out);
    }
    samples
}
