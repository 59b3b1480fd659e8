//! What is pushed: samples of any format, with all that floats can hold.

use rt_callback::SampleFormat;

/// Calls `$body` with `$sample` the type of this format's samples, if there is one.
#[macro_export]
macro_rules! for_sample {
    ($format:expr, $sample:ident => $body:expr) => {
        $crate::for_sample!(@ $format, $sample => $body;
            u8 i8 u16 i16 u32 i32 i64 f32 f64
            pcm_convert::I24 pcm_convert::U24 pcm_convert::MuLaw pcm_convert::ALaw)
    };
    (@ $format:expr, $sample:ident => $body:expr; $($type:ty)*) => {
        match $format {
            $(format if format == <$type as rt_callback::Sample>::FORMAT => {
                type $sample = $type;
                Some($body)
            })*
            _ => None,
        }
    };
}

/// How loud, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Signal {
    /// Any bits.
    Noise,
    /// The same sample again and again: its bits.
    Constant(u8),
    /// Noise, and every few samples what is not a number, infinite, a negative zero, tiny or huge.
    Odd,
}

const ODD: [f64; 8] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    -0.0,
    1e300,
    -1e39,
    1e-310,
    -1e-40,
];

/// So many samples of a format, by a generator with this seed.
pub(crate) fn bytes_of(format: SampleFormat, samples: usize, signal: Signal, seed: u32) -> Vec<u8> {
    let size = format.bytes_per_sample();
    let mut bytes = Vec::with_capacity(samples * size);
    let mut state = seed.wrapping_mul(0x9E37_79B9) | 1;
    for _ in 0..samples {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let noise = u64::from(state) << 32 | u64::from(state.rotate_left(11));
        let float = match signal {
            Signal::Odd if state >> 28 == 0 => ODD[state as usize % ODD.len()],
            Signal::Constant(bits) => f64::from(bits as i8) / 128.0,
            _ => f64::from(state as i32) / 2_147_483_648.0,
        };
        let integer = match signal {
            Signal::Constant(bits) => u64::from(bits) * 0x0101_0101_0101_0101,
            _ => noise,
        };
        match format {
            SampleFormat::F32Le => bytes.extend((float as f32).to_le_bytes()),
            SampleFormat::F32Be => bytes.extend((float as f32).to_be_bytes()),
            SampleFormat::F64Le => bytes.extend(float.to_le_bytes()),
            SampleFormat::F64Be => bytes.extend(float.to_be_bytes()),
            _ => bytes.extend(&integer.to_le_bytes()[..size]),
        }
    }
    bytes
}

/// Whether all of these samples are finite; those of integers are.
pub(crate) fn are_finite(format: SampleFormat, bytes: &[u8]) -> bool {
    let (f32s, f64s) = (bytes.as_chunks().0.iter(), bytes.as_chunks().0.iter());
    match format {
        SampleFormat::F32Le => f32s.copied().map(f32::from_le_bytes).all(f32::is_finite),
        SampleFormat::F32Be => f32s.copied().map(f32::from_be_bytes).all(f32::is_finite),
        SampleFormat::F64Le => f64s.copied().map(f64::from_le_bytes).all(f64::is_finite),
        SampleFormat::F64Be => f64s.copied().map(f64::from_be_bytes).all(f64::is_finite),
        _ => true,
    }
}
