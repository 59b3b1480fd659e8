//! What devices are opened as, without any.
#![allow(missing_docs, clippy::unwrap_used)]

use std::time::Duration;

use device_io::{
    BlockLength, Choice, Conversion, DeviceError, Negotiated, Reason, SupportedFormats,
};
use proptest::prelude::*;
use rt_callback::{Config, SampleFormat, StreamSpec, stream};

fn spec(text: &str) -> StreamSpec {
    text.parse().unwrap()
}

fn can(format: SampleFormat, channels: usize, rates_hz: (u32, u32)) -> SupportedFormats {
    SupportedFormats::new(format, channels, rates_hz)
}

fn negotiate(source: &str, supported: &[SupportedFormats]) -> Negotiated {
    Negotiated::new(spec(source), BlockLength::default(), supported).unwrap()
}

fn rate(source_hz: u32, device_hz: &[u32]) -> u32 {
    let supported: Vec<_> = device_hz
        .iter()
        .map(|rate_hz| can(SampleFormat::S16, 2, (*rate_hz, *rate_hz)))
        .collect();
    negotiate(&format!("{source_hz}x2:s16le"), &supported)
        .spec
        .rate_hz
}

#[test]
fn the_sources_own_rate_comes_first() {
    assert_eq!(rate(44_100, &[48_000, 44_100, 96_000]), 44_100);
    assert_eq!(rate(24_000, &[48_000, 44_100, 24_000]), 24_000);
    let range = [can(SampleFormat::S16, 2, (8_000, 192_000))];
    assert_eq!(negotiate("22050x1:s16le", &range).spec.rate_hz, 22_050);
}

#[test]
fn then_the_lowest_of_the_48k_family_that_loses_nothing() {
    assert_eq!(rate(24_000, &[44_100, 192_000, 96_000, 48_000]), 48_000);
    assert_eq!(rate(44_100, &[88_200, 96_000, 48_000, 32_000]), 48_000);
    assert_eq!(rate(96_000, &[44_100, 48_000, 192_000]), 192_000);
    // Of a range too, and not its end.
    let range = [can(SampleFormat::S16, 2, (44_100, 192_000))];
    assert_eq!(negotiate("16000x1:s16le", &range).spec.rate_hz, 48_000);
}

#[test]
fn then_the_highest_of_the_family_then_whatever_there_is() {
    assert_eq!(rate(96_000, &[44_100, 32_000, 48_000]), 48_000);
    assert_eq!(rate(48_000, &[22_050, 44_100]), 44_100);
    assert_eq!(rate(16_000, &[44_100, 22_050]), 22_050);
    assert_eq!(rate(48_000, &[37_800]), 37_800);
}

#[test]
fn formats_in_their_order() {
    let order = [
        SampleFormat::F32,
        SampleFormat::F64,
        SampleFormat::S32,
        SampleFormat::S24_IN_32,
        SampleFormat::S16,
        SampleFormat::U8,
    ];
    for (index, best) in order.iter().enumerate() {
        let supported: Vec<_> = order[index..]
            .iter()
            .rev()
            .map(|format| can(*format, 2, (48_000, 48_000)))
            .collect();
        assert_eq!(negotiate("48000x2:s16le", &supported).spec.format, *best);
    }
}

#[test]
fn the_nearest_channel_count_and_of_two_the_one_that_loses_nothing() {
    let of = |source: &str, counts: &[usize]| {
        let supported: Vec<_> = counts
            .iter()
            .map(|count| can(SampleFormat::S16, *count, (48_000, 48_000)))
            .collect();
        negotiate(source, &supported).spec.channels()
    };
    assert_eq!(of("48000x1:s16le", &[8, 2, 6]), 2);
    assert_eq!(of("48000x2:s16le", &[1, 3]), 3);
    assert_eq!(of("48000x5.1:s16le", &[2, 8]), 8);
    assert_eq!(of("48000x2:s16le", &[1]), 1);
    assert_eq!(of("48000x2:s16le", &[8]), 8);
}

/// PortAudio and others take the rate last; here a format is never bought with a resampling.
#[test]
fn the_rate_weighs_more_than_the_format_and_that_more_than_the_channels() {
    let supported = [
        can(SampleFormat::F32, 2, (48_000, 48_000)),
        can(SampleFormat::S16, 8, (44_100, 44_100)),
        can(SampleFormat::U8, 2, (44_100, 44_100)),
    ];
    let spec = negotiate("44100x2:s16le", &supported).spec;
    assert_eq!(spec, self::spec("44100x7.1:s16le"));
}

/// BillyDM/Firewheel#140: 1024 frames were asked for, 682 came; and devices name limits that are
/// none.
#[test]
fn a_block_is_explicit_and_within_limits_that_may_be_nonsense() {
    let block = |range, block: BlockLength| {
        let mut one = can(SampleFormat::S16, 2, (48_000, 48_000));
        one.block_frames = range;
        let negotiated = Negotiated::new(spec("48000x2:s16le"), block, &[one]).unwrap();
        (negotiated.block_frames, negotiated.explain().choices[3].1)
    };
    let default = BlockLength::default();
    assert_eq!(block(None, default), (960, Reason::AsAsked));
    assert_eq!(block(Some((0, u32::MAX)), default), (960, Reason::AsAsked));
    assert_eq!(block(Some((u32::MAX, 0)), default), (960, Reason::AsAsked));
    assert_eq!(
        block(Some((1_024, 4_096)), default),
        (1_024, Reason::RaisedToSmallest)
    );
    assert_eq!(
        block(Some((16, 512)), default),
        (512, Reason::LoweredToLargest)
    );
    assert_eq!(block(Some((0, 0)), default), (1, Reason::LoweredToLargest));
    assert_eq!(block(None, BlockLength::Frames(0)).0, 1);
    assert_eq!(block(None, BlockLength::Frames(333)).0, 333);
    assert_eq!(block(None, Duration::ZERO.into()).0, 1);
    assert_eq!(
        block(None, Duration::MAX.into()).0,
        60 * 48_000,
        "BlockLength::LONGEST"
    );
}

#[test]
fn a_device_that_takes_anything_gets_what_there_is() {
    let negotiated = negotiate("24000x1:s16le", &[]);
    assert_eq!(negotiated.spec, spec("24000x1:s16le"));
    assert_eq!(negotiated.block_frames, 480);
    let explained = negotiated.explain();
    assert!(explained.conversions.is_empty());
    assert!(explained.to_string().contains("copies"), "{explained}");
}

#[test]
fn a_device_that_cannot_be_rendered_for_is_an_error_that_says_what_it_has() {
    let impossible = [
        can(SampleFormat::S16, 0, (48_000, 48_000)),
        can(SampleFormat::S16, 65, (48_000, 48_000)),
        can(SampleFormat::S16, 2, (0, 0)),
    ];
    let error = Negotiated::new(spec("48000x2:s16le"), BlockLength::default(), &impossible);
    let Err(DeviceError::UnsupportedFormat(said)) = error else {
        panic!("{error:?}");
    };
    assert!(said.contains("48000x65:s16le"), "{said}");
}

#[test]
fn every_choice_and_conversion_is_explained() {
    let supported = [can(SampleFormat::S16, 8, (44_100, 44_100))];
    let explained = negotiate("24000x1:f32le", &supported).explain();
    assert_eq!(
        explained.choices.map(|(_, reason)| reason),
        [
            Reason::OnlyRate,
            Reason::BestFormat,
            Reason::NearestChannels,
            Reason::AsAsked
        ]
    );
    assert_eq!(explained.choices[0].0, Choice::Rate(44_100));
    let (mono, surround) = (spec("1x1:u8").layout, spec("1x8:u8").layout);
    assert_eq!(
        explained.conversions,
        [
            Conversion::Resample {
                from_hz: 24_000,
                to_hz: 44_100
            },
            Conversion::Mix {
                from: mono,
                to: surround
            },
            Conversion::Format {
                from: SampleFormat::F32,
                to: SampleFormat::S16
            },
        ]
    );
    let text = explained.to_string();
    for part in [
        "44100 Hz: the device has no rate",
        "882 frames (20.0 ms): as asked for",
        "resample 24000 to 44100 Hz, upmix 1 to 8 channels, convert f32le to s16le",
    ] {
        assert!(text.contains(part), "{text}");
    }
    // A downmix comes first: the fewer channels are resampled.
    let supported = [can(SampleFormat::S16, 1, (16_000, 16_000))];
    let explained = negotiate("48000x2:s16le", &supported).explain();
    assert!(matches!(explained.conversions[0], Conversion::Mix { .. }));
}

fn supported() -> impl Strategy<Value = SupportedFormats> {
    let format = prop::sample::select(SampleFormat::ALL);
    let rates = prop_oneof![
        (1_u32..800_000, 1_u32..800_000),
        prop::sample::select(&[8_000_u32, 44_100, 48_000, 96_000][..]).prop_map(|r| (r, r)),
        any::<(u32, u32)>(),
    ];
    let block = prop::option::of(any::<(u32, u32)>());
    (format, 0_usize..80, rates, block).prop_map(|(format, channels, rates_hz, block_frames)| {
        let mut one = can(format, channels, rates_hz);
        one.block_frames = block_frames;
        one
    })
}

proptest! {
    /// Whatever a device says, what comes out is one of the ways it named, a stream can be made for
    /// it, and the order in which it names them changes nothing that matters.
    #[test]
    fn what_is_chosen_is_supported_and_can_be_rendered(
        mut all in prop::collection::vec(supported(), 1..12),
        rate_hz in 1_u32..=768_000,
        channels in 1_usize..=64,
        frames in any::<u32>(),
    ) {
        let source = spec(&format!("{rate_hz}x{channels}:s16le"));
        let block = BlockLength::Frames(frames);
        let Ok(chosen) = Negotiated::new(source, block, &all) else {
            // Nothing that could be had.
            for one in &all {
                let (low, high) = (one.rates_hz.0.min(one.rates_hz.1), one.rates_hz.0.max(one.rates_hz.1));
                let nearest = source.rate_hz.clamp(low, high);
                prop_assert!(
                    !(1..=64).contains(&one.channels)
                        || !(1..=768_000).contains(&nearest)
                        || nearest.max(rate_hz) > nearest.min(rate_hz).saturating_mul(256)
                );
            }
            return Ok(());
        };
        let of = |one: &SupportedFormats| {
            let (low, high) = (one.rates_hz.0.min(one.rates_hz.1), one.rates_hz.0.max(one.rates_hz.1));
            one.format == chosen.spec.format
                && one.channels == chosen.spec.channels()
                && (low..=high).contains(&chosen.spec.rate_hz)
        };
        prop_assert!(all.iter().any(of), "{:?}", chosen);
        prop_assert!(chosen.block_frames >= 1);
        prop_assert!(stream(&Config::new(source, chosen.spec)).is_ok(), "{:?}", chosen);
        prop_assert!(!chosen.explain().to_string().is_empty());
        // The source's own rate is never passed over.
        let has_own = all.iter().any(|one| {
            let (low, high) = (one.rates_hz.0.min(one.rates_hz.1), one.rates_hz.0.max(one.rates_hz.1));
            (low..=high).contains(&rate_hz) && (1..=64).contains(&one.channels)
        });
        prop_assert_eq!(has_own, chosen.spec.rate_hz == rate_hz);
        all.reverse();
        let reversed = Negotiated::new(source, block, &all).unwrap();
        prop_assert_eq!(reversed.spec.rate_hz, chosen.spec.rate_hz);
        prop_assert_eq!(reversed.spec.channels(), chosen.spec.channels());
    }
}
