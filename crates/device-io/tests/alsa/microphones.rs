//! Microphones that are pulled out, that run over, and that come and go: what `life` is for outputs.

use std::sync::mpsc::channel;
use std::time::Duration;

use device_io::{
    Absent, Backend, DeviceEvent, Input, InputRequest, Policy, SupervisedInput, Supervision,
};
use rt_callback::{BlockSink, CaptureConfig, Gap, Gaps, Reader, Recorder, capture};

use crate::cards::on_cards;
use crate::playing::{alsa, spec, wait_for};
use crate::recording::{has_lost_nothing, input_request, listen, ramp, read};

fn events(input: &mut dyn Input) -> Vec<DeviceEvent> {
    std::iter::from_fn(|| input.poll_event()).collect()
}

/// A supervised microphone, read as mono s16 of 48 kHz, and gaps skipped.
fn supervised(request: InputRequest, supervision: Supervision) -> (SupervisedInput, Reader) {
    let mut input = SupervisedInput::open(alsa(), request, supervision).unwrap();
    let mut config = CaptureConfig::new(input.spec(), input.spec());
    config.queue_frames = 10 * input.spec().rate_hz as usize;
    config.gaps = Gaps::Skip;
    let (recorder, reader) = capture(&config).unwrap();
    input.start(recorder).unwrap();
    (input, reader)
}

fn read_all(reader: &mut Reader) -> Vec<i16> {
    let mut heard = Vec::new();
    let mut block = vec![0; 4_800 * reader.application().channels()];
    loop {
        match reader.read(&mut block) {
            0 => return heard,
            frames => {
                heard.extend_from_slice(&block[..frames * reader.application().channels()]);
            }
        }
    }
}

fn gaps(reader: &mut Reader) -> Vec<Gap> {
    let mut gaps = Vec::new();
    reader.poll(|gap| gaps.push(gap));
    gaps
}

/// What was heard is one ramp after another: so many of them.
fn assert_ramps(heard: &[i16], count: usize) {
    let starts: Vec<_> = (0..heard.len()).filter(|at| heard[*at] == 1).collect();
    assert_eq!((starts.len(), starts.first()), (count, Some(&0)));
    let ends = starts.iter().skip(1).copied().chain([heard.len()]);
    for (start, end) in starts.iter().zip(ends) {
        assert!(heard[*start..end] == ramp(end - start, 1), "{start}..{end}");
    }
}

/// All that was captured has been read or is in a gap.
fn assert_counted(reader: &mut Reader) {
    let lost: u64 = gaps(reader).iter().map(|gap| gap.frames).sum();
    let counters = reader.snapshot();
    assert_eq!(
        (counters.captured_frames, counters.dropped_frames),
        (counters.read_frames + lost, lost)
    );
}

on_cards!(
    an_unplugged_microphone_is_followed_by_the_default_one,
    "usb: channels_min 1 channels_max 1
     default: channels_min 1 channels_max 1",
    |cards| {
        let request = input_request("usb", "48000x1:s16le");
        let (mut input, mut reader) = supervised(request, Supervision::new(Policy::Follow));
        let mut heard = read::<i16>(&mut reader, 9_600);
        cards.unplug("usb");
        let mut told = Vec::new();
        wait_for("the other card", || {
            told.extend(events(&mut input));
            told.len() >= 2
        });
        let spec = input.spec();
        assert!(matches!(told[0], DeviceEvent::Lost(_)), "{told:?}");
        assert_eq!(told[1], DeviceEvent::Reopened { device: None, spec });
        heard.extend(read::<i16>(&mut reader, 9_600));
        drop(input.stop().unwrap().unwrap());
        heard.extend(read_all(&mut reader));
        assert_ramps(&heard, 2);
        assert_counted(&mut reader);
    }
);

on_cards!(
    a_lost_microphone_is_gone_back_to_when_it_is_plugged_in_again,
    "usb: channels_min 1 channels_max 1
     default: channels_min 1 channels_max 1",
    |cards| {
        let request = input_request("usb", "48000x1:s16le");
        let (mut input, mut reader) = supervised(request, Supervision::new(Policy::Follow));
        let mut heard = read::<i16>(&mut reader, 4_800);
        cards.unplug("usb");
        let mut told = Vec::new();
        wait_for("the other card", || {
            told.extend(events(&mut input));
            told.len() >= 2
        });
        // It is heard meanwhile.
        heard.extend(read::<i16>(&mut reader, 4_800));
        cards.plug_in("usb");
        wait_for("the card", || {
            told.extend(events(&mut input));
            told.len() >= 3
        });
        let home = DeviceEvent::Reopened {
            device: Some("alsa:usb".into()),
            spec: input.spec(),
        };
        assert_eq!(told[2..], [home]);
        wait_for("sound", || {
            heard.extend(read_all(&mut reader));
            heard.iter().filter(|value| **value == 1).count() == 3
        });
        drop(input.stop().unwrap().unwrap());
        heard.extend(read_all(&mut reader));
        assert_ramps(&heard, 3);
        assert_counted(&mut reader);
    }
);

on_cards!(
    /// livekit/rust-sdks#1198: a headset that turns into a telephone.
    a_reader_goes_on_whatever_the_next_microphone_delivers,
    "usb: speed 1 rate_min 44100 rate_max 44100
     default: rate_min 16000 rate_max 16000 channels_min 1 channels_max 1 \
     period_min 160 period_max 2048",
    |cards| {
        let application = "16000x1:s16le";
        let request = input_request("usb", application);
        let supervision = Supervision::new(Policy::Follow);
        let mut input = SupervisedInput::open(alsa(), request, supervision).unwrap();
        assert_eq!(input.spec(), spec("44100x2:s16le"));
        let mut config = CaptureConfig::new(input.spec(), spec(application));
        config.gaps = Gaps::Skip;
        let (recorder, mut reader) = capture(&config).unwrap();
        input.start(recorder).unwrap();
        read::<i16>(&mut reader, 1_600);
        cards.unplug("usb");
        wait_for("the other card", || input.spec() == spec(application));
        read::<i16>(&mut reader, 4_800);
        drop(input.stop().unwrap().unwrap());
        // What is left is of the second card alone, and read as it is.
        let rest = read_all(&mut reader);
        assert!(rest.windows(2).all(|two| two[1] == two[0] + 1), "{rest:?}");
        assert_counted(&mut reader);
    }
);

on_cards!(
    a_microphone_that_is_not_there_yet_is_waited_for,
    "card: channels_min 1 channels_max 1",
    |cards| {
        cards.unplug("card");
        let mut supervision = Supervision::new(Policy::Follow);
        supervision.absent = Some(Absent::Discard);
        let request = input_request("card", "48000x1:s16le");
        let (mut input, mut reader) = supervised(request, supervision);
        let mut told = Vec::new();
        wait_for("the news", || {
            told.extend(events(&mut input));
            !told.is_empty()
        });
        assert_eq!(told, [DeviceEvent::Waiting]);
        assert_eq!(reader.snapshot().read_frames, 0);
        cards.plug_in("card");
        assert_eq!(read::<i16>(&mut reader, 9_600), ramp(9_600, 1));
        assert!(matches!(
            events(&mut input)[..],
            [DeviceEvent::Reopened { .. }]
        ));
        drop(input.stop().unwrap().unwrap());
        read_all(&mut reader);
        assert_counted(&mut reader);
    }
);

/// User code in the callback that does something else in one of its calls.
struct Sink<F> {
    calls: usize,
    at: usize,
    odd: F,
    taken: std::sync::mpsc::Sender<usize>,
}

impl<F: FnMut() + Send> BlockSink for Sink<F> {
    fn take(&mut self, block: &[u8]) {
        self.calls += 1;
        if self.calls == self.at {
            (self.odd)();
        }
        let _ = self.taken.send(block.len());
    }
}

/// Records bytes of mono s16 in code that is odd in its `at`th call, until so many bytes have come; returns what was
/// told.
fn record_into(at: usize, odd: impl FnMut() + Send + 'static, bytes: usize) -> Vec<DeviceEvent> {
    let mut input = alsa()
        .open_input(&input_request("card", "48000x1:s16le"))
        .unwrap();
    let (taken, took) = channel();
    let sink = Sink {
        calls: 0,
        at,
        odd,
        taken,
    };
    let recorder = Recorder::into_sink(input.spec(), Box::new(sink)).unwrap();
    input.start(recorder).unwrap();
    let mut heard = 0;
    wait_for("sound", || {
        heard += took.try_iter().sum::<usize>();
        heard > bytes
    });
    let told = events(input.as_mut());
    assert!(input.stop().unwrap().is_some());
    told
}

// A panic in the data callback: ALSA's thread dies without an error.
on_cards!(
    a_panic_in_the_callback_loses_a_block_and_the_capture_goes_on,
    "card: speed 20 channels_min 1 channels_max 1",
    |_| {
        let told = record_into(3, || panic!("a bug in user code"), 96_000);
        assert_eq!(told, [DeviceEvent::Panicked { count: 1 }]);
    }
);

// A callback that is late on a clock that does not wait.
on_cards!(
    a_stall_in_the_callback_is_an_xrun_and_passes,
    "card: speed 1 strict 1 channels_min 1 channels_max 1",
    |_| {
        let stall = || std::thread::sleep(Duration::from_millis(300));
        let told = record_into(20, stall, 48_000);
        assert!(
            !told.is_empty() && told.iter().all(|event| *event == DeviceEvent::Xrun),
            "{told:?}"
        );
    }
);

on_cards!(
    an_xrun_is_told_of_and_the_capture_goes_on,
    "bad: speed 1 xrun_at 9600 channels_min 1 channels_max 1",
    |_| {
        let (mut input, mut reader) = listen("bad", "48000x1:s16le", None);
        assert_eq!(read::<i16>(&mut reader, 24_000), ramp(24_000, 1));
        assert_eq!(events(input.as_mut()), [DeviceEvent::Xrun]);
        has_lost_nothing(&reader);
    }
);

on_cards!(
    a_strict_clock_is_read_in_time,
    "strict: speed 1 strict 1 channels_min 1 channels_max 1",
    |_| {
        // Blocks of 100 ms, so that a busy machine does not fail it.
        let mut request = input_request("strict", "48000x1:s16le");
        request.block = Duration::from_millis(100).into();
        let mut input = alsa().open_input(&request).unwrap();
        let config = CaptureConfig::new(input.spec(), input.spec());
        let (recorder, mut reader) = capture(&config).unwrap();
        input.start(recorder).unwrap();
        assert_eq!(read::<i16>(&mut reader, 24_000), ramp(24_000, 1));
        assert_eq!(events(input.as_mut()), []);
        has_lost_nothing(&reader);
        // What is recorded is as old as the block is long, and what the card has besides.
        let latency = reader.snapshot().device_latency_frames;
        assert!((4_800..9_600).contains(&latency), "{latency}");
    }
);

on_cards!(
    /// BillyDM/Firewheel#140: asked for 1024 frames, got 682.
    any_block_length_sounds_the_same,
    "card: speed 20 period_min 16 channels_min 1 channels_max 1
     odd: speed 20 period_min 1000 period_max 1000 channels_min 1 channels_max 1",
    |_| {
        let (_input, mut reader) = listen("odd", "48000x1:s16le", None);
        assert_eq!(read::<i16>(&mut reader, 24_000), ramp(24_000, 1));
        let mut request = input_request("card", "48000x1:s16le");
        request.block = device_io::BlockLength::Frames(37);
        let mut input = alsa().open_input(&request).unwrap();
        let config = CaptureConfig::new(input.spec(), input.spec());
        let (recorder, mut reader) = capture(&config).unwrap();
        input.start(recorder).unwrap();
        assert_eq!(read::<i16>(&mut reader, 4_800), ramp(4_800, 1));
        has_lost_nothing(&reader);
    }
);

#[cfg(feature = "realtime")]
on_cards!(
    the_callback_is_scheduled_in_real_time_where_that_is_allowed,
    "card: channels_min 1 channels_max 1",
    |_| {
        let (mut input, mut reader) = listen("card", "48000x1:s16le", None);
        read::<i16>(&mut reader, 4_800);
        let promoted = crate::life::has_real_time_thread();
        let refused = events(input.as_mut()).contains(&DeviceEvent::RealtimeRefused);
        assert_ne!(promoted, refused, "one of them");
    }
);
