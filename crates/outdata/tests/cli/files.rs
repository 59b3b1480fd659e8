//! WAV, FLAC, MP3, Ogg and the demo.

use std::fs;
use std::path::Path;

use crate::bench::{Bench, assert_fails, report, speech, text, wav};

#[test]
fn wav_in_and_wav_out() {
    let bench = Bench::new();
    let output = bench.run_with(
        &speech(),
        &[
            "render",
            "--raw",
            "s16le:24000:1",
            "--to",
            "24000x1:s16le",
            "-",
            "one.wav",
        ],
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let output = bench.run(&["render", "one.wav", "two.WAV", "--to", "24000x1:s16le"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let one = fs::read(bench.path("one.wav")).unwrap();
    assert!(bench.samples("one.wav") == bench.samples("two.WAV"));
    // How long it would become was known, and so its header is as short as can be.
    assert_eq!(fs::read(bench.path("two.WAV")).unwrap().len(), 44 + 48_000);
    let read: Vec<u8> = hound::WavReader::new(&one[..])
        .unwrap()
        .samples::<i16>()
        .flat_map(|sample| sample.unwrap().to_le_bytes())
        .collect();
    assert!(read == speech());
    // From a pipe, too.
    let piped = bench.run_with(&one, &["render", "-", "-", "--to", "24000x1:s16le"]);
    assert!(piped.stdout == speech());
}

#[test]
fn the_demo_writes_a_wav_and_a_report() {
    let bench = Bench::new();
    let output = bench.run(&["demo"]);
    assert_eq!(output.status.code(), Some(0));
    let said = text(&output.stdout);
    for words in [
        "outdata-demo.wav",
        "22050x1:s16le -> 48000x2:f32le",
        "0 underruns",
        "0 guard trips",
        "p50",
        "p99",
        "max",
        "% of the block's budget",
    ] {
        assert!(said.contains(words), "{said}");
    }
    let reader = hound::WavReader::open(bench.path("outdata-demo.wav")).unwrap();
    assert_eq!(reader.spec().sample_rate, 48_000);
    assert_eq!(reader.spec().channels, 2);
    let samples: Vec<f32> = reader.into_samples().map(Result::unwrap).collect();
    assert!(samples.iter().any(|sample| sample.abs() > 0.1), "it speaks");
    assert!(samples.chunks(2).all(|frame| frame[0] == frame[1]));
    let output = bench.run(&["demo", "--out", "other.wav"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(bench.names(), ["other.wav", "outdata-demo.wav"]);
}

/// What it has not, it does not advise.
#[test]
fn the_demo_refuses_a_name_without_advice_that_only_others_can_follow() {
    let bench = Bench::new();
    let advice = "--wav makes it a WAV file";
    let refused = bench.run(&["demo", "--out", "d.mp3"]);
    assert_fails(&refused, 2, "OUT must end in .wav, .raw or .pcm");
    assert!(!text(&refused.stderr).contains("--wav"));
    assert_fails(&bench.run(&["render", "in.wav", "d.mp3"]), 2, advice);
    assert_fails(&bench.run(&["record", "d.mp3"]), 2, advice);
}

fn asset(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/assets")
        .join(name);
    path.into_os_string().into_string().unwrap()
}

/// The signal that the FLAC files were made of.
fn flac_samples() -> impl Iterator<Item = i32> {
    (0..1_000_i32).map(|i| {
        let tone = (f64::from(i) * 0.05).sin() * 12_000.0;
        (tone + f64::from(i * 7_919 % 2_001 - 1_000)) as i32
    })
}

#[test]
fn flac_comes_out_bit_for_bit() {
    let bench = Bench::new();
    let s16: Vec<u8> = flac_samples()
        .flat_map(|s| (s as i16).to_le_bytes())
        .collect();
    let output = bench.run(&["render", &asset("s16.flac"), "-", "--to", "44100x2:s16le"]);
    assert!(output.stdout == s16, "{}", text(&output.stderr));
    let s24: Vec<u8> = flac_samples()
        .flat_map(|s| (s * 256 + 37).to_le_bytes()[..3].to_vec())
        .collect();
    let output = bench.run(&["render", &asset("s24.flac"), "-", "--to", "48000x1:s24le"]);
    assert!(output.stdout == s24, "{}", text(&output.stderr));
    // The content decides, and a pipe will do.
    let bytes = fs::read(asset("s16.flac")).unwrap();
    let piped = bench.run_with(&bytes, &["render", "-", "-", "--to", "44100x2:s16le"]);
    assert!(piped.stdout == s16, "{}", text(&piped.stderr));
}

/// 0.3 s of speech, 24 kHz mono, coded in three lossy ways.
#[test]
fn mp3_ogg_and_adpcm_are_decoded() {
    let bench = Bench::new();
    for (name, spread) in [("tone.mp3", 0), ("tone.ogg", 0), ("adpcm.wav", 600)] {
        let output = bench.run(&[
            "render",
            &asset(name),
            "-",
            "--to",
            "24000x1:s16le",
            "--report",
            "json",
        ]);
        let frames = report(&output)["frames_in"].as_u64().unwrap();
        assert!(
            (7_200..=7_200 + spread).contains(&frames),
            "{name}: {frames}"
        );
        let peak = output
            .stdout
            .chunks_exact(2)
            .map(|sample| i16::from_le_bytes(sample.try_into().unwrap()).unsigned_abs())
            .max();
        assert!(peak.unwrap() > 1_000, "{name}");
    }
}

/// The decoders give the same bits on every processor; these are those of x86-64 and aarch64. A decoder's kernels for
/// one family of processors would change them.
#[test]
fn lossy_files_are_decoded_to_the_same_bits_everywhere() {
    let bench = Bench::new();
    for (name, to, digest) in [
        ("tone.ogg", "24000x1:f32le", "b8be03c18f4f6e33"),
        ("stereo44.ogg", "44100x2:f32le", "50762c5212da96fa"),
        ("stereo48.mp3", "48000x2:f32le", "b0750537b80497d4"),
        ("aac.m4a", "8000x1:f32le", "9547333b99ce4d6f"),
    ] {
        let output = bench.run(&["render", &asset(name), "-", "--to", to, "--report", "json"]);
        let report = report(&output);
        let whole = report["sha256"].as_str().unwrap();
        assert_eq!(&whole[..16], digest, "{name}");
    }
}

/// EBU Tech 3306 and ITU-R BS.2088: the length of 64 bits is in a chunk of its own. What stands behind
/// the samples is no sound.
#[test]
fn rf64_and_bw64_are_read() {
    let bench = Bench::new();
    let data = &speech()[..9_600];
    for id in [b"RF64", b"BW64"] {
        let plain = wav(2, u32::MAX, data);
        let mut long = [id, &[0xff; 4][..], b"WAVEds64\x1c\0\0\0"].concat();
        for length in [9_600 + 80, 9_600, 4_800_u64] {
            long.extend(length.to_le_bytes());
        }
        long.extend([0; 4]);
        long.extend(&plain[12..]);
        long.extend(b"LIST\x04\0\0\0INFO");
        bench.file("long.wav", &long);
        let render = ["render", "long.wav", "-", "--to", "48000x1:s16le"];
        let output = bench.run(&render);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(output.stdout == data);
        let piped = bench.run_with(&long, &["render", "-", "-", "--to", "48000x1:s16le"]);
        assert!(piped.stdout == data);
        // It promises more than there is.
        long[28..36].copy_from_slice(&(5_u64 << 30).to_le_bytes());
        bench.file("long.wav", &long);
        let output = bench.run(&render);
        let said = text(&output.stderr);
        assert!(said.contains("promises 5368709120 bytes"), "{said}");
        assert_eq!(output.status.code(), Some(0));
    }
}

/// The decoder that knows ADPCM knows no RF64; what is wrong is the coding.
#[test]
fn rf64_that_is_coded_is_refused_for_its_coding() {
    let bench = Bench::new();
    let mut coded = fs::read(asset("adpcm.wav")).unwrap();
    coded[..4].copy_from_slice(b"RF64");
    bench.file("coded.wav", &coded);
    let output = bench.run(&["render", "coded.wav", "-"]);
    assert_fails(&output, 1, "a WAV file of IMA ADPCM");
}
