//! Names, counts and masks.
#![allow(clippy::unwrap_used)] // helpers of tests are tests

mod common;

use channel_mix::{ChannelLayout, MAX_CHANNELS, ParseLayoutError, Position};
use common::named;
use proptest::prelude::*;

/// The table of what a bare count means, with the masks of `ksmedia.h`.
const COUNTS: [(usize, &str, u32, &str); 9] = [
    (1, "mono", 0x4, "FC"),
    (2, "stereo", 0x3, "FL FR"),
    (3, "2.1", 0xB, "FL FR LFE"),
    (4, "quad", 0x33, "FL FR BL BR"),
    (5, "5.0", 0x607, "FL FR FC SL SR"),
    (6, "5.1", 0x60F, "FL FR FC LFE SL SR"),
    (7, "6.1", 0x70F, "FL FR FC LFE BC SL SR"),
    (8, "7.1", 0x63F, "FL FR FC LFE BL BR SL SR"),
    (
        12,
        "7.1.4",
        0x2D63F,
        "FL FR FC LFE BL BR SL SR TFL TFR TBL TBR",
    ),
];

#[test]
fn a_bare_count_means_the_common_layout() {
    for (count, name, mask, positions) in COUNTS {
        let layout = ChannelLayout::from_count(count).unwrap();
        assert_eq!(layout.channels(), count);
        assert_eq!(layout.mask(), Some(mask), "{name}");
        assert_eq!(layout, name.parse().unwrap());
        assert_eq!(layout, count.to_string().parse().unwrap());
        assert_eq!(layout.to_string(), count.to_string());
        assert_eq!(layout.name(), Some(name));
        let found: Vec<&str> = layout.positions().map(Position::name).collect();
        assert_eq!(found.join(" "), positions);
    }
    for count in (1..=MAX_CHANNELS).filter(|n| !COUNTS.iter().any(|(c, ..)| c == n)) {
        let layout = ChannelLayout::from_count(count).unwrap();
        assert_eq!(Some(layout), ChannelLayout::discrete(count));
        assert_eq!(layout.to_string(), count.to_string());
        assert_eq!(layout.mask(), None);
    }
    for count in [0, 65, 256, usize::MAX] {
        assert_eq!(ChannelLayout::from_count(count), None);
        assert_eq!(ChannelLayout::discrete(count), None);
        assert_eq!(ChannelLayout::from_mask(3, count), None);
    }
}

#[test]
fn what_is_printed_parses_back() {
    let discrete = (1..=MAX_CHANNELS).map(|n| ChannelLayout::discrete(n).unwrap());
    for layout in named().into_iter().chain(discrete) {
        assert_eq!(layout.to_string().parse(), Ok(layout), "{layout}");
    }
    assert_eq!(ChannelLayout::SURROUND_5_1_BACK.to_string(), "5.1(back)");
    assert_eq!(
        ChannelLayout::discrete(2).unwrap().to_string(),
        "discrete-2"
    );
    let odd: ChannelLayout = "fl+FR+bc".parse().unwrap();
    assert_eq!((odd.channels(), odd.to_string().as_str()), (3, "FL+FR+BC"));
    assert_eq!("STEREO".parse(), Ok(ChannelLayout::STEREO));
}

#[test]
fn what_is_no_layout_is_refused() {
    use ParseLayoutError::{Channels, Name};
    for (text, why) in [
        ("0", Channels),
        ("65", Channels),
        ("99999999999999999999999", Channels),
        ("discrete-0", Channels),
        ("discrete-65", Channels),
        ("", Name),
        ("discrete-", Name),
        ("discrete", Name),
        ("-2", Name),
        ("+2", Name),
        ("5.9", Name),
        ("stereo ", Name),
        ("FR+FL", Name),
        ("FL+FL", Name),
        ("FL+", Name),
        ("é-2", Name),
    ] {
        assert_eq!(text.parse::<ChannelLayout>(), Err(why), "{text}");
    }
    assert!(Channels.to_string().contains("1 to 64"));
    assert!(Name.to_string().contains("such as stereo"));
}

#[test]
fn masks_of_wave_headers() {
    for layout in named() {
        assert_eq!(
            ChannelLayout::from_mask(layout.mask().unwrap(), layout.channels()),
            Some(layout)
        );
    }
    // More bits than channels: the highest are ignored.
    assert_eq!(
        ChannelLayout::from_mask(0x63F, 6),
        Some(ChannelLayout::SURROUND_5_1_BACK)
    );
    // No mask, too few bits, a reserved bit: no positions.
    for mask in [0, 0x3, 0x8000_0007, 0x4_0003] {
        assert_eq!(
            ChannelLayout::from_mask(mask, 3),
            ChannelLayout::discrete(3)
        );
    }
}

#[test]
fn channels_and_positions_are_inverse() {
    for layout in named() {
        for (channel, position) in layout.positions().enumerate() {
            assert_eq!(layout.channel_of(position), Some(channel));
            assert_eq!(layout.position(channel), Some(position));
        }
        assert_eq!(layout.position(layout.channels()), None);
    }
    for (bit, position) in Position::ALL.into_iter().enumerate() {
        assert_eq!(position.bit(), 1 << bit);
    }
    assert_eq!(
        ChannelLayout::discrete(2)
            .unwrap()
            .channel_of(Position::FrontLeft),
        None
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_mask_prints_and_parses(mask in any::<u32>(), low in any::<bool>(), channels in 1..=64_usize) {
        let mask = if low { mask & 0x3_FFFF } else { mask };
        let layout = ChannelLayout::from_mask(mask, channels).unwrap();
        prop_assert_eq!(layout.channels(), channels);
        prop_assert_eq!(layout.to_string().parse(), Ok(layout));
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC{0,12}") {
        if let Ok(layout) = text.parse::<ChannelLayout>() {
            prop_assert!((1..=64).contains(&layout.channels()));
        }
    }
}
