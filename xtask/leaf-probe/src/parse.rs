//! What reads text and headers: whatever is given, it is refused or read, and what it prints reads back.

use std::fmt::Display;
use std::io::Read;
use std::str::FromStr;

use channel_mix::{ChannelLayout, MixRules};
use device_io::wav::{WavHeader, WavReader};
use pcm_convert::{Dither, NoiseShaper, Rounding, SampleFormat};
use rt_callback::{Resample, StreamSpec};

use crate::Case;
use crate::random::Random;

const TEXTS: [&str; 14] = [
    "48000x2:s16le",
    "768000xFL+FR+BC:f64be",
    "s24_32hle:44100:7.1.4",
    "24000xdiscrete-64:mulaw",
    "5.1(back)",
    "quad(side)",
    "discrete-9",
    "FL+FR+FC+LFE+BL+BR+TFL",
    "speakers",
    "f-weighted-3",
    "tpdf-hp",
    "nearest-even",
    "balanced",
    "18446744073709551616",
];

pub fn case(case: &mut Case) {
    match case.random.below(2) {
        0 => text(case),
        _ => header(case),
    }
}

/// Bytes changed here and there.
fn damage(random: &mut Random, bytes: &mut Vec<u8>, other: &[u8]) {
    for _ in 0..random.below(5) {
        let at = random.below(bytes.len() + 1);
        let end = (at + random.below(6)).min(bytes.len());
        match random.below(7) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => bytes[at..end].fill(random.pick(&[0, 0xFF, b'0', b'9', b'+', 0x80])),
            3 => {
                let from = random.below(other.len());
                let to = (from + random.below(9)).min(other.len());
                bytes.splice(at..at, other[from..to].iter().copied());
            }
            4 => bytes.insert(at, random.next() as u8),
            _ if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            _ => {}
        }
    }
}

/// What it prints reads back as the same.
fn round_trip<T: FromStr + Display + PartialEq>(text: &str) -> usize
where
    T::Err: Display,
{
    match text.parse::<T>() {
        Ok(value) => {
            let printed = value.to_string();
            assert!(
                printed.parse::<T>().is_ok_and(|again| again == value),
                "{text} {printed}"
            );
            1
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            0
        }
    }
}

fn text(case: &mut Case) {
    let (text, other) = (case.random.pick(&TEXTS), case.random.pick(&TEXTS));
    let mut bytes = text.as_bytes().to_vec();
    damage(&mut case.random, &mut bytes, other.as_bytes());
    let text = String::from_utf8_lossy(&bytes)
        .into_owned()
        .into_boxed_str();
    let mut read = round_trip::<SampleFormat>(&text);
    read += 2 * round_trip::<Dither>(&text);
    read += 4 * round_trip::<Rounding>(&text);
    read += 8 * round_trip::<NoiseShaper>(&text);
    read += 16 * round_trip::<MixRules>(&text);
    read += 32 * round_trip::<ChannelLayout>(&text);
    read += 64 * round_trip::<StreamSpec>(&text);
    read += 128 * round_trip::<Resample>(&text);
    if let Ok(spec) = StreamSpec::parse_raw(&text) {
        assert!((1..=64).contains(&spec.channels()) && (1..=768_000).contains(&spec.rate_hz));
        read += 256;
    }
    case.digest.count(read);
    case.calls += 9;
}

fn wav(random: &mut Random) -> Vec<u8> {
    let format = random.pick(SampleFormat::ALL);
    let layout = ChannelLayout::from_count(1 + random.below(8)).unwrap_or(ChannelLayout::MONO);
    let spec = StreamSpec::new(format, 1 + random.below(768_000) as u32, layout);
    let mut bytes =
        WavHeader::stream(&spec).unwrap_or_else(|_| b"RF64\0\0\0\0WAVEds64\x1c\0\0\0".to_vec());
    bytes.extend((0..random.below(80)).map(|at| at as u8));
    if random.one_in(3) {
        bytes.extend(b"LIST\x04\0\0\0INFO");
    }
    bytes
}

fn header(case: &mut Case) {
    let other = wav(&mut case.random);
    let mut bytes = wav(&mut case.random);
    damage(&mut case.random, &mut bytes, &other);
    if case.random.one_in(4) {
        // A size where one may stand.
        let at = case.random.below(bytes.len() / 2) * 2;
        let size = case
            .random
            .pick(&[0, 1, 7, 0x7FFF_FFFF, 0x8000_0000, u32::MAX - 1, u32::MAX]);
        let end = (at + 4).min(bytes.len());
        bytes.splice(at..end, size.to_le_bytes());
    }
    let bytes = bytes.into_boxed_slice();
    let _ = WavHeader::begins_with(&bytes);
    let header = WavHeader::read(&mut &bytes[..]);
    let reader = WavReader::new(&bytes[..]);
    assert_eq!(header.is_ok(), reader.is_ok());
    case.calls += 3;
    let (Ok(header), Ok(mut reader)) = (header, reader) else {
        return;
    };
    assert!(header == reader.header() && (1..=64).contains(&header.spec.channels()));
    let mut samples = Vec::new();
    reader.read_to_end(&mut samples).unwrap();
    assert!(reader.read_bytes() == samples.len() as u64 && samples.len() <= bytes.len());
    let is_followed = reader.is_followed_by_wav().unwrap();
    case.digest.bytes(&samples);
    case.digest.count(usize::from(is_followed));
    case.calls += 3;
}
