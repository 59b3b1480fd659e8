//! mu-law and A-law, ITU-T Recommendation G.711 (11/88), on the 16-bit grid: the 14-bit values of mu-law
//! times 4, the 13-bit values of A-law times 8.
//!
//! A value on a decision level goes to the interval above it; negative values are compared by their
//! one's complement, as the ITU's own reference software (G.191, `alaw_compress` and `ulaw_compress`) does.
//!
//! Segment and step of a code are exponent and leading mantissa bits of a float in disguise, so both
//! directions are shifts and one float subtraction: no tables, and the same speed in every vector width.

/// A mu-law code. Silence is 0xFF; 0x7F is zero as well.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(transparent)]
pub struct MuLaw(pub u8);

/// An A-law code, with its even bits inverted as on the wire. Silence is 0xD5, which decodes to 8 of
/// 32768: the code has no zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(transparent)]
pub struct ALaw(pub u8);

impl Default for MuLaw {
    /// Silence, 0xFF.
    fn default() -> Self {
        Self(0xFF)
    }
}

impl Default for ALaw {
    /// Silence, 0xD5.
    fn default() -> Self {
        Self(0xD5)
    }
}

impl MuLaw {
    /// The code for a 16-bit value; magnitudes above 32635 get the outermost code.
    pub fn from_i16(value: i16) -> Self {
        Self(mu_law_encode(i32::from(value)))
    }

    /// The 16-bit value, -32124..=32124.
    pub fn to_i16(self) -> i16 {
        mu_law_decode(self.0) as i16
    }
}

impl ALaw {
    /// The code for a 16-bit value.
    pub fn from_i16(value: i16) -> Self {
        Self(a_law_encode(i32::from(value)))
    }

    /// The 16-bit value, -32256..=32256, never 0.
    pub fn to_i16(self) -> i16 {
        a_law_decode(self.0) as i16
    }
}

/// A whole number of at most 22 bits and its sign; a cast would do, but on x86 a saturating one is not
/// vectorized.
#[inline(always)]
fn integer(whole: f32) -> i32 {
    // 1.5 x 2^23: the number stands in the low bits of the sum.
    (whole + 12_582_912.0).to_bits().wrapping_sub(0x4B40_0000) as i32
}

/// `value` in -32768..=32767.
#[inline(always)]
pub(crate) fn mu_law_encode(value: i32) -> u8 {
    let sign = value >> 31;
    let magnitude = value ^ sign;
    let biased = magnitude.min(32_635) + 132;
    // 132..=32767: the exponent is 7..=14, the segment and the top four mantissa bits follow it.
    let code = ((biased as f32).to_bits() >> 19).wrapping_sub((127 + 7) << 4);
    !(code as u8 | (sign as u8 & 0x80))
}

#[inline(always)]
pub(crate) fn mu_law_decode(code: u8) -> i32 {
    integer(mu_law_to_f32(code) * 32_768.0)
}

/// Exactly `mu_law_decode(code) / 32768`.
#[inline(always)]
pub(crate) fn mu_law_to_f32(code: u8) -> f32 {
    // Widened with its sign: the sign bit is set for positive values, and then inverted with the rest.
    let code = !i32::from(code as i8) as u32;
    let sign = code & 0x8000_0000;
    let biased = f32::from_bits((((code & 0x7F) << 19) + ((119 << 23) | (1 << 18))) | sign);
    // A difference of equals is 0.0, whatever their sign.
    biased - f32::from_bits((132.0f32 / 32_768.0).to_bits() | sign)
}

/// `value` in -32768..=32767.
#[inline(always)]
pub(crate) fn a_law_encode(value: i32) -> u8 {
    let sign = value >> 31;
    let magnitude = (value ^ sign) >> 4;
    // The lowest segment has the step of the second one, so it is coded as if it were the second, less 16.
    let lowest = if magnitude < 16 { 16 } else { 0 };
    let code = (((magnitude + lowest) as f32).to_bits() >> 19)
        .wrapping_sub((((127 + 4) << 4) - 16) + lowest as u32);
    (code as u8 | (!sign as u8 & 0x80)) ^ 0x55
}

#[inline(always)]
pub(crate) fn a_law_decode(code: u8) -> i32 {
    integer(a_law_to_f32(code) * 32_768.0)
}

/// Exactly `a_law_decode(code) / 32768`.
#[inline(always)]
pub(crate) fn a_law_to_f32(code: u8) -> f32 {
    let code = i32::from(code as i8) ^ 0x55;
    let sign = !code as u32 & 0x8000_0000;
    let step = code & 0x7F;
    let lowest = step < 16;
    let raised = (step + if lowest { 16 } else { 0 }) as u32;
    let offset = if lowest { 1.0f32 / 128.0 } else { 0.0 };
    f32::from_bits(((raised << 19) + ((119 << 23) | (1 << 18))) | sign)
        - f32::from_bits(offset.to_bits() | sign)
}
