//! Cards that are recorded from: what they deliver is a ramp, so that every frame is known.

use std::time::Duration;

use device_io::{Backend, DeviceEvent, Input, InputRequest, Offline};
use rt_callback::{CaptureConfig, Reader, Sample, StreamSpec, capture};

use crate::cards::on_cards;
use crate::playing::{alsa, spec, wait_for};

pub(crate) fn input_request(card: &str, wanted: &str) -> InputRequest {
    let mut request = InputRequest::new(spec(wanted));
    request.device = Some(format!("alsa:{card}"));
    request
}

/// Opens and starts a card; it is read as `application`, or as it is.
pub(crate) fn listen(
    card: &str,
    wanted: &str,
    application: Option<&str>,
) -> (Box<dyn Input>, Reader) {
    let mut input = alsa().open_input(&input_request(card, wanted)).unwrap();
    let application = application.map_or(input.spec(), spec);
    let (recorder, reader) = capture(&CaptureConfig::new(input.spec(), application)).unwrap();
    input.start(recorder).unwrap();
    (input, reader)
}

/// The card's first frames as s16: the ramp, and its complement in every second channel.
pub(crate) fn ramp(frames: usize, channels: usize) -> Vec<i16> {
    (1..=frames)
        .flat_map(|at| {
            (0..channels).map(move |channel| match channel % 2 {
                0 => at as i16,
                _ => !(at as i16),
            })
        })
        .collect()
}

pub(crate) fn read<S: Sample>(reader: &mut Reader, frames: usize) -> Vec<S> {
    let mut heard = vec![S::EQUILIBRIUM; frames * reader.application().channels()];
    let count = reader.read_blocking(&mut heard, Duration::from_secs(30));
    assert_eq!(count, frames);
    heard
}

pub(crate) fn has_lost_nothing(reader: &Reader) {
    let counters = reader.snapshot();
    assert_eq!(
        (
            counters.overruns,
            counters.shape_mismatches,
            counters.non_finite_samples
        ),
        (0, 0, 0)
    );
    assert_eq!(
        counters.captured_frames,
        counters.read_frames + counters.queued_frames
    );
}

on_cards!(
    a_card_is_heard_frame_by_frame,
    "cd: formats S16_LE rate_min 44100 rate_max 44100",
    |_| {
        let (mut input, mut reader) = listen("cd", "16000x1:s16le", None);
        assert_eq!(input.spec(), spec("44100x2:s16le"));
        assert_eq!(read::<i16>(&mut reader, 22_050), ramp(22_050, 2));
        assert_eq!(input.poll_event(), None);
        assert!(input.progress().unwrap().frames >= 22_050);
        assert!(input.stop().unwrap().is_some());
        has_lost_nothing(&reader);
    }
);

on_cards!(
    a_float_card_is_heard_as_well,
    "float: formats FLOAT_LE channels_min 1 channels_max 1",
    |_| {
        let (_input, mut reader) = listen("float", "48000x1:f32le", None);
        let expected: Vec<f32> = ramp(9_600, 1)
            .iter()
            .map(|value| f32::from(*value) / 32_768.0)
            .collect();
        assert_eq!(read::<f32>(&mut reader, 9_600), expected);
        has_lost_nothing(&reader);
    }
);

// What a speech recognizer gets from a card at 48 kHz is what offline conversion makes of the ramp.
on_cards!(
    a_recognizer_is_given_16_khz_mono,
    "card: formats S16_LE",
    |_| {
        let application = "16000x1:s16le";
        let (_input, mut reader) = listen("card", application, Some(application));
        let heard = read::<i16>(&mut reader, 4_000);
        let device: StreamSpec = *reader.device();
        assert_eq!(device, spec("48000x2:s16le"));

        let (offline, mut clock) = Offline::new();
        let mut input = offline.open_input(&InputRequest::new(device)).unwrap();
        let (recorder, mut reader) =
            capture(&CaptureConfig::new(device, spec(application))).unwrap();
        input.start(recorder).unwrap();
        let bytes: Vec<u8> = ramp(13_000, 2)
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        clock.capture(&bytes).unwrap();
        assert_eq!(heard, read::<i16>(&mut reader, 4_000));
    }
);

on_cards!(
    /// mozilla/cubeb#457: the microphone is pulled out; the recorder goes on with another, of another
    /// format.
    an_unplugged_microphone_is_followed_by_another,
    "usb: formats S16_LE
     headset: formats S16_LE rate_min 16000 rate_max 16000 channels_min 1 channels_max 1 \
     period_min 160 period_max 2048",
    |cards| {
        let application = "16000x1:s16le";
        let (mut input, mut reader) = listen("usb", "48000x2:s16le", Some(application));
        let heard = read::<i16>(&mut reader, 1_600).len();
        cards.unplug("usb");
        let mut told = Vec::new();
        wait_for("the loss", || {
            told.extend(input.poll_event());
            !told.is_empty()
        });
        assert!(matches!(told[..], [DeviceEvent::Lost(_)]), "{told:?}");
        let mut recorder = input.stop().unwrap().unwrap();
        let first = reader.snapshot().captured_frames;
        let mut other = alsa()
            .open_input(&input_request("headset", application))
            .unwrap();
        assert_eq!(other.spec(), spec(application));
        recorder.rebind(other.spec()).unwrap();
        other.start(recorder).unwrap();
        // All of the first card, its tail included, then the second from its beginning.
        let rest = (first.div_ceil(3)) as usize - heard;
        read::<i16>(&mut reader, rest);
        assert_eq!(read::<i16>(&mut reader, 3_200), ramp(3_200, 1));
        has_lost_nothing(&reader);
    }
);

on_cards!(
    inputs_are_listed_with_what_they_can_do,
    "default: formats S16_LE
     cd: formats S16_LE rate_min 44100 rate_max 44100",
    |_| {
        let inputs = alsa().inputs().unwrap();
        let cd = inputs.iter().find(|input| input.id == "alsa:cd").unwrap();
        assert_eq!(cd.supported[0].rates_hz, (44_100, 44_100));
        assert_eq!(inputs.iter().filter(|input| input.is_default).count(), 1);
        // The default is a name that never changes: there is nothing to ask for.
        assert_eq!(
            (alsa().default_input(), alsa().default_device()),
            (None, None)
        );
    }
);
