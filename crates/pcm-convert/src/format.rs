//! Names and sizes of the sample formats.

use core::fmt;
use core::str::FromStr;

/// How one sample is stored. The names are FFmpeg's.
///
/// Signed integers of `b` bits map -2^(b-1) to -1.0 and 2^(b-1) - 1 to 1.0 - 2^(1-b); unsigned ones are
/// the same shifted up by 2^(b-1). mu-law and A-law stand for the 16-bit values ITU-T G.711 gives them.
///
/// ```
/// use pcm_convert::SampleFormat;
///
/// let format: SampleFormat = "s24le".parse()?;
/// assert_eq!((format, format.bytes_per_sample()), (SampleFormat::S24Le, 3));
/// # Ok::<(), pcm_convert::UnknownFormat>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum SampleFormat {
    /// `u8`: 0 is -1.0, 128 silence, 255 is 0.9921875.
    U8,
    /// `s8`: -128 is -1.0, 127 is 0.9921875.
    S8,
    /// `u16le`: 0 is -1.0, 32768 silence.
    U16Le,
    /// `u16be`.
    U16Be,
    /// `s16le`: -32768 is -1.0, 32767 is 0.999969482421875.
    S16Le,
    /// `s16be`.
    S16Be,
    /// `u24le`: 3 bytes, 0 is -1.0, 8388608 silence.
    U24Le,
    /// `u24be`.
    U24Be,
    /// `s24le`: 3 bytes, -8388608 is -1.0, 8388607 is 0.99999988.
    S24Le,
    /// `s24be`.
    S24Be,
    /// `s24_32le`: 24 bits in the low end of 4 bytes. The top byte is ignored when read and holds the
    /// sign when written.
    S24In32Le,
    /// `s24_32be`.
    S24In32Be,
    /// `s24_32hle`: 24 bits in the high end of 4 bytes. The lowest byte is ignored when read and zero
    /// when written.
    S24In32HighLe,
    /// `s24_32hbe`.
    S24In32HighBe,
    /// `u32le`: 0 is -1.0, 2147483648 silence.
    U32Le,
    /// `u32be`.
    U32Be,
    /// `s32le`: -2147483648 is -1.0; 2147483647 rounds to 1.0 as an `f32` and is exact as an `f64`.
    S32Le,
    /// `s32be`.
    S32Be,
    /// `s64le`: -2^63 is -1.0.
    S64Le,
    /// `s64be`.
    S64Be,
    /// `f32le`: nominally [-1.0, 1.0), never clipped.
    F32Le,
    /// `f32be`.
    F32Be,
    /// `f64le`: nominally [-1.0, 1.0), never clipped.
    F64Le,
    /// `f64be`.
    F64Be,
    /// `mulaw`: 0x00 is -32124/32768, 0x80 is 32124/32768; 0xFF (silence) and 0x7F are both 0.
    MuLaw,
    /// `alaw`: 0x2A is -32256/32768, 0xAA is 32256/32768; 0xD5 (silence) is 8/32768, the code has no 0.
    ALaw,
}

macro_rules! table {
    ($($variant:ident $name:literal $bytes:literal $rest:expr;)*) => {
        impl SampleFormat {
            /// Every format, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name, as FFmpeg writes it: `s16le`, `f32be`, `mulaw`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// Bytes that one sample takes: 1, 2, 3, 4 or 8.
            pub const fn bytes_per_sample(self) -> usize {
                match self { $(Self::$variant => $bytes),* }
            }

            /// The bytes of one sample at zero level; the first `bytes_per_sample` of them count.
            const fn equilibrium(self) -> [u8; 8] {
                match self { $(Self::$variant => $rest),* }
            }
        }
    };
}

const ZERO: [u8; 8] = [0; 8];
/// A first byte, then zeros.
const fn first(byte: u8) -> [u8; 8] {
    [byte, 0, 0, 0, 0, 0, 0, 0]
}

table! {
    U8 "u8" 1 first(0x80);
    S8 "s8" 1 ZERO;
    U16Le "u16le" 2 [0, 0x80, 0, 0, 0, 0, 0, 0];
    U16Be "u16be" 2 first(0x80);
    S16Le "s16le" 2 ZERO;
    S16Be "s16be" 2 ZERO;
    U24Le "u24le" 3 [0, 0, 0x80, 0, 0, 0, 0, 0];
    U24Be "u24be" 3 first(0x80);
    S24Le "s24le" 3 ZERO;
    S24Be "s24be" 3 ZERO;
    S24In32Le "s24_32le" 4 ZERO;
    S24In32Be "s24_32be" 4 ZERO;
    S24In32HighLe "s24_32hle" 4 ZERO;
    S24In32HighBe "s24_32hbe" 4 ZERO;
    U32Le "u32le" 4 [0, 0, 0, 0x80, 0, 0, 0, 0];
    U32Be "u32be" 4 first(0x80);
    S32Le "s32le" 4 ZERO;
    S32Be "s32be" 4 ZERO;
    S64Le "s64le" 8 ZERO;
    S64Be "s64be" 8 ZERO;
    F32Le "f32le" 4 ZERO;
    F32Be "f32be" 4 ZERO;
    F64Le "f64le" 8 ZERO;
    F64Be "f64be" 8 ZERO;
    MuLaw "mulaw" 1 first(0xFF);
    ALaw "alaw" 1 first(0xD5);
}

macro_rules! native {
    ($($(#[$doc:meta])* $name:ident = $le:ident | $be:ident;)*) => {
        /// The variants in this machine's own byte order.
        impl SampleFormat {
            $($(#[$doc])* pub const $name: Self =
                if cfg!(target_endian = "little") { Self::$le } else { Self::$be };)*
        }
    };
}

native! {
    /// `u16le` or `u16be`, whichever is native.
    U16 = U16Le | U16Be;
    /// `s16le` or `s16be`, whichever is native.
    S16 = S16Le | S16Be;
    /// `s24_32le` or `s24_32be`, whichever is native.
    S24_IN_32 = S24In32Le | S24In32Be;
    /// `s24_32hle` or `s24_32hbe`, whichever is native.
    S24_IN_32_HIGH = S24In32HighLe | S24In32HighBe;
    /// `u32le` or `u32be`, whichever is native.
    U32 = U32Le | U32Be;
    /// `s32le` or `s32be`, whichever is native.
    S32 = S32Le | S32Be;
    /// `s64le` or `s64be`, whichever is native.
    S64 = S64Le | S64Be;
    /// `f32le` or `f32be`, whichever is native.
    F32 = F32Le | F32Be;
    /// `f64le` or `f64be`, whichever is native.
    F64 = F64Le | F64Be;
}

impl SampleFormat {
    /// Whether samples are IEEE 754 floats, which are never clipped.
    pub const fn is_float(self) -> bool {
        matches!(self, Self::F32Le | Self::F32Be | Self::F64Le | Self::F64Be)
    }

    /// Whether samples are integers shifted up, so that silence is half of the highest value.
    #[allow(dead_code)] // only kernels by hand ask
    pub(crate) const fn is_unsigned(self) -> bool {
        matches!(
            self,
            Self::U8
                | Self::U16Le
                | Self::U16Be
                | Self::U24Le
                | Self::U24Be
                | Self::U32Le
                | Self::U32Be
        )
    }

    /// Whether the highest byte comes first.
    #[allow(dead_code)] // only kernels by hand ask
    pub(crate) const fn is_big_endian(self) -> bool {
        matches!(
            self,
            Self::U16Be
                | Self::S16Be
                | Self::U24Be
                | Self::S24Be
                | Self::S24In32Be
                | Self::S24In32HighBe
                | Self::U32Be
                | Self::S32Be
                | Self::S64Be
                | Self::F32Be
                | Self::F64Be
        )
    }

    /// Bits of resolution of an integer format (8, 16, 24, 32 or 64; 16 for mu-law and A-law, whose
    /// values lie on the 16-bit grid), or `None` for floats.
    pub const fn integer_bits(self) -> Option<u32> {
        Some(match self {
            Self::U8 | Self::S8 => 8,
            Self::U16Le | Self::U16Be | Self::S16Le | Self::S16Be | Self::MuLaw | Self::ALaw => 16,
            Self::U24Le | Self::U24Be | Self::S24Le | Self::S24Be => 24,
            Self::S24In32Le | Self::S24In32Be => 24,
            Self::S24In32HighLe | Self::S24In32HighBe => 24,
            Self::U32Le | Self::U32Be | Self::S32Le | Self::S32Be => 32,
            Self::S64Le | Self::S64Be => 64,
            Self::F32Le | Self::F32Be | Self::F64Le | Self::F64Be => return None,
        })
    }

    /// Writes silence over all of `bytes`: u8 0x80, u16 32768, mu-law 0xFF, A-law 0xD5, else zeros.
    /// Bytes at the end that make no whole sample become zero.
    pub fn fill_equilibrium(self, bytes: &mut [u8]) {
        let [first, second, third, fourth, ..] = self.equilibrium();
        match self {
            Self::U16Le | Self::U16Be => fill([first, second], bytes),
            Self::U24Le | Self::U24Be => fill([first, second, third], bytes),
            Self::U32Le | Self::U32Be => fill([first, second, third, fourth], bytes),
            // A single byte, or zeros.
            _ => bytes.fill(first),
        }
    }
}

fn fill<const SIZE: usize>(sample: [u8; SIZE], bytes: &mut [u8]) {
    let (samples, rest) = bytes.as_chunks_mut();
    samples.fill(sample);
    rest.fill(0);
}

impl fmt::Display for SampleFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no sample format. Returned by [`SampleFormat::from_str`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct UnknownFormat;

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown sample format; expected one of")?;
        for format in SampleFormat::ALL {
            write!(f, " {format}")?;
        }
        Ok(())
    }
}

impl core::error::Error for UnknownFormat {}

impl FromStr for SampleFormat {
    type Err = UnknownFormat;

    /// Exact, lower-case names only: `s16le`, not `S16LE` and not `s16`.
    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        Self::ALL
            .iter()
            .copied()
            .find(|f| f.name() == name)
            .ok_or(UnknownFormat)
    }
}
