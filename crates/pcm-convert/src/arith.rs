//! The arithmetic of quantization, once. Every backend compiles these functions again and must give their
//! bits. All of them are total and free of branches.

use crate::policy::{HALF_AWAY, NEAREST};

/// 2^23: from here on an `f32` is an integer.
const F32_INTEGERS: f32 = 8_388_608.0;
/// 2^52: from here on an `f64` is an integer.
const F64_INTEGERS: f64 = 4_503_599_627_370_496.0;
/// The float before a half. Added to a magnitude whose fraction is cut off then, it rounds to nearest, ties
/// away from zero: the sum itself rounds a tie up to the next integer. A half would do that to 0.49999997 too.
pub(crate) const BELOW_HALF_F32: f32 = 0.5f32.next_down();
/// As [`BELOW_HALF_F32`].
const BELOW_HALF_F64: f64 = 0.5f64.next_down();

/// 2^(bits-1), the scale of a format, as `f32`. Exact: a power of two.
pub(crate) const fn scale_f32(bits: u32) -> f32 {
    (1u64 << (bits - 1)) as f32
}

/// 2^(bits-1), the scale of a format, as `f64`.
pub(crate) const fn scale_f64(bits: u32) -> f64 {
    (1u64 << (bits - 1)) as f64
}

/// The largest `f32` that is not above the highest value of a format: 1 - 2^(1-bits), or the float
/// before 1.0 where `f32` has fewer bits than the format.
pub(crate) const fn max_f32(bits: u32) -> f32 {
    let bits = if bits < 25 { bits } else { 25 };
    1.0 - 1.0 / scale_f32(bits)
}

/// NaN becomes zero.
#[inline(always)]
fn nan_to_zero(x: f32) -> f32 {
    if x.is_nan() { 0.0 } else { x }
}

/// `y`, such that what is left when its fraction is cut off is rounded toward zero or, `HALF_AWAY`, to
/// nearest, ties away from zero.
#[inline(always)]
fn to_be_cut_f32<const R: u8>(y: f32) -> f32 {
    if R == HALF_AWAY {
        y + BELOW_HALF_F32.copysign(y)
    } else {
        y
    }
}

/// As [`to_be_cut_f32`].
#[inline(always)]
fn to_be_cut_f64<const R: u8>(y: f64) -> f64 {
    if R == HALF_AWAY {
        y + BELOW_HALF_F64.copysign(y)
    } else {
        y
    }
}

/// `x` x 2^(BITS-1), clipped to the signed range of BITS (at most 24) and rounded as `R` says. NaN gives 0.
#[inline(always)]
pub(crate) fn quantize<const BITS: u32, const R: u8>(x: f32) -> i32 {
    let (min, max) = (-scale_f32(BITS), scale_f32(BITS) - 1.0);
    let y = nan_to_zero(x) * scale_f32(BITS);
    let y = if y < max { y } else { max };
    let y = if y > min { y } else { min };
    if BITS <= 16 && R == NEAREST {
        // 1.5 x 2^23: the sum has no room for fractions, so the addition itself rounds, ties to even,
        // and the integer stands in the low bits of the result.
        (y + 1.5 * F32_INTEGERS).to_bits().wrapping_sub(0x4B40_0000) as i32
    } else {
        // The same on the magnitude, where 2^23 is enough offset for 24 bits. To cut the fraction off: less one
        // where that rounded up. (A cast would do, but on x86 a saturating cast is not vectorized.)
        let whole = to_be_cut_f32::<R>(y.abs());
        let rounded = whole + F32_INTEGERS;
        let up = (R != NEAREST) & (rounded - F32_INTEGERS > whole);
        let magnitude = rounded
            .to_bits()
            .wrapping_sub(0x4B00_0000)
            .wrapping_sub(u32::from(up)) as i32;
        let sign = y.to_bits() as i32 >> 31;
        (magnitude ^ sign).wrapping_sub(sign)
    }
}

/// The integer nearest to `y`, ties to even; NaN and infinities pass.
#[inline(always)]
pub(crate) fn round_f32(y: f32) -> f32 {
    let magnitude = y.abs();
    let rounded = ((magnitude + F32_INTEGERS) - F32_INTEGERS).copysign(y);
    if magnitude < F32_INTEGERS { rounded } else { y }
}

/// The integer nearest to `y`, ties to even, for magnitudes below 2^22.
#[inline(always)]
pub(crate) fn round_small(y: f32) -> f32 {
    (y + 1.5 * F32_INTEGERS) - 1.5 * F32_INTEGERS
}

/// The integer nearest to `y`, for magnitudes below 2^22; of two as near, the one that takes `whole + y` away from
/// zero.
#[inline(always)]
pub(crate) fn round_small_away(whole: f32, y: f32) -> f32 {
    let sign = 1.0f32.copysign(whole + y);
    let outward = y * sign;
    let nearest = round_small(outward);
    let tie = outward - nearest == 0.5;
    (nearest + if tie { 1.0 } else { 0.0 }) * sign
}

/// The integer nearest to `y`, ties to even; NaN and infinities pass.
#[inline(always)]
pub(crate) fn round_f64(y: f64) -> f64 {
    let magnitude = y.abs();
    let rounded = ((magnitude + F64_INTEGERS) - F64_INTEGERS).copysign(y);
    if magnitude < F64_INTEGERS { rounded } else { y }
}

/// What a cast, which cuts the fraction off, makes `y` rounded as `R` says of.
#[inline(always)]
fn whole_f32<const R: u8>(y: f32) -> f32 {
    if R == NEAREST {
        round_f32(y)
    } else {
        to_be_cut_f32::<R>(y)
    }
}

/// Whether a saturating cast is one instruction, which loops are vectorized with. On x86 it is a branch.
const CASTS_SATURATE: bool = cfg!(not(any(target_arch = "x86", target_arch = "x86_64")));

/// `x` x 2^31 as a 32-bit integer. The cast saturates, and takes NaN to 0.
#[inline(always)]
pub(crate) fn quantize_i32<const R: u8>(x: f32) -> i32 {
    if !CASTS_SATURATE && R == NEAREST {
        return quantize_f64::<32, NEAREST>(f64::from(x));
    }
    whole_f32::<R>(x * scale_f32(32)) as i32
}

/// `x` x 2^63 as a 64-bit integer. The cast saturates, and takes NaN to 0.
#[inline(always)]
pub(crate) fn quantize_i64<const R: u8>(x: f32) -> i64 {
    if !CASTS_SATURATE && R == NEAREST {
        return quantize_i64_f64::<NEAREST>(f64::from(x));
    }
    whole_f32::<R>(x * scale_f32(64)) as i64
}

/// As [`quantize`], from `f64`, for at most 32 bits.
#[inline(always)]
pub(crate) fn quantize_f64<const BITS: u32, const R: u8>(x: f64) -> i32 {
    let (min, max) = (-scale_f64(BITS), scale_f64(BITS) - 1.0);
    let y = if x.is_nan() { 0.0 } else { x } * scale_f64(BITS);
    let y = if y < max { y } else { max };
    let y = if y > min { y } else { min };
    if R == NEAREST {
        (y + 1.5 * F64_INTEGERS).to_bits() as i32
    } else {
        to_be_cut_f64::<R>(y) as i32
    }
}

/// `x` x 2^63 as a 64-bit integer, from `f64`.
#[inline(always)]
pub(crate) fn quantize_i64_f64<const R: u8>(x: f64) -> i64 {
    if !CASTS_SATURATE && R == NEAREST {
        // The upper word and what is left, both by the sum that rounds, as above; their bits are added as
        // integers. All steps but the last rounding are exact.
        const OFFSET: f64 = 1.5 * F64_INTEGERS;
        let z = if x.is_nan() { 0.0 } else { x } * scale_f64(32);
        let z = if z > -scale_f64(32) {
            z
        } else {
            -scale_f64(32)
        };
        let upper = z + OFFSET;
        let rest = (z - (upper - OFFSET)) * (2.0 * scale_f64(32)) + OFFSET;
        let integer =
            (upper.to_bits() << 32).wrapping_add(rest.to_bits().wrapping_sub(OFFSET.to_bits()));
        return if z < scale_f64(32) {
            integer as i64
        } else {
            i64::MAX
        };
    }
    let y = x * scale_f64(64);
    (if R == NEAREST {
        round_f64(y)
    } else {
        to_be_cut_f64::<R>(y)
    }) as i64
}

/// From full scale = 2^31 to BITS: to nearest, ties to even, clipped at the top (the only end that
/// rounding can pass).
#[inline(always)]
pub(crate) fn narrow_i32<const BITS: u32>(v: i32) -> i32 {
    if BITS >= 32 {
        return v;
    }
    let shift = (32 - BITS) & 31;
    let half = 1i32 << ((shift + 31) & 31);
    // From here on all values become the highest.
    let v = v.min(i32::MAX - half);
    v.wrapping_add(half - 1 + ((v >> shift) & 1)) >> shift
}

/// From full scale = 2^63 to BITS, as [`narrow_i32`].
#[inline(always)]
pub(crate) fn narrow_i64<const BITS: u32>(v: i64) -> i64 {
    if BITS >= 64 {
        return v;
    }
    let shift = (64 - BITS) & 63;
    let half = 1i64 << ((shift + 63) & 63);
    let v = v.min(i64::MAX - half);
    v.wrapping_add(half - 1 + ((v >> shift) & 1)) >> shift
}

/// NaN to 0, infinities to 1.0 of their sign; finite values pass.
#[inline(always)]
pub(crate) fn finite_f32(x: f32) -> f32 {
    let limited = if x.is_infinite() {
        1.0f32.copysign(x)
    } else {
        x
    };
    nan_to_zero(limited)
}

/// As [`finite_f32`].
#[inline(always)]
pub(crate) fn finite_f64(x: f64) -> f64 {
    let limited = if x.is_infinite() {
        1.0f64.copysign(x)
    } else {
        x
    };
    if limited.is_nan() { 0.0 } else { limited }
}

/// Nearest `f32`; a finite value stays finite, so that it is not taken for an infinity later.
#[inline(always)]
pub(crate) fn f64_to_f32(x: f64) -> f32 {
    const MAX: f64 = f32::MAX as f64;
    let limited = if x > MAX { MAX } else { x };
    let limited = if limited < -MAX { -MAX } else { limited };
    (if x.is_infinite() { x } else { limited }) as f32
}

/// What the kernels of some processors leave out is tested on all of them.
#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::policy::TOWARD_ZERO;

    /// Every half of small magnitude, and its neighbours.
    fn halves() -> impl Iterator<Item = f32> {
        let halves = (-40..=40_i16).map(|k| f32::from(k) / 2.0);
        halves.flat_map(|y| [y.next_down(), y, y.next_up()])
    }

    #[test]
    fn to_nearest_is_as_std_rounds() {
        for y in halves() {
            let (wide, want) = (f64::from(y), y.round_ties_even());
            assert_eq!(round_f32(y).to_bits(), want.to_bits(), "{y:e}");
            assert_eq!(whole_f32::<NEAREST>(y).to_bits(), want.to_bits(), "{y:e}");
            assert_eq!(round_small(y), want, "{y:e}");
            for wide in [wide.next_down(), wide, wide.next_up()] {
                let want = wide.round_ties_even();
                assert_eq!(round_f64(wide).to_bits(), want.to_bits(), "{wide:e}");
            }
        }
        // Where only halves lie between integers, and where nothing does.
        for y in [4_194_304.5, 4_194_305.5, 8_388_607.5, 8_388_609.0, 3e38] {
            for y in [y, -y] {
                assert_eq!(round_f32(y), y.round_ties_even(), "{y:e}");
            }
        }
        for power in [50, 51, 52, 53] {
            let two = (1_u64 << power) as f64;
            for y in [two.next_down(), two, two + 0.5, two.next_up(), 1e300] {
                for y in [y, -y] {
                    assert_eq!(round_f64(y), y.round_ties_even(), "{y:e}");
                }
            }
        }
        assert!(round_f32(f32::NAN).is_nan() && round_f64(f64::NAN).is_nan());
        assert_eq!(round_f32(f32::INFINITY), f32::INFINITY);
        assert_eq!(round_f64(f64::NEG_INFINITY), f64::NEG_INFINITY);
    }

    #[test]
    fn what_is_cut_is_as_std_cuts_and_rounds() {
        for y in halves() {
            assert_eq!(whole_f32::<HALF_AWAY>(y).trunc(), y.round(), "{y:e}");
            assert_eq!(whole_f32::<TOWARD_ZERO>(y), y, "{y:e}");
        }
    }

    /// Of the whole sample, not of the part that is rounded.
    #[test]
    fn ties_of_a_part_go_away_from_zero() {
        for whole in (-20..=20_i16).map(f32::from) {
            for half in (-20..=20_i16).map(|k| f32::from(k) / 2.0) {
                let part = round_small_away(whole, half);
                assert_eq!(part, (whole + half).round() - whole, "{whole} and {half}");
            }
            for quarter in (-20..=20_i16).map(|k| f32::from(k) / 2.0 + 0.25) {
                assert_eq!(round_small_away(whole, quarter), quarter.round());
            }
        }
    }
}
