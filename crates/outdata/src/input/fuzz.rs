//! Whatever the bytes, [`Input`] neither panics, nor goes on without an end, nor takes more memory than
//! the file and a few buffers.
//!
//! The corpus is the tests' assets and some files made here, each damaged in many ways that a seed repeats:
//! a failure names its file and its seed. The long run is ignored, and part of `--exhaustive`.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::input::{Input, Next};
use crate::source::Source;

/// Frames that are read of one input; silence for what is missing may be long.
const MOST_FRAMES: usize = 20_000_000;
/// A few hundred times what the slowest of the corpus takes.
const MOST_TIME: Duration = Duration::from_secs(20);

/// Among the first is one on which a decoder of symphonia panics.
const FIRST_SEED: u64 = 1_000_000;

/// A file, and its name for the messages.
struct Seed {
    name: String,
    bytes: Vec<u8>,
}

fn corpus() -> Vec<Seed> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/assets");
    let mut seeds: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().extension().is_some_and(|kind| kind != "md"))
        .map(|entry| Seed {
            name: entry.file_name().into_string().unwrap(),
            bytes: fs::read(entry.path()).unwrap(),
        })
        .collect();
    seeds.sort_by(|one, other| one.name.cmp(&other.name));
    let is_mp3 = |seed: &&Seed| seed.name == "vbr.mp3";
    let mp3 = seeds.iter().find(is_mp3).unwrap().bytes.clone();
    let mut make = |name: &str, bytes: Vec<u8>| {
        seeds.push(Seed {
            name: name.to_owned(),
            bytes,
        });
    };
    let wav = |id: &[u8], fmt: &[u8]| {
        let sizes = b"ds64\x1c\0\0\0\0\x02\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0";
        let ds64 = if id == b"RIFF" { &[][..] } else { sizes };
        let data = [
            b"data\0\x02\0\0".as_slice(),
            &[7; 512],
            b"LIST\x04\0\0\0INFO",
        ]
        .concat();
        [id, b"\xff\xff\0\0WAVE", ds64, b"fmt ", fmt, &data].concat()
    };
    let plain = b"\x10\0\0\0\x01\0\x02\0\x44\xac\0\0\x10\xb1\x02\0\x04\0\x10\0";
    let extensible =
        b"\x28\0\0\0\xfe\xff\x01\0\x44\xac\0\0\x88\x58\x01\0\x02\0\x10\0\x16\0\x10\0\x01\0\0\0\
                       \x01\0\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71";
    make("plain.wav", wav(b"RIFF", plain));
    make("extensible.wav", wav(b"RIFF", extensible));
    make("long.wav", wav(b"RF64", plain));
    let aiff =
        b"FORM\0\0\0\x42AIFFCOMM\0\0\0\x12\0\x02\0\0\0\x05\0\x10\x40\x0e\xbb\x80\0\0\0\0\0\0\
                 SSND\0\0\0\x1c\0\0\0\0\0\0\0\0abcdefghijklmnopqrst";
    make("a.aiff", aiff.to_vec());
    let adts = [b"\xff\xf1\x4c\x80\x02\x1f\xfc".as_slice(), &[0x21; 9]].concat();
    make("a.aac", adts.repeat(8));
    let tag =
        b"ID3\x03\0\0\0\0\0\x20TIT2\0\0\0\x09\0\0\x01\xff\xfea\0b\0c\0COMM\0\0\0\x03\0\0\0abc";
    make(
        "tagged.mp3",
        [tag, &mp3[..], b"TAG", &[b'x'; 125], &mp3].concat(),
    );
    make("nothing", Vec::new());
    seeds
}

/// xorshift64*
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end.max(1)
    }
}

/// What decoders look for, and numbers at their limits.
const WORDS: [&[u8]; 20] = [
    b"fLaC",
    b"OggS\0",
    b"ID3\x04\0\0",
    b"TAG",
    b"APETAGEX",
    b"RIFF",
    b"data",
    b"Xing\0\0\0\x0f",
    b"LAME",
    b"\xff\xfb\x90\x64",
    b"\xff\xf8\xc9\x18",
    b"\x01vorbis",
    b"\x7fFLAC\x01",
    b"moov",
    b"\x1f\x43\xb6\x75",
    &[0; 4],
    &[0xff; 4],
    &[0x7f, 0xff, 0xff, 0xff],
    &[0x80, 0, 0, 0],
    &[0xff; 8],
];

fn damage(mut bytes: Vec<u8>, other: &[u8], random: &mut Random) -> Vec<u8> {
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len());
        // Most of what can go wrong stands at the beginning.
        let at = if random.below(2) == 0 {
            at.min(random.below(300))
        } else {
            at
        };
        let end = (at + random.below(40)).min(bytes.len());
        match random.below(9) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => bytes[at..end].fill([0, 0xff, 0x55][random.below(3)]),
            3 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            4 => {
                let from = random.below(other.len());
                let to = (from + random.below(2_000)).min(other.len());
                bytes.splice(at..at, other[from..to].to_vec());
            }
            5 => {
                let word = WORDS[random.below(WORDS.len())];
                let end = (at + word.len()).min(bytes.len());
                bytes.splice(at..end, word.to_vec());
            }
            6 => bytes.extend_from_slice(other),
            _ if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            _ => {}
        }
    }
    bytes.truncate(1 << 18);
    bytes
}

/// Opens and reads it; neither a refusal nor an error is a failure.
fn read(bytes: Vec<u8>) -> usize {
    let source = Source::from_reader(Cursor::new(bytes));
    let Ok(mut input) = Input::sniffed("fuzz", source, false) else {
        return 0;
    };
    let (mut samples, mut frames) = (Vec::new(), 0);
    let mut changes = 0;
    while frames < MOST_FRAMES {
        match input.read(4_096, &mut samples) {
            Ok(Next::Frames(count)) => {
                assert!(count > 0 && samples.len() == count * input.spec().frame_bytes());
                frames += count;
            }
            Ok(Next::Changed(_)) => changes += 1,
            Ok(Next::End) | Err(_) => break,
        }
    }
    let _ = (input.about(), input.warnings());
    assert!(changes < 1 << 18, "it changes without an end");
    frames
}

/// Resident memory at its highest, in bytes.
fn peak_memory() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}

fn run(rounds: u64, first_seed: u64) {
    let corpus = corpus();
    let begin = peak_memory();
    for round in 0..rounds {
        let seed = first_seed + round;
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let file = &corpus[round as usize % corpus.len()];
        let other = &corpus[random.below(corpus.len())];
        let bytes = damage(file.bytes.clone(), &other.bytes, &mut random);
        let what = format!("{} with seed {seed}", file.name);
        let started = Instant::now();
        let read = std::panic::catch_unwind(|| read(bytes));
        assert!(read.is_ok(), "{what} panics");
        assert!(
            started.elapsed() < MOST_TIME,
            "{what} takes {:?}",
            started.elapsed()
        );
        // A file has 256 KiB at most; a decoder's tables and a page of silence have the rest.
        if let (Some(begin), Some(now)) = (begin, peak_memory()) {
            assert!(
                now - begin < 256 << 20,
                "{what} takes {} MiB",
                (now - begin) >> 20
            );
        }
    }
}

#[test]
fn the_corpus_itself_is_read() {
    for Seed { name, bytes } in corpus() {
        // Nothing is there, or nothing that is decoded.
        let is_empty = matches!(name.as_str(), "nothing" | "opus.ogg" | "three.ogg");
        // What FFmpeg would call AAC has no sound in it.
        let is_read = read(bytes) > 0 || name == "a.aac";
        assert_eq!(is_read, !is_empty, "{name}");
    }
}

#[test]
fn damaged_files_neither_panic_nor_hang_nor_take_memory() {
    run(1_500, FIRST_SEED);
}

#[test]
#[ignore = "minutes; cargo xtask test --exhaustive"]
fn many_damaged_files_neither_panic_nor_hang_nor_take_memory() {
    let first_seed = std::env::var("OUTDATA_FUZZ_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    run(300_000, first_seed.unwrap_or(FIRST_SEED));
}
