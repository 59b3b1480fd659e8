//! Cards that are pulled out, that run dry, and that come and go.

#[cfg(feature = "realtime")]
use std::fs;
use std::time::Duration;

use device_io::{Absent, Backend, DeviceEvent, Output, Policy, Supervised, Supervision};
use rt_callback::{Config, stream_from};

use crate::cards::{Cards, on_cards};
use crate::playing::{Stream, alsa, assert_played, events, play_exactly, request, wait_for};

// Exactly one DeviceNotAvailable comes, and the renderer is had back with its queue.
on_cards!(
    an_unplugged_card_gives_the_renderer_back,
    "usb: speed 1
     other: speed 20",
    |cards| {
        let mut output = alsa()
            .open_output(&request("usb", "48000x2:s16le"))
            .unwrap();
        let (stream, renderer) = Stream::new("48000x2:s16le", output.spec(), 48_000);
        let expected = stream.offline();
        output.start(renderer).unwrap();
        wait_for("sound", || stream.heard() > 4_800);
        cards.unplug("usb");
        let mut told = Vec::new();
        wait_for("the loss", || {
            told.extend(events(output.as_mut()));
            !told.is_empty()
        });
        assert!(matches!(told[..], [DeviceEvent::Lost(_)]), "{told:?}");
        let renderer = output.stop().unwrap().unwrap();
        let mut other = alsa()
            .open_output(&request("other", "48000x2:s16le"))
            .unwrap();
        other.start(renderer).unwrap();
        wait_for("the rest", || stream.heard() == 48_000);
        other.stop().unwrap();
        // What one card got and what the other got are the whole, in order; the last block may not
        // have got through.
        let (first, second) = (cards.played("usb"), cards.played("other"));
        let silent = second.iter().rev().take_while(|byte| **byte == 0).count();
        let second = &second[..second.len() - silent];
        let at = expected
            .windows(second.len())
            .position(|part| part == second)
            .unwrap();
        let block = 4 * output.block_frames().unwrap();
        assert!(expected.starts_with(&first));
        assert!(
            (first.len()..=first.len() + block).contains(&at),
            "{at} after {}",
            first.len()
        );
        assert!(cards.played("other").len() > block);
    }
);

/// A stream of so many frames on the card `usb`, which was pulled out when some of them had been heard; it plays on on
/// the default one. And what was told meanwhile.
fn moved_to_the_other(
    cards: &Cards,
    frames: usize,
    heard: u64,
) -> (Supervised, Stream, Vec<DeviceEvent>) {
    let request = request("usb", "48000x2:s16le");
    let supervision = Supervision::new(Policy::Follow);
    let mut output = Supervised::open(alsa(), request, supervision).unwrap();
    let (stream, renderer) = Stream::new("48000x2:s16le", output.spec(), frames);
    output.start(renderer).unwrap();
    wait_for("sound", || stream.heard() > heard);
    cards.unplug("usb");
    let mut told = Vec::new();
    wait_for("the other card", || {
        told.extend(events(&mut output));
        told.len() >= 2
    });
    (output, stream, told)
}

on_cards!(
    an_unplugged_card_is_followed_by_the_default_one,
    "usb: speed 1
     default: speed 1",
    |cards| {
        let (mut output, stream, told) = moved_to_the_other(cards, 48_000, 9_600);
        let spec = stream.config.device;
        assert!(matches!(told[0], DeviceEvent::Lost(_)), "{told:?}");
        assert_eq!(told[1], DeviceEvent::Reopened { device: None, spec });
        wait_for("the rest", || stream.heard() == 48_000);
        output.stop().unwrap();
        assert!(events(&mut output).is_empty());
        let counters = stream.monitor.snapshot();
        assert_eq!(
            (
                counters.queued_frames,
                counters.dropped_frames,
                counters.underruns
            ),
            (0, 0, 0)
        );
    }
);

on_cards!(
    /// livekit/rust-sdks#1198: the device's rate and channels change in the middle.
    another_card_gets_what_it_takes_from_the_exact_frame_on,
    "usb: speed 1 rate_min 44100 rate_max 44100
     headset: speed 4 rate_min 16000 rate_max 16000 channels_min 1 channels_max 1",
    |cards| {
        let mut usb = alsa()
            .open_output(&request("usb", "48000x2:s16le"))
            .unwrap();
        let (stream, renderer) = Stream::new("48000x2:s16le", usb.spec(), 48_000);
        usb.start(renderer).unwrap();
        wait_for("sound", || stream.heard() > 9_600);
        cards.unplug("usb");
        wait_for("the loss", || !events(usb.as_mut()).is_empty());
        let mut renderer = usb.stop().unwrap().unwrap();
        let rendered = stream.monitor.snapshot().rendered_frames as usize;
        let mut headset = alsa()
            .open_output(&request("headset", "48000x2:s16le"))
            .unwrap();
        let spec = headset.spec();
        renderer.rebind(spec).unwrap();
        headset.start(renderer).unwrap();
        wait_for("the rest", || stream.monitor.snapshot().is_played_out());
        headset.stop().unwrap();
        // The same offline: so many frames for the one, the rest for the other.
        let (first, rest) = stream.offline_moved(rendered, spec);
        assert!(first.starts_with(&cards.played("usb")));
        assert_played(cards, "headset", spec, &rest);
        let counters = stream.monitor.snapshot();
        assert_eq!(counters.heard_frames + counters.dropped_frames, 48_000);
        assert_eq!(counters.underruns, 0);
    }
);

// A panic in the data callback: ALSA's thread dies without an error.
on_cards!(
    a_panic_in_the_callback_is_silence_and_the_stream_goes_on,
    "card: speed 20 channels_min 1 channels_max 1",
    |_| {
        let mut output = alsa()
            .open_output(&request("card", "48000x1:s16le"))
            .unwrap();
        let mut calls = 0;
        let source = move |block: &mut [f32]| {
            calls += 1;
            assert_ne!(calls, 3, "a bug in user code");
            block.fill(0.5);
            block.len()
        };
        let config = Config::new(output.spec(), output.spec());
        let (_controller, renderer, monitor) = stream_from(&config, Box::new(source)).unwrap();
        output.start(renderer).unwrap();
        wait_for("sound", || monitor.snapshot().heard_frames > 48_000);
        assert_eq!(
            events(output.as_mut()),
            [DeviceEvent::Panicked { count: 1 }]
        );
        assert!(output.stop().unwrap().is_some());
    }
);

// A callback that is late on a clock that does not wait.
on_cards!(
    a_stall_in_the_callback_is_an_xrun_and_passes,
    "card: speed 1 strict 1 channels_min 1 channels_max 1",
    |_| {
        let mut output = alsa()
            .open_output(&request("card", "48000x1:s16le"))
            .unwrap();
        let mut calls = 0;
        let source = move |block: &mut [f32]| {
            calls += 1;
            if calls == 20 {
                std::thread::sleep(Duration::from_millis(300));
            }
            block.fill(0.5);
            block.len()
        };
        let config = Config::new(output.spec(), output.spec());
        let (_controller, renderer, monitor) = stream_from(&config, Box::new(source)).unwrap();
        output.start(renderer).unwrap();
        wait_for("sound", || monitor.snapshot().heard_frames > 24_000);
        let told = events(output.as_mut());
        // A busy machine may make more of them, but no other.
        assert!(
            !told.is_empty() && told.iter().all(|event| *event == DeviceEvent::Xrun),
            "{told:?}"
        );
        assert!(output.stop().unwrap().is_some());
    }
);

on_cards!(
    an_xrun_is_told_of_and_nothing_is_lost,
    "bad: speed 1 xrun_at 9600",
    |cards| {
        let mut output = alsa()
            .open_output(&request("bad", "48000x2:s16le"))
            .unwrap();
        let (stream, renderer) = Stream::new("48000x2:s16le", output.spec(), 24_000);
        let expected = stream.offline();
        output.start(renderer).unwrap();
        wait_for("the sound", || cards.played("bad").len() >= expected.len());
        assert_eq!(events(output.as_mut()), [DeviceEvent::Xrun]);
        output.stop().unwrap();
        assert_played(cards, "bad", stream.config.device, &expected);
    }
);

on_cards!(
    a_strict_clock_is_served_in_time,
    "strict: speed 1 strict 1",
    |cards| {
        // Blocks of 100 ms, so that a busy machine does not fail it.
        let mut request = request("strict", "48000x2:s16le");
        request.block = Duration::from_millis(100).into();
        let mut output = alsa().open_output(&request).unwrap();
        let (stream, renderer) = Stream::new("48000x2:s16le", output.spec(), 48_000);
        let expected = stream.offline();
        output.start(renderer).unwrap();
        wait_for("the sound", || {
            cards.played("strict").len() >= expected.len()
        });
        assert_eq!(events(output.as_mut()), []);
        output.stop().unwrap();
        assert_played(cards, "strict", stream.config.device, &expected);
    }
);

on_cards!(
    /// livekit/node-sdks#693, pipecat-ai/pipecat#4647: the last words are cut.
    a_drain_ends_when_the_card_has_played_the_last_frame,
    "card: speed 1 strict 1",
    |cards| {
        let mut request = request("card", "48000x2:s16le");
        request.block = Duration::from_millis(100).into();
        let mut output = alsa().open_output(&request).unwrap();
        let (mut stream, renderer) = Stream::new("48000x2:s16le", output.spec(), 24_000);
        let expected = stream.offline();
        let begin = std::time::Instant::now();
        output.start(renderer).unwrap();
        stream.feeder.drain(Duration::from_secs(20)).unwrap();
        // Half a second of sound, of which the card has up to 200 ms in its buffer.
        assert!(
            begin.elapsed() >= Duration::from_millis(500),
            "{:?}",
            begin.elapsed()
        );
        output.stop().unwrap();
        assert_played(cards, "card", stream.config.device, &expected);
    }
);

on_cards!(
    /// BillyDM/Firewheel#140: asked for 1024 frames, got 682. Whatever comes is rendered.
    any_block_length_sounds_the_same,
    "card: speed 20 period_min 16
     odd: speed 20 period_min 1000 period_max 1000",
    |cards| {
        play_exactly(cards, "odd", "48000x2:s16le", 24_000);
        let mut request = request("card", "48000x2:s16le");
        request.block = device_io::BlockLength::Frames(37);
        let mut output = alsa().open_output(&request).unwrap();
        let (stream, renderer) = Stream::new("48000x2:s16le", output.spec(), 4_800);
        let expected = stream.offline();
        output.start(renderer).unwrap();
        wait_for("the sound", || cards.played("card").len() >= expected.len());
        output.stop().unwrap();
        assert_played(cards, "card", stream.config.device, &expected);
    }
);

/// Whether a thread of this process is scheduled in real time, as this crate does it.
#[cfg(feature = "realtime")]
pub(crate) fn has_real_time_thread() -> bool {
    // rt_priority and policy, the 40th and 41st fields: 1 is SCHED_FIFO.
    fs::read_dir("/proc/self/task").unwrap().any(|task| {
        let stat = fs::read_to_string(task.unwrap().path().join("stat")).unwrap_or_default();
        let behind_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
        let fields: Vec<_> = behind_name.split(' ').collect();
        fields.get(37..39) == Some(&["10", "1"])
    })
}

#[cfg(feature = "realtime")]
on_cards!(
    the_callback_is_scheduled_in_real_time_where_that_is_allowed,
    "card: speed 1",
    |_| {
        let mut output = alsa()
            .open_output(&request("card", "48000x2:s16le"))
            .unwrap();
        let (stream, renderer) = Stream::new("48000x2:s16le", output.spec(), 48_000);
        output.start(renderer).unwrap();
        wait_for("sound", || stream.heard() > 4_800);
        let promoted = has_real_time_thread();
        let refused = events(output.as_mut()).contains(&DeviceEvent::RealtimeRefused);
        assert_ne!(promoted, refused, "one of them");
    }
);

on_cards!(
    a_lost_card_is_gone_back_to_when_it_is_plugged_in_again,
    "usb: speed 1
     default: speed 1",
    |cards| {
        let (mut output, stream, mut told) = moved_to_the_other(cards, 96_000, 4_800);
        cards.plug_in("usb");
        wait_for("the card", || {
            told.extend(events(&mut output));
            told.len() >= 3
        });
        let spec = stream.config.device;
        let on = |device: Option<&str>| DeviceEvent::Reopened {
            device: device.map(str::to_owned),
            spec,
        };
        assert_eq!(told[1..], [on(None), on(Some("alsa:usb"))]);
        wait_for("the rest", || stream.heard() == 96_000);
        output.stop().unwrap();
        let counters = stream.monitor.snapshot();
        assert_eq!((counters.dropped_frames, counters.underruns), (0, 0));
    }
);

on_cards!(
    /// yamanahlawat/banshee#51: started before there is a device.
    a_card_that_is_not_there_yet_is_waited_for,
    "card: speed 1",
    |cards| {
        cards.unplug("card");
        let mut supervision = Supervision::new(Policy::Follow);
        supervision.absent = Some(Absent::Hold);
        let request = request("card", "48000x2:s16le");
        let mut output = Supervised::open(alsa(), request, supervision).unwrap();
        let (stream, renderer) = Stream::new("48000x2:s16le", output.spec(), 9_600);
        output.start(renderer).unwrap();
        let mut told = Vec::new();
        wait_for("the clock", || {
            told.extend(events(&mut output));
            stream.monitor.snapshot().rendered_frames > 9_600
        });
        assert_eq!(told, [DeviceEvent::Waiting]);
        assert_eq!(stream.heard(), 0);
        let expected = stream.offline();
        cards.plug_in("card");
        wait_for("the sound", || cards.played("card").len() >= expected.len());
        assert!(matches!(
            events(&mut output)[..],
            [DeviceEvent::Reopened { .. }]
        ));
        output.stop().unwrap();
        assert_played(cards, "card", stream.config.device, &expected);
    }
);
