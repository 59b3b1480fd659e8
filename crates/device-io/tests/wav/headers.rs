//! Headers that lie, and headers that only seem to.

use device_io::wav::{Length, WavError};

use crate::made::{fmt, header, rf64, spec, wav};

#[test]
fn headers_that_lie_are_refused() {
    let lies = [
        fmt(1, 0, 48_000, 0, 16),
        fmt(1, 1, 0, 2, 16),
        fmt(1, 1, 768_001, 2, 16),
        fmt(1, 65, 48_000, 130, 16),
        fmt(0xfffe, 2, 48_000, 4, 16),
        fmt(1, 1, 48_000, 2, 16)[..13].to_vec(),
    ];
    for lie in lies {
        assert!(
            matches!(header(&wav(&lie, 4)), Err(WavError::Lies(_))),
            "{lie:?}"
        );
    }
    let mut backwards = b"RIFF\x00\x00\x00\x00WAVEdata\x04\x00\x00\x00".to_vec();
    backwards.extend([0; 4]);
    assert!(matches!(header(&backwards), Err(WavError::Lies(_))));
    assert!(matches!(
        header(&wav(&fmt(2, 1, 48_000, 256, 4), 4)),
        Err(WavError::Codec(2, 4))
    ));
    assert!(matches!(
        header(b"fLaC\x00\x00\x00\x22aaaaaaa"),
        Err(WavError::NotWav)
    ));
    let good = wav(&fmt(1, 1, 48_000, 2, 16), 4);
    for end in 0..good.len() {
        assert!(
            matches!(header(&good[..end]), Err(WavError::EndsInHeader)),
            "{end}"
        );
    }
    assert!(header(&good).is_ok());
    // A chunk that claims to be longer than the file.
    let mut long = b"RIFF\x00\x00\x00\x00WAVELIST\xff\xff\xff\xff".to_vec();
    long.extend([0; 100]);
    assert!(matches!(header(&long), Err(WavError::EndsInHeader)));
}

#[test]
fn chunks_that_nobody_knows_are_passed_over() {
    let mut bytes = b"RIFF\x00\x00\x00\x00WAVEodd \x03\x00\x00\x00abc\x00".to_vec();
    bytes.extend(&wav(&fmt(1, 1, 8_000, 1, 8), 4)[12..]);
    let header = header(&bytes).unwrap();
    assert_eq!(header.spec, spec("8000x1:u8"));
}

/// EBU Tech 3306 and ITU-R BS.2088: what is all ones is in the `ds64` chunk.
#[test]
fn lengths_of_64_bits_are_read() {
    let all_ones = u32::MAX;
    for id in [b"RF64", b"BW64"] {
        for long in [2, 0xffff_fffe, 0x1_0000_0000, 1 << 40] {
            let bytes = rf64(id, long, &[], b"", all_ones);
            assert_eq!(header(&bytes).unwrap().length, Length::Bytes(long));
        }
        // A length that is given where it always was stands.
        let bytes = rf64(id, 1 << 40, &[], b"", 6);
        assert_eq!(header(&bytes).unwrap().length, Length::Bytes(6));
        // Into a pipe.
        for unknown in [0, u64::MAX - 100] {
            let mut bytes = rf64(id, unknown, &[], b"", all_ones);
            if unknown > 0 {
                bytes[28..36].copy_from_slice(&[0xff; 8]);
            }
            assert_eq!(header(&bytes).unwrap().length, Length::ToTheEnd);
        }
    }
}

/// Any chunk may be as long; the table says so.
#[test]
fn a_long_chunk_in_front_of_the_samples_is_passed_over() {
    let chunk = b"bigd\xff\xff\xff\xffabc\0";
    let table: [(&[u8; 4], u64); 2] = [(b"else", 7), (b"bigd", 3)];
    let bytes = rf64(b"RF64", 1 << 33, &table, chunk, u32::MAX);
    assert_eq!(header(&bytes).unwrap().length, Length::Bytes(1 << 33));
    let bytes = rf64(b"RF64", 1 << 33, &table[..1], chunk, u32::MAX);
    assert!(matches!(header(&bytes), Err(WavError::EndsInHeader)));
}

#[test]
fn a_ds64_chunk_that_lies_harms_nothing() {
    let good = rf64(b"RF64", 1 << 33, &[(b"bigd", 3)], b"", u32::MAX);
    for end in 0..good.len() {
        assert!(
            matches!(header(&good[..end]), Err(WavError::EndsInHeader)),
            "{end}"
        );
    }
    // Too short to hold a length, and far too long.
    for bytes in [8_u32, 1 << 20] {
        let mut bad = b"RF64\xff\xff\xff\xffWAVEds64".to_vec();
        bad.extend(bytes.to_le_bytes());
        bad.extend(vec![1; bytes as usize]);
        bad.extend(&wav(&fmt(1, 1, 48_000, 2, 16), u32::MAX)[12..]);
        assert_eq!(header(&bad).unwrap().length, Length::ToTheEnd);
    }
}

/// MPlayer's and many others' `LIST` chunks: padding is forgotten, or is not 0.
#[test]
fn padding_that_was_forgotten_is_not_missed() {
    for padding in [&b"\0"[..], b"", b"x", b"d"] {
        let mut bytes = b"RIFF\x00\x00\x00\x00WAVELIST\x03\x00\x00\x00abc".to_vec();
        bytes.extend(padding);
        bytes.extend(&wav(&fmt(1, 1, 8_000, 1, 8), 4)[12..]);
        let header = header(&bytes).unwrap();
        assert_eq!(header.spec, spec("8000x1:u8"), "{padding:?}");
    }
}

/// `mmreg.h`.
#[test]
fn a_coding_that_is_not_supported_is_named() {
    for (tag, name) in [
        (0x31, "GSM 6.10"),
        (0x55, "MP3"),
        (0x11, "IMA ADPCM"),
        (0x704f, "Opus"),
        (0x1234, "an unknown coding"),
    ] {
        let error = header(&wav(&fmt(tag, 1, 8_000, 65, 0), 4)).unwrap_err();
        let words = format!("a WAV file of {name} (format tag {tag:#06x})");
        assert!(error.to_string().starts_with(&words), "{error}");
    }
}
