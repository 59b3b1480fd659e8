//! Fields that say what others have said already: where they are wrong, nothing is lost.
//!
//! ffmpeg 5.1 and SoX 14.4 read the samples that are expected here.

use std::io::Read;

use device_io::wav::{Length, WavError, WavReader};

use crate::made::{fmt, header, samples, spec, wav};

const SAMPLES: [u8; 24] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
];

fn file(fmt: &[u8]) -> Vec<u8> {
    [&wav(fmt, 24)[..], &SAMPLES].concat()
}

/// `WAVEFORMATEXTENSIBLE` (`mmreg.h`).
fn extensible(channels: u16, bits: u16, valid_bits: u16, mask: u32, tag: u16) -> Vec<u8> {
    let mut body = fmt(0xfffe, channels, 48_000, channels * bits.div_ceil(8), bits);
    body.extend(22_u16.to_le_bytes());
    body.extend(valid_bits.to_le_bytes());
    body.extend(mask.to_le_bytes());
    body.extend(tag.to_le_bytes());
    body.extend(b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71");
    body
}

/// The size of a frame is 0, in bits, that of one sample, or another file's.
#[test]
fn bits_and_channels_rule_over_the_size_of_a_frame() {
    for frame_bytes in [0, 1, 2, 4, 32, 0xffff] {
        let bytes = file(&fmt(1, 2, 48_000, frame_bytes, 16));
        assert_eq!(header(&bytes).unwrap().spec, spec("48000x2:s16le"));
        assert_eq!(samples(&bytes), SAMPLES);
        let bytes = file(&fmt(3, 1, 48_000, frame_bytes, 32));
        assert_eq!(header(&bytes).unwrap().spec, spec("48000x1:f32le"));
    }
}

/// So many bytes as the bits need, and the bits are the upper ones (RIFF 1991, "Data Packing for PCM
/// WAVE Files").
#[test]
fn bits_that_fill_no_byte_are_the_upper_ones_of_it() {
    for (bits, format) in [
        (4, "u8"),
        (8, "u8"),
        (12, "s16le"),
        (14, "s16le"),
        (20, "s24le"),
        (24, "s24le"),
        (28, "s32le"),
        (64, "s64le"),
    ] {
        let plain = file(&fmt(1, 1, 48_000, 0, bits));
        let expected = spec(&format!("48000x1:{format}"));
        assert_eq!(header(&plain).unwrap().spec, expected, "{bits}");
        assert_eq!(samples(&plain), SAMPLES);
        let valid = file(&extensible(1, bits, bits, 4, 1));
        assert_eq!(header(&valid).unwrap().spec, expected, "{bits}");
    }
    // 20 bits in a container of 24, 24 in one of 32: the container's size is said.
    for (bits, valid, format) in [(24, 20, "s24le"), (32, 24, "s32le"), (16, 12, "s16le")] {
        let bytes = file(&extensible(1, bits, valid, 4, 1));
        let expected = spec(&format!("48000x1:{format}"));
        assert_eq!(header(&bytes).unwrap().spec, expected);
    }
}

/// G.711 has 8 bits, whatever is said.
#[test]
fn the_bits_of_g711_are_known() {
    for (tag, format) in [(6, "alaw"), (7, "mulaw")] {
        for bits in [0, 8, 13, 14, 16] {
            let bytes = file(&fmt(tag, 1, 8_000, 1, bits));
            let expected = spec(&format!("8000x1:{format}"));
            assert_eq!(header(&bytes).unwrap().spec, expected);
        }
    }
}

/// Then the size of a frame is all there is to go by.
#[test]
fn bits_that_are_missing_follow_from_the_size_of_a_frame() {
    let expected = spec("48000x2:s16le");
    assert_eq!(
        header(&file(&fmt(1, 2, 48_000, 4, 0))).unwrap().spec,
        expected
    );
    let short = &fmt(1, 2, 48_000, 4, 0)[..14];
    assert_eq!(header(&file(short)).unwrap().spec, expected);
    let body = extensible(2, 0, 16, 3, 1);
    assert_eq!(header(&file(&body)).unwrap().spec, expected);
    assert!(matches!(
        header(&file(&fmt(1, 2, 48_000, 0, 0))),
        Err(WavError::Codec(1, 0))
    ));
}

/// The bytes a second, the size of what is extended, a body that goes on: nobody needs them.
#[test]
fn the_rest_is_advice() {
    let mut body = extensible(2, 16, 0, 3, 1);
    body[8..12].fill(0xff);
    body[16..18].fill(0);
    assert_eq!(header(&file(&body)).unwrap().spec, spec("48000x2:s16le"));
    body.extend([0; 100]);
    assert_eq!(header(&file(&body)).unwrap().spec, spec("48000x2:s16le"));
    // A second fmt chunk counts for nothing.
    let mut twice = wav(&fmt(1, 1, 8_000, 1, 8), 24);
    twice.truncate(36);
    twice.extend(&file(&fmt(2, 0, 0, 0, 0))[12..]);
    assert_eq!(header(&twice).unwrap().spec, spec("8000x1:u8"));
}

/// ruuda/hound#87, naudio/NAudio#1234: the front left speaker is named where there is but one channel.
#[test]
fn one_channel_is_mono() {
    for mask in [0, 1, 4, 3, 0x8000_0000] {
        let bytes = file(&extensible(1, 16, 16, mask, 1));
        let layout = header(&bytes).unwrap().spec.layout;
        assert_eq!(layout, rt_callback::ChannelLayout::MONO, "{mask:#x}");
    }
    // Another one's own file is another one's.
    let bytes = file(&extensible(1, 16, 16, 8, 1));
    assert_eq!(header(&bytes).unwrap().spec.layout.mask(), Some(8));
}

#[test]
fn what_has_no_meaning_is_refused() {
    for (body, what) in [
        (fmt(1, 0, 48_000, 4, 16), "0 channels"),
        (fmt(1, 2, 0, 4, 16), "rate"),
        (fmt(3, 2, 48_000, 4, 16), "floating point"),
        (fmt(3, 2, 48_000, 6, 24), "floating point"),
        (fmt(1, 2, 48_000, 10, 40), "PCM"),
        (fmt(1, 2, 48_000, 2, 65), "PCM"),
        (fmt(0, 2, 48_000, 4, 16), "unknown coding"),
        (extensible(2, 16, 16, 3, 0), "unknown coding"),
    ] {
        let error = header(&file(&body)).unwrap_err();
        assert!(error.to_string().contains(what), "{error}");
    }
}

/// ITU-R BS.2088: in BW64 the chunks of what is heard are in front or behind.
#[test]
fn bw64_is_read_as_rf64() {
    let mut bytes = b"BW64\xff\xff\xff\xffWAVEds64\x1c\x00\x00\x00".to_vec();
    for length in [200, 24, 12_u64] {
        bytes.extend(length.to_le_bytes());
    }
    bytes.extend(0_u32.to_le_bytes());
    bytes.extend(&wav(&fmt(1, 1, 48_000, 2, 16), 0)[12..36]);
    bytes.extend(b"chna\x04\x00\x00\x00\x00\x00\x00\x00data\xff\xff\xff\xff");
    bytes.extend(SAMPLES);
    bytes.extend(b"axml\x02\x00\x00\x00<>");
    assert_eq!(header(&bytes).unwrap().length, Length::Bytes(24));
    assert_eq!(samples(&bytes), SAMPLES);
    let mut reader = WavReader::new(&bytes[..]).unwrap();
    reader.read_to_end(&mut Vec::new()).unwrap();
    assert!(!reader.is_followed_by_wav().unwrap());
}
