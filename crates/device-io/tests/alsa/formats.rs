//! What each kind of card gets.

use device_io::{Backend, DeviceError};
use rt_callback::SampleFormat;

use crate::cards::on_cards;
use crate::playing::{alsa, play_exactly, request, spec};

on_cards!(
    /// RustAudio/cpal#593, dnhkng/GLaDOS#157: the device's rate is not the file's, and the stream fails.
    an_s16_card_at_44100_hz,
    "cd: formats S16_LE rate_min 44100 rate_max 44100 speed 20",
    |cards| {
        let device = play_exactly(cards, "cd", "24000x1:s16le", 12_000);
        assert_eq!(device, spec("44100x2:s16le"));
    }
);

on_cards!(
    /// jpochyla/psst#280: a panic on a 1-channel device; thestk/rtaudio#243: mono heard only on the
    /// left.
    a_headset_that_has_become_mono_16_khz,
    "headset: rate_min 16000 rate_max 16000 channels_min 1 channels_max 1 period_min 160 \
     period_max 2048 speed 20",
    |cards| {
        let device = play_exactly(cards, "headset", "48000x2:s16le", 24_000);
        assert_eq!(device, spec("16000x1:s16le"));
    }
);

on_cards!(
    /// glicol/glicol-cli#35, orottier/web-audio-api-rs#328, sallliisa/Airwave#9: devices of 8 channels.
    an_8_channel_s32_interface,
    "studio: formats S32_LE rate_min 48000 rate_max 192000 channels_min 8 channels_max 8 speed 20
     again: formats S32_LE rate_min 48000 rate_max 192000 channels_min 8 channels_max 8 speed 20",
    |cards| {
        let device = play_exactly(cards, "studio", "24000x1:s16le", 6_000);
        assert_eq!(device, spec("48000x7.1:s32le"));
        let device = play_exactly(cards, "again", "96000x5.1:s16le", 6_000);
        assert_eq!(device, spec("96000x7.1:s32le"));
    }
);

on_cards!(
    a_float_card_in_real_time,
    "float: formats \"S16_LE FLOAT_LE\" channels_min 1 channels_max 2",
    |cards| {
        let device = play_exactly(cards, "float", "48000x1:s16le", 12_000);
        assert_eq!(device, spec("48000x1:f32le"));
    }
);

/// All of cpal's PCM formats that ALSA has, each on a card that takes nothing else.
const EVERY_FORMAT: &str = "
    s8: formats S8 speed 20
    u8: formats U8 speed 20
    s16: formats S16_LE speed 20
    u16: formats U16_LE speed 20
    s24: formats S24_LE speed 20
    u24: formats U24_LE speed 20
    s32: formats S32_LE speed 20
    u32: formats U32_LE speed 20
    f32: formats FLOAT_LE speed 20
    f64: formats FLOAT64_LE speed 20
";

on_cards!(every_sample_format, EVERY_FORMAT, |cards| {
    for (card, format) in [
        ("s8", SampleFormat::S8),
        ("u8", SampleFormat::U8),
        ("s16", SampleFormat::S16),
        ("u16", SampleFormat::U16),
        ("s24", SampleFormat::S24_IN_32),
        ("s32", SampleFormat::S32),
        ("u32", SampleFormat::U32),
        ("f32", SampleFormat::F32),
        ("f64", SampleFormat::F64),
    ] {
        let device = play_exactly(cards, card, "44100x2:s16le", 4_410);
        assert_eq!((device.format, device.rate_hz), (format, 48_000));
    }
});

on_cards!(
    unsigned_24_bits_are_the_signed_ones_shifted,
    "u24: formats U24_LE speed 20",
    |cards| {
        use crate::playing::{Stream, wait_for};
        let mut output = alsa()
            .open_output(&request("u24", "48000x2:s16le"))
            .unwrap();
        let (stream, renderer) = Stream::new("48000x2:s16le", output.spec(), 4_800);
        let expected: Vec<u8> = stream
            .offline()
            .as_chunks()
            .0
            .iter()
            .flat_map(|signed| {
                let unsigned = i32::from_le_bytes(*signed) + 0x80_0000;
                unsigned.to_le_bytes()
            })
            .collect();
        output.start(renderer).unwrap();
        wait_for("the sound", || cards.played("u24").len() >= expected.len());
        output.stop().unwrap();
        let played = cards.played("u24");
        assert!(played.starts_with(&expected));
        let rest = &played[expected.len()..];
        assert!(
            rest.as_chunks()
                .0
                .iter()
                .all(|silence| *silence == 0x80_0000_u32.to_le_bytes())
        );
    }
);

on_cards!(
    dsd_is_refused_with_a_reason,
    "dsd: formats DSD_U8
     both: formats \"DSD_U8 S16_LE\" speed 20",
    |cards| {
        let error = alsa().open_output(&request("dsd", "48000x2:s16le")).err();
        let Some(DeviceError::UnsupportedFormat(said)) = error else {
            panic!("{error:?}");
        };
        assert_eq!(said, "dsdu8");
        assert_eq!(
            DeviceError::UnsupportedFormat(said).to_string(),
            "the device takes only dsdu8, which is no PCM that could be converted"
        );
        let devices = alsa().devices().unwrap();
        let both = devices.iter().find(|device| device.name == "both").unwrap();
        assert_eq!(both.refused, ["dsdu8"]);
        play_exactly(cards, "both", "48000x2:s16le", 480);
    }
);

on_cards!(
    devices_are_listed_with_what_they_can_do,
    "default: formats S16_LE speed 20
     cd: formats S16_LE rate_min 44100 rate_max 44100 period_min 128 period_max 2048",
    |_| {
        let devices = alsa().devices().unwrap();
        let cd = devices
            .iter()
            .find(|device| device.id == "alsa:cd")
            .unwrap();
        assert!(
            cd.supported
                .iter()
                .all(|one| one.format == SampleFormat::S16)
        );
        assert_eq!(cd.supported[0].rates_hz, (44_100, 44_100));
        assert!(cd.supported[0].block_frames.is_some());
        assert_eq!(devices.iter().filter(|device| device.is_default).count(), 1);
        // What is opened is what the pure function says of it.
        let output = alsa().open_output(&request("cd", "24000x1:s16le")).unwrap();
        let negotiated = device_io::Negotiated::new(
            spec("24000x1:s16le"),
            device_io::BlockLength::default(),
            &cd.supported,
        )
        .unwrap();
        assert_eq!(output.spec(), negotiated.spec);
        assert_eq!(
            output.block_frames(),
            Some(negotiated.block_frames as usize)
        );
    }
);
