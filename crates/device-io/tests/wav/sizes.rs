//! How many samples there are: the header's word, and where it is none.

use std::io::{self, Read, Seek, SeekFrom, Write};

use device_io::wav::{Length, WavReader};

use crate::made::{fmt, header, rf64, samples, wav};

const SAMPLES: &[u8] = b"\x01\x00\x02\x00\xff\xff\x20\x20\x80\x7f\x03\x00";
const LIST: &[u8] = b"LIST\x1a\x00\x00\x00INFOISFT\x0e\x00\x00\x00Lavf58.29.100\x00";

fn file(data: u32, behind: &[&[u8]]) -> Vec<u8> {
    let mut bytes = wav(&fmt(1, 1, 48_000, 2, 16), data);
    bytes.extend(behind.concat());
    bytes
}

/// rhasspy/piper#556. Python's `wave` into a pipe never comes back to its header; ffmpeg, arecord and sox leave the
/// highest length behind.
#[test]
fn a_length_that_was_never_filled_in_means_all_there_is() {
    for unknown in [
        0,
        u32::MAX,
        0x7fff_f000,
        0x7fff_ffff,
        0x8000_0000,
        u32::MAX - 36,
        0x7fff_ffff - 36,
    ] {
        for riff in [0, 36, u32::MAX] {
            let mut bytes = file(unknown, &[SAMPLES]);
            bytes[4..8].copy_from_slice(&u32::to_le_bytes(riff));
            assert_eq!(samples(&bytes), SAMPLES, "{unknown:#x}");
        }
        // Fewer bytes than a chunk's head are samples too.
        for end in 1..8 {
            let bytes = file(unknown, &[&SAMPLES[..end]]);
            assert_eq!(samples(&bytes), SAMPLES[..end], "{unknown:#x}");
        }
        assert_eq!(samples(&file(unknown, &[])), b"");
    }
}

/// A recording that was stopped before it began.
#[test]
fn no_samples_before_a_chunk_are_no_samples() {
    for chunk in [LIST, b"id3 \x02\x00\x00\x00xx", b"PAD \x00\x00\x00\x00"] {
        assert_eq!(samples(&file(0, &[chunk])), b"");
        assert_eq!(samples(&file(0, &[chunk, LIST])), b"");
    }
    // Samples that begin as no chunk does: its length would be that of no chunk.
    let loud = b"LIST\x20\x20\x20\x20\x20\x20";
    assert_eq!(samples(&file(0, &[loud])), loud);
}

#[test]
fn what_stands_behind_a_known_length_is_no_sound() {
    for behind in [LIST, b"TAG and more", SAMPLES, b"\x00"] {
        assert_eq!(samples(&file(12, &[SAMPLES, behind])), SAMPLES);
        assert_eq!(samples(&file(10, &[SAMPLES, behind])), SAMPLES[..10]);
    }
    // Odd lengths are padded.
    let mut odd = wav(&fmt(1, 1, 8_000, 1, 8), 3);
    odd.extend(b"abc\x00");
    odd.extend(LIST);
    assert_eq!(samples(&odd), b"abc");
}

/// So many bytes, which nobody has to make.
struct Zeros(u64);

impl Read for Zeros {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = bytes
            .len()
            .min(usize::try_from(self.0).unwrap_or(usize::MAX));
        // They are zero already.
        self.0 -= count as u64;
        Ok(count)
    }
}

/// How many bytes of samples are in the file.
fn count(bytes: impl Read) -> u64 {
    let mut reader = WavReader::new(bytes).unwrap();
    let mut block = vec![0; 1 << 24];
    while reader.read(&mut block).unwrap() > 0 {}
    assert!(!reader.is_followed_by_wav().unwrap());
    reader.read_bytes()
}

/// FFMS/ffms2#389. ffmpeg writes whole files of so many bytes. What stands behind them is no sound; without it, and
/// where there is more, they are all there is.
#[test]
fn a_length_of_2_to_4_gib_is_true() {
    for length in [
        0x7fff_f000_u32,
        0x7fff_fffe,
        0x8000_0000,
        0x8000_0002,
        0xc000_0000,
        0xffff_f000,
        0xffff_fff0,
    ] {
        let head = file(length, &[]);
        let zeros = || Zeros(u64::from(length));
        assert_eq!(
            count(head.as_slice().chain(zeros()).chain(LIST)),
            u64::from(length)
        );
        let head = file(length, &[]);
        assert_eq!(count(head.as_slice().chain(zeros())), u64::from(length));
    }
    // An odd one is padded, or should be.
    for padding in [&b"\0"[..], b""] {
        for behind in [LIST, b""] {
            let head = file(0x7fff_ffff, &[]);
            let samples = head.as_slice().chain(Zeros(0x7fff_ffff));
            let file = samples.chain(padding).chain(behind);
            assert_eq!(count(file), 0x7fff_ffff, "{padding:?} {behind:?}");
        }
    }
    let forever = Zeros(1 << 34);
    assert_eq!(
        count(file(0x7fff_f000, &[]).as_slice().chain(forever)),
        1 << 34
    );
    let longer = Zeros(1 << 34);
    assert_eq!(
        count(file(0x9000_0000, &[]).as_slice().chain(longer)),
        0x9000_0000
    );
}

/// As [`a_length_of_2_to_4_gib_is_true`], from a disk, on which the zeros take no room.
#[test]
#[ignore = "reads GiBs; cargo xtask test --exhaustive"]
fn a_file_of_2_to_4_gib_is_read_to_its_length() {
    for length in [0x7fff_fffe_u32, 0x8000_0000, 0xffff_fff0] {
        let mut sparse = tempfile::tempfile().unwrap();
        sparse.write_all(&file(length, &[])).unwrap();
        sparse.seek(SeekFrom::Current(i64::from(length))).unwrap();
        sparse.write_all(LIST).unwrap();
        sparse.seek(SeekFrom::Start(0)).unwrap();
        assert_eq!(count(sparse), u64::from(length));
    }
}

#[test]
fn what_the_header_says_of_the_length() {
    for (data, length) in [
        (0, Length::Doubtful(0)),
        (2, Length::Bytes(2)),
        (0x7fff_ffff, Length::Doubtful(0x7fff_ffff)),
        (0x8000_0002, Length::Bytes(0x8000_0002)),
        (0xfff0_0000, Length::Bytes(0xfff0_0000)),
        (0xffff_fffe, Length::Doubtful(0xffff_fffe)),
        (u32::MAX, Length::ToTheEnd),
    ] {
        assert_eq!(header(&file(data, &[])).unwrap().length, length);
    }
}

/// EBU Tech 3306: the length of 32 bits counts unless it is all ones. Some writers fill in only one of
/// the two.
#[test]
fn whichever_length_is_filled_in_counts() {
    for id in [b"RF64", b"BW64"] {
        for (long, short) in [(0, 12), (12, u32::MAX), (12, 0), (12, 12), (u64::MAX, 12)] {
            let long = if long == u64::MAX {
                u64::MAX - 100
            } else {
                long
            };
            let mut bytes = rf64(id, long, &[], b"", short);
            if long > 12 {
                bytes[28..36].fill(0xff);
            }
            bytes.extend([SAMPLES, LIST].concat());
            assert_eq!(samples(&bytes), SAMPLES, "{long} {short}");
        }
        // Neither: into a pipe.
        for short in [0, u32::MAX] {
            let mut bytes = rf64(id, 0, &[], b"", short);
            bytes.extend(SAMPLES);
            assert_eq!(samples(&bytes), SAMPLES);
        }
    }
}

#[test]
fn a_second_file_behind_the_first_is_seen() {
    let one = file(12, &[SAMPLES]);
    let mut odd = wav(&fmt(1, 1, 8_000, 1, 8), 3);
    odd.extend(b"abc");
    let padded = [&odd[..], b"\0"].concat();
    let is_followed = |bytes: &[u8]| {
        let mut reader = WavReader::new(bytes).unwrap();
        reader.read_to_end(&mut Vec::new()).unwrap();
        reader.is_followed_by_wav().unwrap()
    };
    for first in [&one, &odd, &padded] {
        assert!(!is_followed(first));
        for between in [
            &b""[..],
            LIST,
            b"odd \x01\x00\x00\x00x\x00",
            b"c   \x02\x00\x00\x00xx",
        ] {
            let two = [first, between, &one].concat();
            assert!(is_followed(&two), "{between:?}");
            assert!(!is_followed(&[first, between].concat()));
            assert!(!is_followed(&[first, between, b"RIFF of nothing"].concat()));
        }
    }
}
