//! The original's float -> int16 step, and the faults that other projects shipped in theirs.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

use pcm_convert::{
    Dither, Quantizer, Rounding, Sample, SampleFormat, bytes, clean_non_finite, f32_to_i16,
    i16_to_f32,
};

#[derive(serde::Deserialize)]
struct Vectors {
    f32_bits: Vec<u32>,
    toward_zero: Vec<i16>,
    nearest_even: Vec<i16>,
}

fn vectors() -> (Vec<f32>, Vectors) {
    let v: Vectors = serde_json::from_str(include_str!("vectors/f32_to_i16.json")).unwrap();
    (v.f32_bits.iter().map(|b| f32::from_bits(*b)).collect(), v)
}

#[test]
fn every_vector_of_the_reference_under_both_roundings() {
    let (x, v) = vectors();
    assert!(x.len() > 2_000);
    for (rounding, expected) in [
        (Rounding::TowardZero, &v.toward_zero),
        (Rounding::NearestEven, &v.nearest_even),
    ] {
        let mut out = vec![0i16; x.len()];
        let done = Quantizer::new(1, rounding, Dither::None, 0).quantize(&x, &mut out);
        assert_eq!(done.samples, x.len());
        assert_eq!(&out, expected, "{rounding}");

        let mut raw = vec![0u8; x.len() * 2];
        assert_eq!(
            bytes::encode(SampleFormat::S16Be, rounding, &x, &mut raw),
            x.len()
        );
        let swapped: Vec<i16> = raw
            .as_chunks()
            .0
            .iter()
            .map(|b| i16::from_be_bytes(*b))
            .collect();
        assert_eq!(&swapped, expected, "{rounding}");
    }
    let mut out = vec![0i16; x.len()];
    f32_to_i16(&x, &mut out);
    assert_eq!(out, v.nearest_even);
}

/// mltframework/mlt#1286: 32767 one way and 32768 the other changed 65,535 of 65,536 values.
#[test]
fn round_trip_changes_no_value_under_any_rounding() {
    let all: Vec<i16> = (i16::MIN..=i16::MAX).collect();
    let mut float = vec![0.0; all.len()];
    assert_eq!(i16_to_f32(&all, &mut float), 65_536);
    assert!(
        float
            .iter()
            .zip(&all)
            .all(|(f, i)| *f == f32::from(*i) / 32_768.0)
    );
    for rounding in Rounding::ALL.iter().copied() {
        let mut back = vec![0i16; all.len()];
        Quantizer::new(2, rounding, Dither::None, 0).quantize(&float, &mut back);
        assert_eq!(back, all);
    }
}

/// devgianlu/go-librespot#339, adamstark/AudioFile#8, PortAudio/portaudio#977: 1.0 became -32768.
#[test]
fn full_scale_does_not_wrap() {
    let mut out = [0i16; 3];
    f32_to_i16(&[1.0, 0.999_984_74, 1.0f32.next_up()], &mut out);
    assert_eq!(out, [32_767; 3]);
}

/// PortAudio/portaudio#543: the scale of 32 bits, rounded to `f32`, overflowed at 1.0.
#[test]
fn full_scale_does_not_overflow_at_32_and_64_bits() {
    assert_eq!(
        (i32::from_f32(1.0), i32::from_f32(-1.0), u32::from_f32(1.0)),
        (i32::MAX, i32::MIN, u32::MAX)
    );
    assert_eq!(
        (i64::from_f32(1.0), i64::from_f64(1.0), i64::from_f64(-1.0)),
        (i64::MAX, i64::MAX, i64::MIN)
    );
    assert_eq!(
        (i32::from_f64(1.0), i32::from_f32(1.0f32.next_down())),
        (i32::MAX, 2_147_483_520)
    );
    let mut out = [0i32; 20];
    let done =
        Quantizer::new(1, Rounding::NearestEven, Dither::None, 0).quantize(&[1.0; 20], &mut out);
    assert_eq!((out, done.clipped), ([i32::MAX; 20], 20));
}

/// libsndfile/libsndfile#309: negative overs clipped to positive full scale. Floats above 65536, and infinities,
/// became the other end of the range: measured in FFmpeg, PipeWire, miniaudio, PortAudio and Oboe.
#[test]
fn overs_clip_to_full_scale_of_their_own_sign() {
    let overs = [
        1.5,
        65_535.0,
        65_536.0,
        65_537.0,
        1e10,
        1e30,
        f32::MAX,
        f32::INFINITY,
    ];
    let x: Vec<f32> = overs.iter().flat_map(|x| [*x, -x]).collect();
    for format in SampleFormat::ALL.iter().filter(|f| !f.is_float()) {
        let (mut raw, mut ends) = (vec![0u8; x.len() * 8], vec![0u8; 16]);
        bytes::encode(*format, Rounding::NearestEven, &x, &mut raw);
        bytes::encode(*format, Rounding::NearestEven, &[1.0, -1.0], &mut ends);
        let pair = 2 * format.bytes_per_sample();
        for got in raw[..x.len() / 2 * pair].chunks(pair) {
            assert_eq!(got, &ends[..pair], "{format}");
        }
    }
}

/// LMMS/lmms#1048, hkrn/nanoem#16: NaN and infinities reached the loudspeakers.
#[test]
fn nan_is_silence_and_counted_once() {
    let x = [
        f32::NAN,
        -f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        1e30,
        -1.5,
        0.25,
        1.0,
    ];
    for format in SampleFormat::ALL {
        let mut raw = [0xEEu8; 64];
        let done = Quantizer::new(1, Rounding::NearestEven, Dither::None, 0)
            .quantize_bytes(*format, &x, &mut raw);
        assert_eq!((done.samples, done.non_finite), (8, 4), "{format}");
        assert_eq!(
            done.clipped,
            if format.is_float() { 0 } else { 3 },
            "{format}"
        );
        let mut silence = [0u8; 8];
        format.fill_equilibrium(&mut silence);
        let size = format.bytes_per_sample();
        assert_eq!(raw[..size], silence[..size], "{format}");
        assert_eq!(raw[size..2 * size], silence[..size], "{format}");
    }
    let mut float = [0f32; 8];
    Quantizer::new(1, Rounding::NearestEven, Dither::Triangular, 0).quantize(&x, &mut float);
    assert_eq!(float, [0.0, 0.0, 1.0, -1.0, 1e30, -1.5, 0.25, 1.0]);
    let mut block = x;
    assert_eq!(clean_non_finite(&mut block), 4);
    assert_eq!(block, float);
}

/// The ends of the range of each width, and one step past them.
#[test]
fn clipped_counts_begin_one_step_past_the_range() {
    let count = |format, x: f32| {
        let mut raw = [0u8; 8];
        Quantizer::new(1, Rounding::NearestEven, Dither::None, 0)
            .quantize_bytes(format, &[x], &mut raw)
            .clipped
    };
    for (format, bits) in [
        (SampleFormat::U8, 8),
        (SampleFormat::S16Le, 16),
        (SampleFormat::MuLaw, 16),
        (SampleFormat::S24Be, 24),
        (SampleFormat::S24In32HighLe, 24),
    ] {
        let top = 1.0 - 2f32.powi(1 - bits);
        assert_eq!(
            (count(format, top), count(format, top.next_up())),
            (0, 1),
            "{format}"
        );
        assert_eq!(
            (count(format, -1.0), count(format, (-1.0f32).next_down())),
            (0, 1),
            "{format}"
        );
    }
    for format in [
        SampleFormat::S32Le,
        SampleFormat::U32Be,
        SampleFormat::S64Le,
    ] {
        assert_eq!(
            (count(format, 1.0f32.next_down()), count(format, 1.0)),
            (0, 1),
            "{format}"
        );
    }
}

/// A `Quantizer` told of no channels, or of too many, still is one.
#[test]
fn channel_counts_are_held_between_1_and_64() {
    for (asked, used) in [(0, 1), (1, 1), (64, 64), (65, 64), (usize::MAX, 64)] {
        for dither in Dither::ALL {
            let mut quantizer = Quantizer::new(asked, Rounding::NearestEven, *dither, 0);
            assert_eq!(quantizer.channels(), used);
            let mut out = [0i16; 300];
            assert_eq!(quantizer.quantize(&[0.1; 300], &mut out).samples, 300);
            assert!(out.iter().all(|v| (v - 3277).abs() < 60));
        }
    }
    assert!(size_of::<Quantizer>() < 2_700);
}
