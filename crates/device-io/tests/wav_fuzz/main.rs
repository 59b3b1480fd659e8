//! Any bytes at all as a WAV file: no panic, no endless loop, memory that does not depend on what the
//! bytes claim, and from a pipe the same as from a file.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, unsafe_code)]

mod corpus;
mod memory;
mod mutate;

use std::io::Read;

use device_io::wav::{Length, WavReader};

use crate::corpus::corpus;
use crate::mutate::Mutator;

/// Bytes that reading a header may take at a time: a `fmt ` and a `ds64` chunk of the largest size that is
/// believed, as they grow, and not what a chunk claims.
const MOST_BYTES: usize = 400_000;

/// A file or a pipe, and how often it was asked.
struct Source<'a> {
    bytes: &'a [u8],
    /// Delivered at a time.
    step: usize,
    reads: usize,
}

impl<'a> Source<'a> {
    fn new(bytes: &'a [u8], step: usize) -> Self {
        Self {
            bytes,
            step,
            reads: 0,
        }
    }
}

impl Read for Source<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        self.reads += 1;
        let most = bytes.len().min(self.step);
        self.bytes.read(&mut bytes[..most])
    }
}

/// What became of it.
#[derive(Debug, PartialEq)]
enum Outcome {
    Refused(String),
    Samples {
        spec: String,
        samples: Vec<u8>,
        is_followed: bool,
    },
}

fn read(bytes: &[u8], step: usize) -> Outcome {
    let mut source = Source::new(bytes, step);
    let result = match WavReader::new(&mut source) {
        Err(error) => Outcome::Refused(error.to_string()),
        Ok(mut reader) => {
            let header = reader.header();
            assert!((1..=64).contains(&header.spec.channels()));
            assert!((1..=768_000).contains(&header.spec.rate_hz));
            let mut samples = Vec::new();
            reader.read_to_end(&mut samples).unwrap();
            assert_eq!(reader.read_bytes(), samples.len() as u64);
            if let Length::Bytes(most) = header.length {
                assert!(samples.len() as u64 <= most);
            }
            assert!(
                bytes
                    .windows(samples.len().max(1))
                    .any(|part| part == samples)
                    || samples.is_empty()
            );
            // Once more: it stays at its end.
            assert_eq!(reader.read(&mut [0; 9]).unwrap(), 0);
            Outcome::Samples {
                spec: header.spec.to_string(),
                samples,
                is_followed: reader.is_followed_by_wav().unwrap(),
            }
        }
    };
    // Each read brings a byte, but for the few that meet the end.
    let most_reads = 200 + 3 * bytes.len();
    assert!(source.reads <= most_reads, "{} reads", source.reads);
    result
}

fn check(bytes: &[u8]) {
    let (file, memory) = memory::peak(|| read(bytes, usize::MAX));
    assert!(
        memory <= MOST_BYTES + 4 * bytes.len(),
        "{memory} bytes for {}",
        bytes.len()
    );
    for step in [1, 5] {
        assert_eq!(read(bytes, step), file, "in steps of {step}");
    }
}

fn fuzz(seed: u64, cases: u64) {
    let corpus = corpus();
    let mut mutator = Mutator::new(seed);
    let mut accepted = 0;
    for case in 0..cases {
        let bytes = mutator.mutated(&corpus);
        let checked = std::panic::catch_unwind(|| check(&bytes));
        assert!(checked.is_ok(), "case {case} of seed {seed}: {bytes:02x?}");
        accepted += u64::from(WavReader::new(&bytes[..]).is_ok());
    }
    // It would show nothing if all of them were refused at once, or none.
    let share = accepted as f64 / cases as f64;
    assert!((0.1..0.9).contains(&share), "{share}");
}

#[test]
fn the_corpus_is_read() {
    for (name, bytes) in corpus() {
        check(&bytes);
        assert!(WavReader::new(&bytes[..]).is_ok(), "{name}");
    }
}

#[test]
fn what_is_no_header_is_refused_or_read() {
    fuzz(1, 100_000);
}

#[test]
#[ignore = "minutes; cargo xtask test --exhaustive"]
fn what_is_no_header_is_refused_or_read_many_millions_of_times() {
    for seed in 2..12 {
        fuzz(seed, 2_000_000);
    }
}

/// From a pipe that never ends, too.
#[test]
fn an_endless_header_comes_to_an_end() {
    for pattern in [
        &[0; 8][..],
        b"LIST\0\0\0\0",
        b"abcd\x01\0\0\0x\0",
        b"ds64\0\0\0\0",
    ] {
        struct Endless<'a>(&'a [u8], usize);
        impl Read for Endless<'_> {
            fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
                for byte in bytes.iter_mut() {
                    *byte = self.0[self.1 % self.0.len()];
                    self.1 += 1;
                }
                Ok(bytes.len())
            }
        }
        let head: &[u8] = b"RIFF\0\0\0\0WAVE";
        let error = WavReader::new(head.chain(Endless(pattern, 0)))
            .err()
            .unwrap();
        assert!(error.to_string().contains("wrong"), "{error}");
    }
}

#[test]
fn a_claim_takes_no_memory() {
    for id in [b"fmt ", b"ds64", b"LIST", b"data"] {
        for claim in [
            u32::MAX,
            u32::MAX - 1,
            1 << 31,
            1 << 20,
            (1 << 16) + 1,
            1 << 16,
        ] {
            let mut bytes = b"RF64\0\0\0\0WAVE".to_vec();
            bytes.extend(*id);
            bytes.extend(claim.to_le_bytes());
            bytes.extend([1; 1_000]);
            check(&bytes);
        }
    }
}
