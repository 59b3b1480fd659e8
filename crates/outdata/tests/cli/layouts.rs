//! Layouts come from the codec or its tag; what a mix drops is told of.

use crate::bench::{Bench, assert_fails, report, text};
use crate::make_flac::{Flac, noise};
use crate::ways::{asset, samples_by_every_way};

fn positions(bytes: &[u8]) -> String {
    let bench = Bench::new();
    bench.file("in", bytes);
    let output = bench.run(&["info", "in", "--report", "json"]);
    let report = report(&output);
    let positions = report["positions"].as_array().unwrap().iter();
    let names: Vec<_> = positions.map(|name| name.as_str().unwrap()).collect();
    names.join(" ")
}

/// RFC 9639, table 17.
#[test]
fn a_count_of_channels_in_a_flac_means_what_flac_says() {
    for (channels, expected) in [
        (1, "FC"),
        (2, "FL FR"),
        (3, "FL FR FC"),
        (4, "FL FR BL BR"),
        (5, "FL FR FC BL BR"),
        (6, "FL FR FC LFE BL BR"),
        (7, "FL FR FC LFE BC SL SR"),
        (8, "FL FR FC LFE BL BR SL SR"),
    ] {
        let flac = Flac::new(48_000, channels, noise(300 * channels));
        assert_eq!(positions(&flac.bytes()), expected);
    }
}

/// RFC 9639, section 8.6.2; one that does not fit is passed over.
#[test]
fn a_mask_in_a_flac_says_what_the_channels_are() {
    let mask = |channels: usize, value: &str| {
        let comment = format!("waveformatextensible_channel_mask={value}");
        let flac = Flac::new(48_000, channels, noise(300 * channels)).comment(&comment);
        positions(&flac.bytes())
    };
    assert_eq!(mask(4, "0xF"), "FL FR FC LFE");
    assert_eq!(mask(4, "0x107"), "FL FR FC BC");
    assert_eq!(mask(6, "0x060f"), "FL FR FC LFE SL SR");
    assert_eq!(mask(3, "11"), "FL FR LFE");
    assert_eq!(mask(4, "0x0"), "");
    assert_eq!(mask(4, "0x3"), "FL FR BL BR");
    assert_eq!(mask(4, "all"), "FL FR BL BR");
    assert_eq!(mask(1, "0x1"), "FC");
}

/// mpv-player/mpv#2819: it was dropped. The centre is heard on both sides, 3 dB down, as BS.775 has it.
#[test]
fn the_centre_of_three_channels_is_heard() {
    let samples = [0, 0, 16_384].repeat(500);
    let flac = Flac::new(48_000, 3, samples);
    let (rendered, said) = samples_by_every_way(&flac.bytes(), "a.flac", "48000x2:f32le");
    for sample in rendered.chunks_exact(4) {
        let sample = f32::from_le_bytes(sample.try_into().unwrap());
        assert!((sample - 0.5 * std::f32::consts::FRAC_1_SQRT_2).abs() < 1e-6);
    }
    assert_eq!(said, "");
}

/// mpv-player/mpv#2819 lost a channel of three. Noise, with status 0, would be worse than none: it is refused, in Ogg
/// by the first page, in Matroska by what the track keeps of it.
#[test]
fn vorbis_of_more_than_two_channels_is_refused_by_its_name() {
    let bench = Bench::new();
    let mut matroska = asset("vorbis.mka");
    let mark = b"\x01vorbis";
    let header = matroska.windows(mark.len()).position(|it| it == mark);
    matroska[header.unwrap() + mark.len() + 4] = 6;
    for (file, container, channels) in [
        (asset("three.ogg"), "an Ogg file", 3),
        (matroska, "Matroska", 6),
    ] {
        bench.file("in", &file);
        for arguments in [&["info", "in"][..], &["render", "in", "out.wav"]] {
            assert_fails(
                &bench.run(arguments),
                1,
                &format!(
                    "in: is {container} with Vorbis of {channels} channels in it, which is not supported; \
                     convert it with another tool first"
                ),
            );
        }
    }
    assert_eq!(bench.names(), ["in"]);
}

/// What comes before it is played, and what does not follow is told of.
#[test]
fn vorbis_of_three_channels_behind_vorbis_of_one_is_told_of() {
    let (one, three) = (asset("mono48.ogg"), asset("three.ogg"));
    let (alone, _) = samples_by_every_way(&one, "a.ogg", "48000x1:s16le");
    let (rendered, said) = samples_by_every_way(&[one, three].concat(), "a.ogg", "48000x1:s16le");
    assert!(rendered == alone, "{said}");
    assert_eq!(
        said,
        "outdata: warning: a.ogg: goes on with Vorbis of 3 channels, which is not supported"
    );
}

/// Decoders put a lone channel on the front left, too.
#[test]
fn one_channel_is_mono_in_every_container() {
    for name in [
        "mono48.ogg",
        "vbr.mp3",
        "s24.flac",
        "alac.m4a",
        "aac.m4a",
        "alac.caf",
        "vorbis.mka",
        "adpcm.wav",
    ] {
        assert_eq!(positions(&asset(name)), "FC", "{name}");
    }
}

/// `WAVEFORMATEXTENSIBLE` of 16 bits.
fn wav(mask: u32, channels: u16, samples: &[i16]) -> Vec<u8> {
    let data: Vec<u8> = samples
        .iter()
        .flat_map(|sample| sample.to_le_bytes())
        .collect();
    let mut wav = b"RIFF".to_vec();
    wav.extend((60 + data.len() as u32).to_le_bytes());
    wav.extend(b"WAVEfmt \x28\0\0\0\xfe\xff");
    wav.extend(channels.to_le_bytes());
    wav.extend(48_000_u32.to_le_bytes());
    wav.extend((48_000 * 2 * u32::from(channels)).to_le_bytes());
    wav.extend((2 * channels).to_le_bytes());
    wav.extend(b"\x10\0\x16\0\x10\0");
    wav.extend(mask.to_le_bytes());
    wav.extend(b"\x01\0\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71");
    wav.extend(b"data");
    wav.extend((data.len() as u32).to_le_bytes());
    wav.extend(data);
    wav
}

/// ruuda/hound#87, naudio/NAudio#1234: a lone channel is given the mask FL.
#[test]
fn one_channel_is_mono_also_where_its_mask_says_front_left() {
    let samples = noise(1_000);
    for mask in [0, 1, 4] {
        let (rendered, said) =
            samples_by_every_way(&wav(mask, 1, &samples), "a.wav", "48000x2:s16le");
        let both: Vec<u8> = samples
            .iter()
            .flat_map(|sample| [sample.to_le_bytes(), sample.to_le_bytes()].concat())
            .collect();
        assert!(rendered == both, "{mask}");
        assert_eq!(said, "");
    }
}

#[test]
fn a_channel_that_a_mix_drops_is_told_of_once() {
    for (mask, channels, words) in [
        (
            0xf,
            4,
            "channel LFE of FL+FR+FC+LFE is dropped in the mix to 2: keep it by --lfe keep",
        ),
        (
            0x3f,
            6,
            "channel LFE of 5.1(back) is dropped in the mix to 2: keep it by --lfe keep",
        ),
        (
            0,
            6,
            "channels 2 3 4 5 of discrete-6 are dropped in the mix to 2: they have no places; pick some \
             by --channels",
        ),
        (
            0,
            10,
            "channels 2 3 4 5 6 7 8 9 of 10 are dropped in the mix to 2: they have no places; \
             pick some by --channels",
        ),
    ] {
        let wav = wav(mask, channels, &noise(usize::from(channels) * 100));
        let (_, said) = samples_by_every_way(&wav, "a.wav", "48000x2:f32le");
        assert_eq!(said, format!("outdata: warning: {words}"));
    }
    let kept = wav(0x3f, 6, &noise(600));
    let bench = Bench::new();
    for arguments in [
        ["--lfe", "keep"],
        ["--to", "48000x6:s16le"],
        ["--channels", "0,1"],
    ] {
        let output = bench.run_with(&kept, &[&["render", "-", "-"], &arguments[..]].concat());
        assert!(!text(&output.stderr).contains("dropped"), "{arguments:?}");
    }
}
