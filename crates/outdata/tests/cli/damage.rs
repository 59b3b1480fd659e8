//! Damage and decoration cost no more than themselves.

use crate::bench::{Bench, assert_fails, text};
use crate::make_flac::{Flac, noise};
use crate::make_mp3::{FRAMES, frames};
use crate::make_ogg::{granule, pages};
use crate::ways::{asset, samples_by_every_way};

fn flac() -> Flac {
    Flac::new(44_100, 2, noise(2 * 256 * 40 + 100))
}

fn render(bytes: &[u8]) -> (Vec<u8>, String) {
    samples_by_every_way(bytes, "a.flac", "44100x2:s16le")
}

/// xiph/flac#523. Behind the samples or before them: nothing is lost, and nothing has to be said.
#[test]
fn what_stands_behind_a_flac_costs_nothing() {
    let flac = flac();
    let ape = |flags: u32| {
        let mut footer = b"APETAGEX\xd0\x07\0\0".to_vec();
        footer.extend([0x50, 0, 0, 0, 1, 0, 0, 0]);
        footer.extend(flags.to_le_bytes());
        footer.extend([0; 8]);
        footer
    };
    let items = b"\x04\0\0\0\0\0\0\0Title\0abcd".repeat(4);
    let decorations = [
        [b"TAG".as_slice(), &[b'x'; 125]].concat(),
        // APEv2 with its header, and a footer alone.
        [ape(0xa000_0000), items.clone(), ape(0x8000_0000)].concat(),
        [items, ape(0)].concat(),
        [[b"TAG".as_slice(), &[0; 125]].concat(), ape(0)].concat(),
        vec![0; 5_000],
        b"ID3\x04\0\0\0\0\0\x0a0123456789".to_vec(),
    ];
    for (at, decoration) in decorations.iter().enumerate() {
        let (rendered, said) = render(&[flac.bytes(), decoration.clone()].concat());
        assert!(rendered == flac.pcm(), "{at}: {said}");
        assert_eq!(said, "", "{at}");
    }
}

/// Some writers say that blocks have no least length; RFC 9639 asks for 16 at least.
#[test]
fn block_lengths_that_make_no_sense_are_passed_over() {
    for (least, most) in [
        (0, 256),
        (0, 0),
        (16, 8),
        (1, 256),
        (256, 0),
        (0, u16::MAX),
        (4_096, 4_096),
    ] {
        let flac = Flac {
            least_block: least,
            most_block: most,
            ..flac()
        };
        let (rendered, said) = render(&flac.bytes());
        assert!(rendered == flac.pcm(), "{least} {most}: {said}");
        assert_eq!(said, "", "{least} {most}");
    }
}

#[test]
fn blocks_of_metadata_may_be_damaged() {
    let picture = |length: u32| {
        let mut picture = 3_u32.to_be_bytes().to_vec();
        picture.extend(length.to_be_bytes());
        picture.extend(b"image/png");
        picture
    };
    let comment = |length: u32| {
        let mut comment = length.to_le_bytes().to_vec();
        comment.extend(b"vendor");
        comment
    };
    let files = [
        flac().block(6, &picture(9)),
        flac().block(6, &picture(u32::MAX)),
        flac().block(6, &[]),
        flac().block(4, &comment(1_000)),
        flac().block(4, &comment(u32::MAX)),
        flac().block(4, &[0xff; 3]),
        // A seek table of half a point, and two of them.
        flac().block(3, &[1; 7]),
        flac().block(3, &[0; 18]).block(3, &[0xff; 18]),
        flac().block(5, &[0x7f; 20]),
        flac().block(126, &[7; 50]),
        // What a length of 24 bits leaves of a picture of more than 16 MiB.
        Flac {
            blocks: vec![(6, 100, vec![0x5a; 3_000])],
            ..flac()
        },
    ];
    for (at, flac) in files.iter().enumerate() {
        let (rendered, said) = render(&flac.bytes());
        assert!(rendered == flac.pcm(), "{at}: {said}");
        assert_eq!(said, "", "{at}");
    }
}

/// Blocks of 256 frames of two channels of 16 bits.
const BLOCK: usize = 256 * 4;

/// xiph/flac#464: a damaged frame shortened what was decoded, without a word.
#[test]
fn a_damaged_frame_is_silence_of_its_length_and_is_told_of_with_its_place() {
    let flac = flac();
    let clean = flac.pcm();
    // In the samples, the header, the sync word, the check sum, and the subframe's kind.
    for at in [500, 5, 0, 1_030, 8] {
        let mut frames = flac.frames();
        frames[10][at] ^= 0xff;
        let (rendered, said) = render(&[flac.head(), frames.concat()].concat());
        assert_eq!(rendered.len(), clean.len(), "{at}");
        assert!(rendered[..10 * BLOCK] == clean[..10 * BLOCK], "{at}");
        assert!(
            rendered[10 * BLOCK..11 * BLOCK]
                .iter()
                .all(|byte| *byte == 0),
            "{at}"
        );
        assert!(rendered[11 * BLOCK..] == clean[11 * BLOCK..], "{at}");
        // 2,560 frames at 44.1 kHz; 256 of them.
        let words = "a.flac: is damaged at 0.058 s: 6 ms of silence stand for what was there";
        assert_eq!(said, format!("outdata: warning: {words}"), "{at}");
    }
}

/// What looks like a tag or a file within a damaged frame would lead far behind it.
#[test]
fn what_a_damaged_frame_holds_is_no_tag() {
    let flac = flac();
    let looks = [
        b"ID3\x03\0\0\x7f\x7f\x7f\x7f".as_slice(),
        b"TAG",
        b"TAG+",
        b"fLaC\x81\0\0\x22",
        b"fLaC\0\0\0\x21",
    ];
    for look in looks {
        let mut frames = flac.frames();
        frames[10][900..900 + look.len()].copy_from_slice(look);
        let (rendered, said) = render(&[flac.head(), frames.concat()].concat());
        let mut expected = flac.pcm();
        expected[10 * BLOCK..11 * BLOCK].fill(0);
        assert!(rendered == expected, "{look:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let frames = frames(&asset("stereo48.mp3"));
    let render = |bytes: &[u8]| samples_by_every_way(bytes, "a.mp3", "48000x2:f32le");
    let (clean, _) = render(&frames[1..].concat());
    for look in &looks[..3] {
        let mut damaged = frames.clone();
        damaged[8].fill(0x55);
        damaged[8][20..20 + look.len()].copy_from_slice(look);
        let (rendered, said) = render(&damaged[1..].concat());
        assert_eq!(rendered.len(), clean.len(), "{look:?}: {said}");
        assert!(
            said.contains("is damaged at 0.168 s: 24 ms"),
            "{look:?}: {said}"
        );
    }
}

#[test]
fn frames_that_are_missing_are_silence_too() {
    let flac = flac();
    let clean = flac.pcm();
    let mut frames = flac.frames();
    frames.drain(20..23);
    frames[3].truncate(700);
    let (rendered, said) = render(&[flac.head(), frames.concat()].concat());
    let mut expected = clean.clone();
    expected[3 * BLOCK..4 * BLOCK].fill(0);
    expected[20 * BLOCK..23 * BLOCK].fill(0);
    assert!(rendered == expected, "{said}");
    assert!(said.contains("is damaged at 0.017 s: 6 ms"), "{said}");
    assert!(said.contains("is damaged at 0.116 s: 17 ms"), "{said}");
    // The first, too; and the last cannot be known but by the promise.
    let mut frames = flac.frames();
    frames[0].fill(0);
    frames.pop();
    frames.pop();
    let (rendered, said) = render(&[flac.head(), frames.concat()].concat());
    let end = 39 * BLOCK;
    assert!(rendered[..BLOCK].iter().all(|byte| *byte == 0));
    assert!(rendered[BLOCK..] == clean[BLOCK..end], "{said}");
    assert!(
        said.contains("ends early: its header promises 0.233 s, it ends at 0.226 s"),
        "{said}"
    );
}

/// More than ten minutes are not filled, but not passed over without a word.
#[test]
fn where_too_much_is_missing_to_be_silence_that_is_said() {
    let flac = Flac::new(200, 1, noise(256 * 480));
    let frames = flac.frames();
    let bytes = [flac.head(), frames[..2].concat(), frames[472..].concat()].concat();
    let bench = Bench::new();
    bench.file("a.flac", &bytes);
    let output = bench.run(&["render", "a.flac", "-", "--to", "200x1:s16le"]);
    let pcm = flac.pcm();
    let expected = [&pcm[..2 * 512], &pcm[472 * 512..]].concat();
    assert!(output.stdout == expected);
    let said = text(&output.stderr);
    assert!(
        said.contains("is damaged at 2.560 s: how much is missing there cannot be known"),
        "{said}"
    );
}

#[test]
fn of_many_damages_the_first_are_told_and_the_rest_counted() {
    let flac = flac();
    let mut frames = flac.frames();
    frames[..40]
        .iter_mut()
        .step_by(2)
        .for_each(|frame| frame[30] ^= 1);
    let (rendered, said) = render(&[flac.head(), frames.concat()].concat());
    assert_eq!(rendered.len(), flac.pcm().len());
    assert_eq!(said.lines().count(), 9, "{said}");
    assert!(said.ends_with("is damaged in 12 more places"), "{said}");
}

/// A page with a wrong check sum holds nothing that can be trusted.
#[test]
fn a_damaged_page_of_an_ogg_is_silence_of_its_length() {
    let ogg = asset("paged.ogg");
    let render =
        |pages: &[Vec<u8>]| samples_by_every_way(&pages.concat(), "a.ogg", "44100x2:f32le");
    let original = pages(&ogg);
    let (clean, said) = render(&original);
    assert_eq!(clean.len(), 22_050 * 8);
    assert_eq!(said, "");
    let hit = original.len() / 2 + 1;
    for is_there in [true, false] {
        let mut pages = original.clone();
        if is_there {
            *pages[hit].last_mut().unwrap() ^= 1;
        } else {
            pages.remove(hit);
        }
        let (rendered, said) = render(&pages);
        assert_eq!(rendered.len(), clean.len(), "{said}");
        let (from, to) = (
            granule(&original[hit - 1]) as usize * 8,
            granule(&original[hit]) as usize * 8,
        );
        assert!(rendered[..from] == clean[..from]);
        assert!(rendered[from..to].iter().all(|byte| *byte == 0));
        // The block behind it cannot be overlapped with what is not there.
        let behind = to + 2_048 * 8;
        assert!(rendered[behind..] == clean[behind..]);
        assert!(said.contains("is damaged at 0."), "{said}");
    }
}

/// Silence stands for frames by how many bytes they had, which in a stream of one rate is exact.
#[test]
fn damaged_frames_of_an_mp3_keep_its_length() {
    let frames = frames(&asset("stereo48.mp3"));
    let render = |bytes: &[u8]| samples_by_every_way(bytes, "a.mp3", "48000x2:f32le");
    let (clean, _) = render(&frames[1..].concat());
    for count in [1, 3] {
        let mut damaged = frames.clone();
        damaged[8..8 + count]
            .iter_mut()
            .for_each(|frame| frame.fill(0x55));
        let (rendered, said) = render(&damaged[1..].concat());
        let length = FRAMES * 8;
        let off = rendered.len() as i64 - clean.len() as i64;
        assert!(
            off.unsigned_abs() as usize <= length * (count - 1),
            "{count}: {off}"
        );
        assert!(rendered[..7 * length] == clean[..7 * length]);
        assert!(
            rendered[7 * length..8 * length]
                .iter()
                .all(|byte| *byte == 0)
        );
        assert!(said.contains("is damaged at 0.168 s: "), "{said}");
    }
    // What a tagging program put into the middle is no damage.
    let tag = b"ID3\x04\0\0\0\0\0\x0a0123456789".to_vec();
    let mut tagged = frames[1..].to_vec();
    tagged.insert(8, tag);
    let (rendered, said) = render(&tagged.concat());
    assert!(rendered == clean);
    assert_eq!(said, "");
}

#[test]
fn a_flac_that_ends_within_its_only_frame_says_why_it_holds_nothing() {
    let flac = Flac::new(44_100, 1, noise(200)).bytes();
    let bench = Bench::new();
    let output = bench.run_with(&flac[..flac.len() - 9], &["render", "-", "-"]);
    assert_fails(
        &output,
        1,
        "holds no samples: ends early: its header promises 0.005 s",
    );
}

#[test]
fn a_file_that_ends_early_says_so_and_is_played_up_to_there() {
    for (name, to) in [
        ("vbr.mp3", "44100x1:f32le"),
        ("paged.ogg", "44100x2:f32le"),
        ("flac.mka", "8000x1:s16le"),
        ("adpcm.wav", "24000x1:f32le"),
    ] {
        let bytes = asset(name);
        let (clean, _) = samples_by_every_way(&bytes, name, to);
        let (rendered, said) = samples_by_every_way(&bytes[..bytes.len() * 9 / 10], name, to);
        assert!(
            !rendered.is_empty() && rendered.len() < clean.len(),
            "{name}"
        );
        assert!(clean.starts_with(&rendered), "{name}");
        assert!(said.contains("ends "), "{name}: {said}");
    }
}
