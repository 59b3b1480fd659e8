//! Every value of every format that can be counted through, against integer-only oracles.
#![allow(clippy::unwrap_used, clippy::float_cmp, clippy::panic)]

mod common;

use common::{Words, backends, f32_to_int, f64_to_int, nasty_f32};
use pcm_convert::{
    ALaw, Backend, Converter, Dither, I24, MuLaw, Quantizer, Rounding, Sample, SampleFormat, U24,
    bytes,
};

/// Bytes of the value `v` (signed, right-aligned) in a format of at most 24 bits, written here by hand.
fn by_hand(format: SampleFormat, v: i32) -> Vec<u8> {
    use SampleFormat as F;
    let offset = |bits: u32| (v + (1 << (bits - 1))) as u32;
    match format {
        F::U8 => vec![offset(8) as u8],
        F::S8 => vec![v as u8],
        F::U16Le => offset(16).to_le_bytes()[..2].to_vec(),
        F::U16Be => offset(16).to_be_bytes()[2..].to_vec(),
        F::S16Le => v.to_le_bytes()[..2].to_vec(),
        F::S16Be => v.to_be_bytes()[2..].to_vec(),
        F::U24Le => offset(24).to_le_bytes()[..3].to_vec(),
        F::U24Be => offset(24).to_be_bytes()[1..].to_vec(),
        F::S24Le => v.to_le_bytes()[..3].to_vec(),
        F::S24Be => v.to_be_bytes()[1..].to_vec(),
        F::S24In32Le => v.to_le_bytes().to_vec(),
        F::S24In32Be => v.to_be_bytes().to_vec(),
        F::S24In32HighLe => (v * 256).to_le_bytes().to_vec(),
        F::S24In32HighBe => (v * 256).to_be_bytes().to_vec(),
        _ => panic!("{format} is wider"),
    }
}

#[test]
fn every_value_of_up_to_24_bits_decodes_by_its_scale_and_comes_back() {
    use SampleFormat as F;
    let formats = [
        F::U8,
        F::S8,
        F::U16Le,
        F::U16Be,
        F::S16Le,
        F::S16Be,
        F::U24Le,
        F::U24Be,
        F::S24Le,
        F::S24Be,
        F::S24In32Le,
        F::S24In32Be,
        F::S24In32HighLe,
        F::S24In32HighBe,
    ];
    for format in formats {
        let bits = format.integer_bits().unwrap();
        let half = 1i64 << (bits - 1);
        // 24 bits: a block here and there is compared with bytes written by hand, all are round-tripped.
        let step = 1 << 16;
        for start in (-half..half).step_by(step) {
            let values: Vec<i32> = (start..(start + step as i64).min(half))
                .map(|v| v as i32)
                .collect();
            let exact: Vec<f32> = values.iter().map(|v| *v as f32 / half as f32).collect();
            let mut raw = vec![0u8; values.len() * format.bytes_per_sample()];
            assert_eq!(
                bytes::encode(format, Rounding::NearestEven, &exact, &mut raw),
                values.len()
            );
            if bits <= 16 || start % (1 << 21) == 0 {
                let expected: Vec<u8> = values.iter().flat_map(|v| by_hand(format, *v)).collect();
                assert!(raw == expected, "{format} from {start}");
            }
            let mut back = vec![0f32; values.len()];
            assert_eq!(bytes::decode(format, &raw, &mut back), values.len());
            assert!(back == exact, "{format} from {start}");
            let mut cut = vec![0u8; raw.len()];
            bytes::encode(format, Rounding::TowardZero, &back, &mut cut);
            assert!(cut == raw, "{format} from {start}");
        }
    }
}

/// The typed twins of the same, for the types that own their packing.
#[test]
fn packed_types_agree_with_their_bytes() {
    for v in (-8_388_608..8_388_608).step_by(251).chain([8_388_607]) {
        assert_eq!(I24::new(v).unwrap().to_int(), v);
        assert_eq!(I24::from_int(v).to_f32(), v as f32 / 8_388_608.0);
        assert_eq!(I24::from_f32(v as f32 / 8_388_608.0).to_int(), v);
        let u = (v + 8_388_608) as u32;
        assert_eq!(U24::new(u).unwrap().to_int(), u);
        assert_eq!(U24::from_int(u).to_f32(), v as f32 / 8_388_608.0);
        assert_eq!(U24::from_f32(v as f32 / 8_388_608.0).to_int(), u);
    }
    assert_eq!(
        (I24::new(8_388_608), I24::new(-8_388_609), U24::new(1 << 24)),
        (None, None, None)
    );
    assert!(I24::MIN < I24::MAX && U24::MIN < U24::MAX);
}

/// All backends, all roundings, f32 -> s16 over a range of bit patterns.
fn check_patterns(patterns: impl Iterator<Item = u32>) {
    let mut quantizers: Vec<(Rounding, Backend, Quantizer)> = Vec::new();
    for rounding in Rounding::ALL.iter().copied() {
        for backend in backends() {
            let quantizer = Quantizer::new(1, rounding, Dither::None, 0)
                .with_backend(backend)
                .unwrap();
            quantizers.push((rounding, backend, quantizer));
        }
    }
    let mut patterns = patterns.peekable();
    let mut out = vec![0i16; 4096];
    while patterns.peek().is_some() {
        let block: Vec<u32> = patterns.by_ref().take(4096).collect();
        let x: Vec<f32> = block.iter().map(|b| f32::from_bits(*b)).collect();
        for rounding in Rounding::ALL.iter().copied() {
            let expected: Vec<i16> = block.iter().map(|b| f32_to_i16(*b, rounding)).collect();
            for (_, backend, quantizer) in quantizers.iter_mut().filter(|q| q.0 == rounding) {
                let out = &mut out[..x.len()];
                quantizer.quantize(&x, out);
                assert!(
                    out == expected,
                    "{backend} {rounding} near {:#010x}",
                    block[0]
                );
            }
        }
    }
}

/// As `common::f32_to_int` for 16 bits, without 128-bit arithmetic; the two are compared below.
fn f32_to_i16(pattern: u32, rounding: Rounding) -> i16 {
    let (negative, field, fraction) = (
        pattern >> 31 == 1,
        (pattern >> 23) as i32 & 0xFF,
        pattern & 0x7F_FFFF,
    );
    if field == 0xFF && fraction != 0 {
        return 0;
    }
    // value x 2^15 = mantissa / 2^k
    let (mantissa, k) = (i64::from(fraction | 0x80_0000), 135 - field);
    let magnitude = if k <= 0 {
        1 << 15
    } else if k > 25 {
        0
    } else {
        let (whole, rest, half) = (mantissa >> k, mantissa & ((1 << k) - 1), 1 << (k - 1));
        let up = match rounding {
            Rounding::NearestEven => rest > half || (rest == half && whole & 1 == 1),
            Rounding::HalfAwayFromZero => rest >= half,
            Rounding::TowardZero => false,
            other => panic!("no oracle for {other}"),
        };
        whole + i64::from(up)
    };
    (if negative { -magnitude } else { magnitude }).clamp(-32_768, 32_767) as i16
}

#[test]
fn f32_patterns_to_s16_with_a_stride() {
    // A stride prime to 2^32 meets every exponent and sign, and mantissas of all kinds.
    check_patterns(
        (0..=u32::MAX)
            .step_by(9_973)
            .chain(nasty_f32().into_iter().map(f32::to_bits)),
    );
    for pattern in (0..=u32::MAX).step_by(99_991) {
        for rounding in Rounding::ALL.iter().copied() {
            assert_eq!(
                i128::from(f32_to_i16(pattern, rounding)),
                f32_to_int(pattern, 16, rounding)
            );
        }
    }
}

#[test]
#[ignore = "all 2^32 patterns on every backend: minutes; cargo test --release -p pcm-convert -- --ignored"]
fn f32_patterns_to_s16_all() {
    check_patterns(0..=u32::MAX);
}

#[test]
fn f32_to_every_integer_width_on_every_backend() {
    let mut words = Words(7);
    let mut x = nasty_f32();
    // Uniform bits, and uniform values in and around the nominal range.
    x.extend((0..20_000).map(|_| f32::from_bits(words.next() as u32)));
    x.extend((0..20_000).map(|_| (words.next() as u32 as f32 / 4_294_967_296.0 - 0.5) * 2.2));
    for format in SampleFormat::ALL.iter().copied().filter(|f| !f.is_float()) {
        if matches!(format, SampleFormat::MuLaw | SampleFormat::ALaw) {
            continue;
        }
        let bits = format.integer_bits().unwrap();
        for rounding in Rounding::ALL.iter().copied() {
            let expected: Vec<i128> = x
                .iter()
                .map(|x| f32_to_int(x.to_bits(), bits, rounding))
                .collect();
            for backend in backends() {
                let mut raw = vec![0u8; x.len() * format.bytes_per_sample()];
                let mut quantizer = Quantizer::new(1, rounding, Dither::None, 0)
                    .with_backend(backend)
                    .unwrap();
                quantizer.quantize_bytes(format, &x, &mut raw);
                for (i, chunk) in raw.chunks(format.bytes_per_sample()).enumerate() {
                    assert_eq!(
                        value(format, chunk),
                        expected[i],
                        "{format} {rounding} {backend}: {:e}",
                        x[i]
                    );
                }
            }
        }
    }
}

#[test]
fn f64_to_every_integer_width() {
    let mut words = Words(8);
    let mut x: Vec<f64> = nasty_f32().into_iter().map(f64::from).collect();
    for bits in [8u32, 16, 24, 32, 64] {
        let lsb = 1.0 / 2f64.powi(bits as i32 - 1);
        for k in [0.5, 1.0, 1.5, 2.5] {
            x.extend([
                k * lsb,
                -k * lsb,
                (k * lsb).next_up(),
                1.0 - k * lsb,
                k * lsb - 1.0,
                -1.0 - k * lsb,
            ]);
        }
    }
    x.extend((0..20_000).map(|_| f64::from_bits(words.next())));
    x.extend((0..20_000).map(|_| (words.next() as f64 / 18_446_744_073_709_551_616.0 - 0.5) * 2.2));
    for format in SampleFormat::ALL.iter().copied().filter(|f| !f.is_float()) {
        if matches!(format, SampleFormat::MuLaw | SampleFormat::ALaw) {
            continue;
        }
        let bits = format.integer_bits().unwrap();
        for rounding in Rounding::ALL.iter().copied() {
            let mut raw = vec![0u8; x.len() * format.bytes_per_sample()];
            assert_eq!(bytes::encode_f64(format, rounding, &x, &mut raw), x.len());
            for (x, chunk) in x.iter().zip(raw.chunks(format.bytes_per_sample())) {
                let expected = f64_to_int(x.to_bits(), bits, rounding);
                assert_eq!(value(format, chunk), expected, "{format} {rounding}: {x:e}");
            }
        }
    }
}

/// The signed, right-aligned value of one sample, read here by hand.
fn value(format: SampleFormat, bytes: &[u8]) -> i128 {
    use SampleFormat as F;
    let big = matches!(
        format,
        F::U16Be
            | F::S16Be
            | F::U24Be
            | F::S24Be
            | F::S24In32Be
            | F::S24In32HighBe
            | F::U32Be
            | F::S32Be
            | F::S64Be
    );
    let mut le = bytes.to_vec();
    if big {
        le.reverse();
    }
    let raw = le
        .iter()
        .rev()
        .fold(0i128, |v, b| (v << 8) | i128::from(*b));
    let width = 8 * bytes.len() as u32;
    match format {
        F::U8 | F::U16Le | F::U16Be | F::U24Le | F::U24Be | F::U32Le | F::U32Be => {
            raw - (1 << (width - 1))
        }
        F::S24In32HighLe | F::S24In32HighBe => (raw << 96 >> 96) >> 8,
        _ => raw << (128 - width) >> (128 - width),
    }
}

#[test]
fn s32_through_f64_is_exact_with_a_stride() {
    check_s32(
        (i32::MIN..=i32::MAX)
            .step_by(9_973)
            .chain([i32::MIN, -1, 0, 1, i32::MAX]),
    );
}

#[test]
#[ignore = "all 2^32 values: cargo test --release -p pcm-convert -- --ignored"]
fn s32_through_f64_is_exact_all() {
    check_s32(i32::MIN..=i32::MAX);
}

fn check_s32(values: impl Iterator<Item = i32>) {
    let mut values = values.peekable();
    let (mut float, mut back) = (vec![0f64; 4096], vec![0i32; 4096]);
    let to = Converter::<i32, f64>::new();
    let from = Converter::<f64, i32>::new();
    while values.peek().is_some() {
        let block: Vec<i32> = values.by_ref().take(4096).collect();
        assert_eq!(to.convert(&block, &mut float), block.len());
        assert!(
            float
                .iter()
                .zip(&block)
                .all(|(f, v)| *f * 2_147_483_648.0 == f64::from(*v))
        );
        assert_eq!(from.convert(&float[..block.len()], &mut back), block.len());
        assert!(back[..block.len()] == block);
    }
}

/// G.711, Tables 1a to 2b: segment ends and step sizes in units of the code's own uniform scale, typed in from
/// the recommendation. A decoded value is the middle of its interval.
fn g711_levels(segments: &[(i32, i32, i32)]) -> Vec<(i32, i32)> {
    let mut intervals = Vec::new();
    for (from, to, step) in segments {
        let mut low = *from;
        while low < *to {
            intervals.push((low, low + step));
            low += step;
        }
        assert_eq!(low, *to);
    }
    assert_eq!(intervals.len(), 128);
    intervals
}

#[test]
fn a_law_is_the_table_of_the_standard() {
    // 13 bits: full scale 4096. Steps 2, 2, 4, 8, 16, 32, 64, 128.
    let table = g711_levels(&[
        (0, 64, 2),
        (64, 128, 4),
        (128, 256, 8),
        (256, 512, 16),
        (512, 1024, 32),
        (1024, 2048, 64),
        (2048, 4096, 128),
    ]);
    for (n, (low, high)) in table.iter().enumerate() {
        // Character signals: the sign bit is 1 for positive values, even bits are inverted on the wire.
        let (positive, negative) = ((n as u8 | 0x80) ^ 0x55, n as u8 ^ 0x55);
        let middle = (low + high) / 2 * 8;
        assert_eq!(i32::from(ALaw(positive).to_i16()), middle, "code {n}");
        assert_eq!(i32::from(ALaw(negative).to_i16()), -middle, "code {n}");
        assert_eq!(ALaw(positive).to_f32(), middle as f32 / 32_768.0);
        assert_eq!(ALaw(negative).to_f32(), -middle as f32 / 32_768.0);
        for v in low * 8..high * 8 {
            assert_eq!(ALaw::from_i16(v as i16), ALaw(positive), "{v}");
            // The one's complement of the positive value, so that the ends of the intervals mirror.
            assert_eq!(ALaw::from_i16(!v as i16), ALaw(negative), "{v}");
        }
    }
}

#[test]
fn mu_law_is_the_table_of_the_standard() {
    // 14 bits: full scale 8159. The first interval has half a step, and its value is 0.
    let mut table = g711_levels(&[
        (-1, 31, 2),
        (31, 95, 4),
        (95, 223, 8),
        (223, 479, 16),
        (479, 991, 32),
        (991, 2015, 64),
        (2015, 4063, 128),
        (4063, 8159, 256),
    ]);
    assert_eq!(table[0], (-1, 1));
    for (n, (low, high)) in table.iter_mut().enumerate() {
        let (positive, negative) = (!(n as u8), !(n as u8 | 0x80));
        let middle = (*low + *high) / 2 * 4;
        *low = (*low).max(0);
        assert_eq!(i32::from(MuLaw(positive).to_i16()), middle, "code {n}");
        assert_eq!(i32::from(MuLaw(negative).to_i16()), -middle, "code {n}");
        assert_eq!(
            MuLaw(positive).to_f32().to_bits(),
            (middle as f32 / 32_768.0).to_bits()
        );
        assert_eq!(MuLaw(negative).to_f32(), -middle as f32 / 32_768.0);
        for v in *low * 4..*high * 4 {
            assert_eq!(MuLaw::from_i16(v as i16), MuLaw(positive), "{v}");
            assert_eq!(MuLaw::from_i16(!v as i16), MuLaw(negative), "{v}");
        }
    }
    for v in 8159 * 4..=32_767i32 {
        assert_eq!(MuLaw::from_i16(v as i16), MuLaw(0x80));
        assert_eq!(MuLaw::from_i16(!v as i16), MuLaw(0));
    }
}

#[test]
fn g711_codes_round_trip_by_value() {
    for code in 0..=255u8 {
        let mu = MuLaw(code);
        let again = MuLaw::from_f32(mu.to_f32());
        assert_eq!(again.to_i16(), mu.to_i16());
        // Only the second zero moves.
        assert!(again == mu || code == 0x7F);
        assert_eq!(ALaw::from_f32(ALaw(code).to_f32()), ALaw(code));
    }
    assert_eq!(MuLaw(0x7F).to_f32().to_bits(), 0);
}
