//! A length that is declared or estimated is a hint: what decodes is played.

use crate::make_flac::{Flac, noise};
use crate::make_mp3::{FRAMES, frames, set_count};
use crate::make_ogg::{granule, pages, set_granule};
use crate::ways::{asset, samples_by_every_way};

fn mp3(name: &str) -> Vec<Vec<u8>> {
    frames(&asset(name))
}

fn mono(bytes: &[u8], name: &str) -> (Vec<u8>, String) {
    samples_by_every_way(bytes, name, "44100x1:f32le")
}

/// pdeljanov/Symphonia#540. Half a second of silence makes the frames at the beginning short, so that whoever goes by them takes
/// the rest for shorter than it is.
#[test]
fn an_mp3_of_changing_rate_without_a_tag_is_played_to_its_end() {
    let frames = mp3("vbr.mp3");
    let (first, last) = (frames[1].len(), frames[frames.len() - 5].len());
    assert!(3 * first < 2 * last, "{first} {last}");
    let (rendered, said) = mono(&frames[1..].concat(), "a.mp3");
    assert_eq!(rendered.len(), (frames.len() - 1) * FRAMES * 4, "{said}");
    assert_eq!(said, "");
}

/// 44,100 frames went in, as LAME's tag says: a delay of 576, and 529 of the decoder's own.
#[test]
fn what_a_real_tag_says_of_both_ends_is_honoured() {
    let frames = mp3("vbr.mp3");
    let (rendered, said) = mono(&frames.concat(), "a.mp3");
    assert_eq!(rendered.len(), 44_100 * 4);
    assert_eq!(said, "");
    // Some encoders count the tag as a frame.
    let mut counted = frames.clone();
    set_count(&mut counted[0], frames.len() as u32);
    assert!(mono(&counted.concat(), "a.mp3").0 == rendered);
    let (whole, _) = mono(&frames[1..].concat(), "a.mp3");
    let begin = (576 + 529) * 4;
    assert!(rendered == whole[begin..begin + 44_100 * 4]);
}

/// sonorahq/sonora#604 (a count of 0), richardr1126/openreader#129 (one that is too small): a count that nobody wrote,
/// one that is too small, and one that is too large.
#[test]
fn a_wrong_count_in_the_tag_shortens_nothing() {
    let frames = mp3("vbr.mp3");
    let count = frames.len() as u32 - 1;
    let (whole, _) = mono(&frames[1..].concat(), "a.mp3");
    for wrong in [0, 1, count / 2, count - 1, count + 2, count + 100, u32::MAX] {
        let mut frames = frames.clone();
        set_count(&mut frames[0], wrong);
        let (rendered, said) = mono(&frames.concat(), "a.mp3");
        assert!(rendered == whole[(576 + 529) * 4..], "{wrong}");
        assert_eq!(
            said.contains("ends early: its tag promises"),
            wrong > count,
            "{said}"
        );
    }
}

/// richardr1126/openreader#129: the first one's count is no end, and each one's delay and padding are left out.
#[test]
fn mp3s_that_were_joined_are_played_one_after_the_other() {
    let one = asset("vbr.mp3");
    let (alone, _) = mono(&one, "a.mp3");
    let (twice, said) = mono(&[one.clone(), one.clone()].concat(), "a.mp3");
    assert!(twice == alone.repeat(2));
    assert_eq!(said, "");
    // As tagging programs leave them: ID3v1 behind the first, ID3v2 before the second.
    let tags = [
        b"TAG".as_slice(),
        &[b'x'; 125],
        b"ID3\x03\0\0\0\0\0\x0a",
        &[0; 10],
    ]
    .concat();
    let (thrice, said) = mono(
        &[one.as_slice(), &tags, &one, &tags[..128], &one].concat(),
        "a.mp3",
    );
    assert!(thrice == alone.repeat(3));
    assert_eq!(said, "");
    // The second without its tag.
    let frames = frames(&one);
    let (rendered, _) = mono(&[one.clone(), frames[1..].concat()].concat(), "a.mp3");
    let all = (frames.len() - 1) * 2 * FRAMES - 576 - 529;
    assert_eq!(rendered.len(), all * 4);
}

/// pdeljanov/Symphonia#404. RFC 3533: -1 says that no packet ends in the page; here one does all the same.
#[test]
fn ogg_pages_without_a_granule_position_are_played() {
    let ogg = asset("stereo44.ogg");
    let render =
        |pages: &[Vec<u8>]| samples_by_every_way(&pages.concat(), "a.ogg", "44100x2:f32le");
    let original = pages(&ogg);
    let (whole, _) = render(&original);
    assert_eq!(whole.len(), 22_050 * 8);
    let last = original.len() - 1;
    // All but the last: it still says where the end is.
    let mut some = original.clone();
    for page in &mut some[..last] {
        if granule(page) > 0 {
            set_granule(page, -1);
        }
    }
    let (rendered, said) = render(&some);
    assert!(rendered == whole, "{said}");
    // The last, or all, too: the end of its last block is unknown, but no more than that.
    for nothing in [-1, 0] {
        let mut none = original.clone();
        for page in &mut none {
            set_granule(page, nothing);
        }
        let (rendered, _) = render(&none);
        let extra = rendered.len() as i64 - whole.len() as i64;
        assert!((0..2_048 * 8).contains(&extra), "{nothing}: {extra}");
        assert!(rendered.starts_with(&whole));
    }
}

#[test]
fn a_flac_is_played_to_its_end_whatever_its_first_block_says() {
    let flac = Flac::new(44_100, 2, noise(2 * 3_000));
    for total in [0, 1, 2_999, 3_000, 3_001, (1 << 36) - 1] {
        let lying = Flac {
            total,
            ..flac.clone()
        };
        let (rendered, said) = samples_by_every_way(&lying.bytes(), "a.flac", "44100x2:s16le");
        assert!(rendered == flac.pcm(), "{total}");
        assert_eq!(
            said.contains("ends early: its header promises"),
            total > 3_000,
            "{said}"
        );
    }
}
