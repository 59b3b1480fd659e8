//! Oracles that share no arithmetic with the crate: integers only.
#![allow(dead_code, unreachable_pub, clippy::panic)]

use pcm_convert::{Backend, Rounding};

/// Backends of this machine.
pub fn backends() -> Vec<Backend> {
    let found: Vec<_> = Backend::ALL
        .iter()
        .copied()
        .filter(|b| b.is_available())
        .collect();
    assert!(found.contains(&Backend::Scalar));
    if cfg!(dsp_force_scalar) {
        assert_eq!(found, [Backend::Scalar]);
    } else if cfg!(target_arch = "x86_64") {
        assert!(found.contains(&Backend::Sse2));
    }
    found
}

/// `mantissa` x 2^`exponent` x 2^(bits-1), rounded and clipped to a signed integer of `bits`.
fn scaled(negative: bool, mantissa: u64, exponent: i32, bits: u32, rounding: Rounding) -> i128 {
    let limit = 1i128 << (bits - 1);
    let (min, max) = (-limit, limit - 1);
    let shift = exponent + bits as i32 - 1;
    let magnitude = if shift >= 0 {
        if shift > 66 && mantissa != 0 {
            limit
        } else {
            i128::from(mantissa) << shift.min(66)
        }
    } else if shift < -100 {
        0
    } else {
        let k = -shift as u32;
        let whole = i128::from(mantissa) >> k;
        let rest = i128::from(mantissa) - (whole << k);
        let half = 1i128 << (k - 1);
        let up = match rounding {
            Rounding::NearestEven => rest > half || (rest == half && whole & 1 == 1),
            Rounding::HalfAwayFromZero => rest >= half,
            Rounding::TowardZero => false,
            other => panic!("no oracle for {other}"),
        };
        whole + i128::from(up)
    };
    (if negative { -magnitude } else { magnitude }).clamp(min, max)
}

/// What an `f32` must become, from its bits.
pub fn f32_to_int(pattern: u32, bits: u32, rounding: Rounding) -> i128 {
    let (negative, field, fraction) = (
        pattern >> 31 == 1,
        (pattern >> 23) & 0xFF,
        pattern & 0x7F_FFFF,
    );
    let limit = 1i128 << (bits - 1);
    match field {
        0xFF if fraction != 0 => 0,
        0xFF => {
            if negative {
                -limit
            } else {
                limit - 1
            }
        }
        0 => scaled(negative, fraction.into(), -149, bits, rounding),
        _ => scaled(
            negative,
            (fraction | 0x80_0000).into(),
            field as i32 - 150,
            bits,
            rounding,
        ),
    }
}

/// What an `f64` must become, from its bits.
pub fn f64_to_int(pattern: u64, bits: u32, rounding: Rounding) -> i128 {
    let (negative, field) = (pattern >> 63 == 1, (pattern >> 52) & 0x7FF);
    let fraction = pattern & ((1 << 52) - 1);
    let limit = 1i128 << (bits - 1);
    match field {
        0x7FF if fraction != 0 => 0,
        0x7FF => {
            if negative {
                -limit
            } else {
                limit - 1
            }
        }
        0 => scaled(negative, fraction, -1074, bits, rounding),
        _ => scaled(
            negative,
            fraction | (1 << 52),
            field as i32 - 1075,
            bits,
            rounding,
        ),
    }
}

/// From one full scale to another, ties to even, clipped.
pub fn int_to_int(value: i128, from: u32, to: u32) -> i128 {
    let limit = 1i128 << (to - 1);
    if to >= from {
        return value << (to - from);
    }
    let shift = from - to;
    let (whole, rest, half) = (
        value >> shift,
        value & ((1 << shift) - 1),
        1i128 << (shift - 1),
    );
    let up = rest > half || (rest == half && whole & 1 == 1);
    (whole + i128::from(up)).clamp(-limit, limit - 1)
}

/// Floats that have been somebody's bug: ends of ranges, one past them, halves of an LSB, denormals, NaN.
pub fn nasty_f32() -> Vec<f32> {
    let mut all = vec![
        0.0,
        f32::MIN_POSITIVE,
        1e-45,
        1e10,
        1e30,
        f32::MAX,
        65_536.0,
        65_535.0,
        f32::INFINITY,
        f32::NAN,
    ];
    all.push(f32::from_bits(0x7F80_0001));
    for bits in [8u32, 16, 24, 32] {
        let lsb = 1.0 / (1u64 << (bits - 1)) as f32;
        for k in [0.5, 1.0, 1.5, 2.5] {
            all.extend([
                k * lsb,
                (k * lsb).next_up(),
                (k * lsb).next_down(),
                1.0 - k * lsb,
                1.0 + k * lsb,
            ]);
        }
    }
    let at_one = [
        1.0f32,
        1.0f32.next_up(),
        1.0f32.next_down(),
        0.5,
        0.999_969_5,
        0.999_984_74,
    ];
    all.extend(at_one);
    let negative: Vec<f32> = all.iter().map(|x| -x).collect();
    all.extend(negative);
    all
}

/// A small deterministic stream of 64-bit words, for tests that need many.
pub struct Words(pub u64);

impl Words {
    pub fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 ^ (self.0 >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) ^ (self.0 >> 32)
    }
}
