//! What a track in QuickTime or Matroska is, beyond what symphonia tells of it.

use crate::bench::{Bench, assert_fails, text};
use crate::make_mov::Mov;
use crate::ways::samples_by_every_way;

/// Samples of this many bytes, the lowest first; as floats, they are small.
fn samples(bytes: u32) -> Vec<u8> {
    let sample = |at: u32| {
        let sample = (f64::from(at) * 0.05).sin() * 0.7;
        match bytes {
            3 => ((sample * 8e6) as i32).to_le_bytes()[..3].to_vec(),
            4 => (sample as f32).to_le_bytes().to_vec(),
            _ => sample.to_le_bytes().to_vec(),
        }
    };
    (0..4_000).flat_map(sample).collect()
}

/// symphonia 0.6.1 took all of these for little-endian, which is noise. The highest byte is first unless `enda` says
/// else.
#[test]
fn the_byte_order_of_pcm_in_quicktime_is_the_files_own() {
    let bench = Bench::new();
    for (codec, bytes, format) in [
        (b"in24", 3, "s24"),
        (b"in32", 4, "s32"),
        (b"fl32", 4, "f32"),
        (b"fl64", 8, "f64"),
    ] {
        let little = samples(bytes);
        let big: Vec<u8> = little
            .chunks_exact(bytes as usize)
            .flat_map(|sample| sample.iter().rev().copied())
            .collect();
        let in_wave = |order| Mov::wave(*codec, &Mov::enda(order));
        for (version, boxes, data) in [
            (1, in_wave(0), &big),
            (1, in_wave(1), &little),
            (1, Mov::wave(*codec, &[]), &big),
            (1, Vec::new(), &big),
            (1, Mov::enda(1), &little),
            (0, Vec::new(), &big),
            (0, in_wave(1), &little),
        ] {
            let mov = Mov {
                codec: *codec,
                version,
                boxes,
                sample_bytes: bytes,
                data: data.clone(),
            };
            let to = format!("48000x2:{format}le");
            let (rendered, said) = samples_by_every_way(&mov.bytes(), "a.mov", &to);
            assert!(rendered == little, "{format} {version}");
            assert_eq!(said, "", "{format} {version}");
        }
        let words = if format.starts_with('f') {
            "Floating Point"
        } else {
            "Signed"
        };
        let mov = Mov {
            codec: *codec,
            version: 1,
            boxes: Vec::new(),
            sample_bytes: bytes,
            data: big,
        };
        let said = text(&bench.run_with(&mov.bytes(), &["info", "-"]).stdout);
        assert!(
            said.contains("Big-Endian") && said.contains(words),
            "{said}"
        );
    }
}

/// An element of Matroska.
fn element(id: &[u8], body: &[u8]) -> Vec<u8> {
    [
        id,
        &[0x40 | (body.len() >> 8) as u8, body.len() as u8],
        body,
    ]
    .concat()
}

/// A Matroska file with a track of pictures and one of sound, and with nothing in them.
fn matroska(codec: &[u8], private: &[u8]) -> Vec<u8> {
    let number = |id: &[u8], number: u8| element(id, &[number]);
    let audio = [
        element(&[0xb5], &8_000_f32.to_be_bytes()),
        number(&[0x9f], 1),
        number(&[0x62, 0x64], 8),
    ];
    let video = [
        number(&[0xd7], 1),
        number(&[0x73, 0xc5], 1),
        number(&[0x83], 1),
        element(&[0x86], b"V_UNCOMPRESSED"),
    ];
    let sound = [
        number(&[0xd7], 2),
        number(&[0x73, 0xc5], 2),
        number(&[0x83], 2),
        element(&[0x86], codec),
        element(&[0x63, 0xa2], private),
        element(&[0xe1], &audio.concat()),
    ];
    let tracks = [
        element(&[0xae], &video.concat()),
        element(&[0xae], &sound.concat()),
    ];
    let info = [
        element(&[0x2a, 0xd7, 0xb1], &[0x0f, 0x42, 0x40]),
        element(&[0x4d, 0x80], b"a test"),
        element(&[0x57, 0x41], b"a test"),
    ];
    let segment = [
        element(&[0x15, 0x49, 0xa9, 0x66], &info.concat()),
        element(&[0x16, 0x54, 0xae, 0x6b], &tracks.concat()),
        element(&[0x1f, 0x43, 0xb6, 0x75], &number(&[0xe7], 0)),
    ];
    let head = [
        element(&[0x42, 0x82], b"matroska"),
        number(&[0x42, 0x87], 4),
        number(&[0x42, 0x85], 2),
    ];
    [
        element(&[0x1a, 0x45, 0xdf, 0xa3], &head.concat()),
        element(&[0x18, 0x53, 0x80, 0x67], &segment.concat()),
    ]
    .concat()
}

/// It was said that there is no audio track.
#[test]
fn a_track_of_a_codec_that_nobody_knows_is_named() {
    let mov = |codec: &[u8; 4]| {
        let mov = Mov {
            codec: *codec,
            version: 0,
            boxes: Vec::new(),
            sample_bytes: 1,
            data: vec![0x55; 2_000],
        };
        mov.bytes()
    };
    let bench = Bench::new();
    for (file, what) in [
        (mov(b"alaw"), "MP4 with A-law"),
        (mov(b"ulaw"), "MP4 with mu-law"),
        (mov(b"ima4"), "MP4 with the codec ima4"),
        (
            matroska(b"A_PCM/INT/LIT", &[]),
            "Matroska with PCM of 8 bits",
        ),
        (matroska(b"A_MS/ACM", &[6, 0]), "Matroska with A-law"),
        (matroska(b"A_MS/ACM", &[7, 0]), "Matroska with mu-law"),
        (
            matroska(b"A_QUICKTIME", &[]),
            "Matroska with the codec A_QUICKTIME",
        ),
    ] {
        bench.file("in", &file);
        let words = format!("in: is {what} in it, which is not supported; convert it");
        assert_fails(&bench.run(&["info", "in"]), 1, &words);
        let words = words.replace("in: ", "standard input: ");
        assert_fails(&bench.run_with(&file, &["info", "-"]), 1, &words);
    }
}
