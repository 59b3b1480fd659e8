//! AIFF and CAF that were cut off, and such as were written into a pipe: what is there is played.

use crate::bench::{Bench, assert_fails};
use crate::containers::{aiff_of, caf, comm, pcm, ssnd};
use crate::make_flac::noise;
use crate::make_mov::Mov;
use crate::ways::{asset, samples_by_every_way};

const TO: &str = "48000x2:s16le";

fn warning(name: &str, words: &str) -> String {
    format!("outdata: warning: {name}: {words}")
}

#[test]
fn what_is_there_of_a_cut_aiff_or_caf_is_played() {
    // More than any buffer holds.
    let samples = noise(100_000);
    let aiff = aiff_of(&[comm(50_000), ssnd(&samples)]);
    let caf = caf(b"lpcm", 2, 2, 16, &pcm(&samples));
    for (name, whole) in [("a.aiff", &aiff), ("a.caf", &caf)] {
        for missing in [1, 2, 3, 4, 1_000, 199_995] {
            let (rendered, said) = samples_by_every_way(&whole[..whole.len() - missing], name, TO);
            let held = 200_000 - missing;
            assert!(
                rendered == pcm(&samples)[..held - held % 4],
                "{name} {missing}: {said}"
            );
            let words = format!(
                "is cut short: its header promises 200000 bytes of samples, it holds {held}"
            );
            assert_eq!(said, warning(name, &words));
        }
    }
}

/// The packets before the place where it was cut, which here are the frames.
#[test]
fn what_is_there_of_a_cut_mp4_is_played_where_its_samples_are_last() {
    let samples = noise(20_000);
    let mov = Mov {
        codec: *b"sowt",
        version: 0,
        boxes: Vec::new(),
        sample_bytes: 2,
        data: pcm(&samples),
    };
    let whole = mov.bytes_with_samples_last();
    let (rendered, said) = samples_by_every_way(&whole, "a.mov", TO);
    assert!(rendered == pcm(&samples), "{said}");
    assert_eq!(said, "");
    for missing in [2, 1_000, 39_000] {
        let (rendered, said) = samples_by_every_way(&whole[..whole.len() - missing], "a.mov", TO);
        let held = 40_000 - missing;
        assert!(
            !rendered.is_empty() && pcm(&samples).starts_with(&rendered),
            "{said}"
        );
        assert!(rendered.len() + 8_192 > held, "{}", rendered.len());
        let words =
            format!("is cut short: its header promises 40000 bytes of samples, it holds {held}");
        assert_eq!(said, warning("a.mov", &words));
    }
}

/// As FFmpeg, SoX and others leave them in a pipe; a CAF may say so by the rules.
#[test]
fn a_length_that_nobody_knew_goes_to_the_end() {
    let samples = noise(100_000);
    let aiff = aiff_of(&[comm(0), ssnd(&samples)]);
    let sound = aiff.len() - 200_000 - 12;
    for (form, length) in [
        (0, 0_u32),
        (0x7f00_002e, 0x7f00_0008),
        (u32::MAX, u32::MAX),
        (0, 200_008),
    ] {
        let mut aiff = aiff.clone();
        aiff[4..8].copy_from_slice(&u32::to_be_bytes(form));
        aiff[sound..][..4].copy_from_slice(&length.to_be_bytes());
        let (rendered, said) = samples_by_every_way(&aiff, "a.aiff", TO);
        assert!(rendered == pcm(&samples), "{length:x}");
        assert_eq!(said, "", "{length:x}");
    }
    let caf = caf(b"lpcm", 2, 2, 16, &pcm(&samples));
    let data = caf.len() - 200_000 - 12;
    for length in [-1_i64, 0] {
        let mut caf = caf.clone();
        caf[data..][..8].copy_from_slice(&length.to_be_bytes());
        let (rendered, said) = samples_by_every_way(&caf, "a.caf", TO);
        assert!(rendered == pcm(&samples), "{length}");
        assert_eq!(said, "", "{length}");
    }
}

#[test]
fn a_cut_chunk_behind_the_samples_costs_none_of_them() {
    let samples = noise(2_000);
    let note = [b"ANNO\0\0\0\x08".as_slice(), b"whatever"].concat();
    let aiff = aiff_of(&[comm(1_000), ssnd(&samples), note]);
    let mut caf = caf(b"lpcm", 2, 2, 16, &pcm(&samples));
    caf.extend(b"info\0\0\0\0\0\0\0\x08whatever");
    for (name, chunk, file) in [("a.aiff", "ANNO", aiff), ("a.caf", "info", caf)] {
        for missing in [1, 8] {
            let (rendered, said) = samples_by_every_way(&file[..file.len() - missing], name, TO);
            assert!(rendered == pcm(&samples), "{name} {missing}: {said}");
            let words = format!("is cut short: its chunk {chunk} is left out");
            assert_eq!(said, warning(name, &words));
        }
        // Not even its name and its length, or only these.
        let (rendered, _) = samples_by_every_way(&file[..file.len() - 10], name, TO);
        assert!(rendered == pcm(&samples), "{name}");
    }
}

/// The chunks of `alac.caf`: one packet, and what describes it.
fn chunk(name: &[u8; 4]) -> Vec<u8> {
    let file = asset("alac.caf");
    let mut at = 8;
    loop {
        let length = u64::from_be_bytes(file[at + 4..at + 12].try_into().unwrap()) as usize;
        if file[at..at + 4] == *name {
            return file[at + 12..at + 12 + length].to_vec();
        }
        at += 12 + length;
    }
}

/// The packet of `alac.caf`, three times, and the table of the packets before or behind them.
fn three_packets(is_table_first: bool) -> Vec<u8> {
    let written = |name: &[u8; 4], body: &[u8]| {
        [name.as_slice(), &(body.len() as u64).to_be_bytes(), body].concat()
    };
    let (data, table) = (chunk(b"data"), chunk(b"pakt"));
    let packets = written(b"data", &[&data[..4], &data[4..].repeat(3)].concat());
    let mut head = table[..24].to_vec();
    head[7] = 3;
    head[8..16].copy_from_slice(&6_000_u64.to_be_bytes());
    let table = written(b"pakt", &[head, table[24..].repeat(3)].concat());
    let before = [
        b"caff\0\x01\0\0".to_vec(),
        written(b"desc", &chunk(b"desc")),
        written(b"kuki", &chunk(b"kuki")),
    ];
    let rest = match is_table_first {
        true => [table, packets],
        false => [packets, table],
    };
    [before.concat(), rest.concat()].concat()
}

#[test]
fn the_packets_of_a_cut_caf_that_can_be_told_apart_are_played() {
    const TO: &str = "8000x1:s16le";
    let (once, _) = samples_by_every_way(&asset("alac.caf"), "a.caf", TO);
    for is_table_first in [false, true] {
        let whole = three_packets(is_table_first);
        let (thrice, said) = samples_by_every_way(&whole, "a.caf", TO);
        assert!(thrice == once.repeat(3), "{said}");
        assert_eq!(said, "");
        let (twice, said) = samples_by_every_way(&whole[..whole.len() - 2], "a.caf", TO);
        assert!(twice == once.repeat(2), "{said}");
        let words = match is_table_first {
            true => "is cut short: its header promises ",
            false => "is cut short: its header promises 3 packets, the table of them tells 2 apart",
        };
        assert!(said.starts_with(&warning("a.caf", words)), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn what_nothing_can_be_had_of_is_refused_with_the_reason() {
    let bench = Bench::new();
    let samples = noise(2_000);
    let aiff = aiff_of(&[comm(1_000), ssnd(&samples)]);
    let caf = caf(b"lpcm", 2, 2, 16, &pcm(&samples));
    let alac = three_packets(false);
    let table = alac.len() - 24 - 12 - 6;
    for (file, words) in [
        (
            &aiff[..aiff.len() - 4_000],
            "holds no samples: is cut short: its header promises 4000",
        ),
        (
            &aiff[..aiff.len() - 4_002],
            "holds no samples: is cut short: its chunk SSND is left out",
        ),
        (&aiff[..30], "cannot be read as AIFF"),
        (
            &caf[..caf.len() - 4_000],
            "holds no samples: is cut short: its header promises 4000",
        ),
        (&caf[..40], "cannot be read as CAF"),
        (
            &alac[..table],
            "holds no samples: is cut short: the table that tells its packets apart is missing",
        ),
    ] {
        bench.file("in", file);
        assert_fails(&bench.run(&["render", "in", "out.wav"]), 1, words);
        assert_eq!(bench.names(), ["in"]);
    }
}
