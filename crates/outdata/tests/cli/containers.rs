//! Every container, by every way.

use crate::bench::{Bench, assert_fails, report, text};
use crate::make_flac::{Flac, noise};
use crate::make_ogg::{page, pages};
use crate::ways::{asset, asset_path, samples_by_every_way};

/// An AIFF file (Apple, 1989) of these chunks.
pub(crate) fn aiff_of(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = [b"AIFF".to_vec(), chunks.concat()].concat();
    [
        b"FORM".as_slice(),
        &(body.len() as u32).to_be_bytes(),
        &body,
    ]
    .concat()
}

/// The chunk that says what the samples are: so many frames in stereo, of 16 bits.
pub(crate) fn comm(frames: u32) -> Vec<u8> {
    let mut comm = b"COMM\0\0\0\x12\0\x02".to_vec();
    comm.extend(frames.to_be_bytes());
    // 48,000 as a number of 80 bits.
    comm.extend([0, 16, 0x40, 0x0e, 0xbb, 0x80, 0, 0, 0, 0, 0, 0]);
    comm
}

pub(crate) fn ssnd(samples: &[i16]) -> Vec<u8> {
    let mut ssnd = b"SSND".to_vec();
    ssnd.extend((2 * samples.len() as u32 + 8).to_be_bytes());
    ssnd.extend([0; 8]);
    ssnd.extend(samples.iter().flat_map(|sample| sample.to_be_bytes()));
    ssnd
}

/// One with its COMM behind the samples, which is allowed.
fn aiff(samples: &[i16]) -> Vec<u8> {
    aiff_of(&[ssnd(samples), comm(samples.len() as u32 / 2)])
}

/// Core Audio Format (Apple) at 48 kHz, of these packets of one frame.
pub(crate) fn caf(kind: &[u8; 4], flags: u32, channels: u32, bits: u32, data: &[u8]) -> Vec<u8> {
    let mut caf = b"caff\0\x01\0\0desc".to_vec();
    caf.extend(32_u64.to_be_bytes());
    caf.extend(48_000_f64.to_be_bytes());
    caf.extend(kind);
    for number in [flags, channels * bits / 8, 1, channels, bits] {
        caf.extend(number.to_be_bytes());
    }
    caf.extend(b"data");
    caf.extend((data.len() as u64 + 4).to_be_bytes());
    caf.extend([0; 4]);
    caf.extend(data);
    caf
}

pub(crate) fn pcm(samples: &[i16]) -> Vec<u8> {
    samples
        .iter()
        .flat_map(|sample| sample.to_le_bytes())
        .collect()
}

/// ggml-org/whisper.cpp#914: a FIFO could not be read. It is one of the ways.
#[test]
fn pcm_in_aiff_and_caf_comes_out_bit_for_bit_by_every_way() {
    // More than any buffer holds.
    let samples = noise(400_000);
    for (name, bytes) in [
        ("a.aiff", aiff(&samples)),
        ("a.caf", caf(b"lpcm", 2, 2, 16, &pcm(&samples))),
    ] {
        let (rendered, said) = samples_by_every_way(&bytes, name, "48000x2:s16le");
        assert!(rendered == pcm(&samples), "{name}");
        assert_eq!(said, "");
    }
}

#[test]
fn mu_law_and_a_law_in_caf_are_what_they_are_bare() {
    let bytes: Vec<u8> = (0..=255).collect();
    let bench = Bench::new();
    for (kind, raw) in [(b"ulaw", "mulaw:48000:1"), (b"alaw", "alaw:48000:1")] {
        let render = ["render", "-", "-", "--to", "48000x1:s16le", "--raw", raw];
        let bare = bench.run_with(&bytes, &render);
        let file = caf(kind, 0, 1, 8, &bytes);
        let (rendered, said) = samples_by_every_way(&file, "a.caf", "48000x1:s16le");
        assert!(rendered == bare.stdout && rendered.len() == 512, "{raw}");
        assert_eq!(said, "");
    }
}

/// Lossless codecs against the signal: 440 Hz, 0.25 s at 8 kHz, made by FFmpeg, whose rounding may be
/// one step away.
#[test]
fn lossless_codecs_give_the_signal_by_every_way() {
    for name in ["alac.m4a", "alac.caf", "flac.mka"] {
        let (rendered, _) = samples_by_every_way(&asset(name), name, "8000x1:s16le");
        assert_eq!(rendered.len(), 2 * 2_000, "{name}");
        for (at, sample) in rendered.chunks_exact(2).enumerate() {
            let sample = f64::from(i16::from_le_bytes(sample.try_into().unwrap()));
            let phase = std::f64::consts::TAU * 440.0 * at as f64 / 8_000.0;
            assert!(
                (sample - 16_384.0 * phase.sin()).abs() < 2.0,
                "{name} at {at}"
            );
        }
    }
}

/// FFmpeg says by an edit list that AAC begins with 1,024 frames that are none.
#[test]
fn lossy_codecs_are_the_same_by_every_way() {
    for (name, frames) in [
        ("aac.m4a", 2_048),
        ("vorbis.mka", 2_000),
        ("tone.mp3", 7_200),
        ("tone.ogg", 7_200),
        ("adpcm.wav", 7_200),
        ("s24.flac", 1_000),
        ("vbr.mp3", 44_100),
        ("stereo48.mp3", 24_000),
        ("stereo44.ogg", 22_050),
        ("mono48.ogg", 24_000),
    ] {
        let (rendered, said) = samples_by_every_way(&asset(name), name, "48000x1:f32le");
        assert_eq!(said, "", "{name}");
        let bench = Bench::new();
        let output = bench.run(&["render", &asset_path(name), "o.wav", "--report", "json"]);
        let read = report(&output)["frames_in"].as_u64().unwrap();
        // A block of the codec may be added where no tag says where it ends.
        assert!((frames..frames + 600).contains(&read), "{name}: {read}");
        let loud = |bytes: &[u8]| f32::from_le_bytes(bytes.try_into().unwrap()).abs() > 0.01;
        assert!(rendered.chunks_exact(4).any(loud), "{name}");
    }
}

/// <https://xiph.org/flac/ogg_mapping.html>
#[test]
fn flac_in_ogg_comes_out_bit_for_bit_by_every_way() {
    let mut flac = Flac::new(48_000, 1, noise(1_000));
    flac.block_frames = 100;
    let native = flac.head();
    let first = [b"\x7fFLAC\x01\0\0\0".as_slice(), &native].concat();
    let mut ogg = page(2, 0, 0, &[&first]);
    for (at, frame) in flac.frames().iter().enumerate() {
        let flags = if at == 9 { 4 } else { 0 };
        ogg.extend(page(flags, (at as i64 + 1) * 100, at as u32 + 1, &[frame]));
    }
    let (rendered, said) = samples_by_every_way(&ogg, "a.oga", "48000x1:s16le");
    assert!(rendered == flac.pcm());
    assert_eq!(said, "");
}

#[test]
fn a_flac_behind_an_id3v2_tag_is_a_flac() {
    let flac = Flac::new(44_100, 2, noise(4_000));
    let tag = [b"ID3\x04\0\0\0\0\x02\0".as_slice(), &[0; 256]].concat();
    let bytes = [tag, flac.bytes()].concat();
    let (rendered, said) = samples_by_every_way(&bytes, "a.flac", "44100x2:s16le");
    assert!(rendered == flac.pcm(), "{said}");
}

/// What it is called decides nothing.
#[test]
fn a_wrong_name_changes_nothing() {
    let flac = Flac::new(44_100, 2, noise(4_000));
    for name in ["a.mp3", "a.wav", "a.ogg", "a", "a.m4a"] {
        let (rendered, _) = samples_by_every_way(&flac.bytes(), name, "44100x2:s16le");
        assert!(rendered == flac.pcm(), "{name}");
    }
}

/// Opus, GSM, MP3 and what nobody knows, in what holds them.
#[test]
fn a_codec_that_is_not_supported_is_named() {
    let bench = Bench::new();
    let wav = |tag: u16| {
        let mut wav = b"RIFF\x64\0\0\0WAVEfmt \x14\0\0\0".to_vec();
        wav.extend(tag.to_le_bytes());
        wav.extend(b"\x01\0\x40\x1f\0\0\x59\x06\0\0\x41\0\0\0\x02\0\x40\x01");
        wav.extend(b"data\x41\0\0\0");
        wav.extend([0xd2; 65]);
        wav
    };
    let speex = page(2, 0, 0, &[b"Speex   1.2.0"]);
    for (bytes, words) in [
        (
            asset("opus.ogg"),
            "is an Ogg file with Opus in it, which is not supported; convert it with another tool \
             first, such as FFmpeg",
        ),
        (
            speex,
            "is an Ogg file with Speex in it, which is not supported; convert it with another tool \
             first, such as FFmpeg",
        ),
        (
            wav(0x31),
            "a WAV file of GSM 6.10 (format tag 0x0031), which is not supported",
        ),
        (
            wav(0x55),
            "a WAV file of MP3 (format tag 0x0055), which is not supported",
        ),
        (
            wav(0x7777),
            "a WAV file of an unknown coding (format tag 0x7777), which is not supported",
        ),
    ] {
        bench.file("in", &bytes);
        let output = bench.run(&["render", "in", "-"]);
        let said = text(&output.stderr);
        assert_eq!(said, format!("outdata: in: {words}\n"));
        assert_eq!(output.status.code(), Some(1));
        let piped = bench.run_with(&bytes, &["render", "-", "-"]);
        assert!(
            text(&piped.stderr).contains(words),
            "{}",
            text(&piped.stderr)
        );
    }
}

/// The status says what went wrong, by whichever way it came: only what may be anything is asked about.
#[test]
fn the_exit_status_is_the_same_for_a_file_and_for_standard_input() {
    let bench = Bench::new();
    let cut = |name: &str, bytes: usize| asset(name)[..bytes].to_vec();
    for (name, bytes) in [
        ("opus.ogg", asset("opus.ogg")),
        ("three.ogg", asset("three.ogg")),
        ("head.ogg", cut("mono48.ogg", 60)),
        ("head.flac", cut("s16.flac", 30)),
        ("head.m4a", cut("alac.m4a", 100)),
        ("head.mka", cut("flac.mka", 100)),
        ("head.caf", cut("alac.caf", 30)),
        ("head.wav", cut("adpcm.wav", 30)),
    ] {
        bench.file(name, &bytes);
        for command in [&["info"][..], &["render", "out.wav"]] {
            let run = |input: &str, bytes: &[u8]| {
                bench.run_with(bytes, &[&command[..1], &[input], &command[1..]].concat())
            };
            let (by_name, by_pipe) = (run(name, &[]), run("-", &bytes));
            let said = text(&by_name.stderr);
            assert_fails(&by_name, 1, name);
            assert_eq!(by_pipe.status.code(), Some(1), "{name}");
            let expected = said.replace(name, "standard input");
            assert_eq!(text(&by_pipe.stderr), expected);
        }
    }
    // This may be raw PCM, for which only standard input is usual.
    let noise = b"neither audio nor anything else";
    bench.file("noise", noise);
    let unknown = "is no WAV, FLAC, MP3, Ogg, AIFF, CAF, MP4 or Matroska file";
    assert_fails(&bench.run(&["info", "noise"]), 1, unknown);
    let asked = format!("standard input {unknown}; for raw PCM say --raw");
    assert_fails(&bench.run_with(noise, &["info", "-"]), 2, &asked);
}

/// A stream that cannot be decoded, multiplexed with one that can.
#[test]
fn of_several_streams_in_an_ogg_the_one_that_can_be_decoded_is_taken() {
    let ogg = asset("mono48.ogg");
    let mut pages = pages(&ogg);
    pages.insert(0, page(2, 0, 0, &[b"\x80theora\x03\x02\x01"]));
    pages.insert(2, page(0, 0, 1, &[b"\x81theora"]));
    let (alone, _) = samples_by_every_way(&ogg, "a.ogg", "48000x1:s16le");
    let (rendered, said) = samples_by_every_way(&pages.concat(), "a.ogg", "48000x1:s16le");
    assert!(rendered == alone, "{said}");
    assert_eq!(said, "");
}
