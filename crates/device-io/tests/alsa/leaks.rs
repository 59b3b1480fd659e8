//! What is left of devices that come and go: no threads, no descriptors, no memory.

use std::fs;
use std::time::Duration;

use device_io::{
    Backend, DeviceEvent, Input, Output, Policy, Supervised, SupervisedInput, Supervision,
};
use rt_callback::{CaptureConfig, capture};

use crate::cards::{Cards, on_cards};
use crate::playing::{Stream, alsa, events, request, wait_for};
use crate::recording::{input_request, listen, ramp, read};

/// Threads, descriptors and resident KiB of this process.
fn resources() -> (usize, usize, usize) {
    let count = |folder| fs::read_dir(folder).unwrap().count();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = resident.unwrap().split_whitespace().next().unwrap();
    (
        count("/proc/self/task"),
        count("/proc/self/fd"),
        kib.parse().unwrap(),
    )
}

/// Runs a cycle so often and looks at what is left of it.
fn cycle(cycles: usize, mut one: impl FnMut()) {
    // Whatever is made once has been made.
    for _ in 0..5 {
        one();
    }
    let (threads, descriptors, before) = resources();
    for _ in 0..cycles {
        one();
    }
    // A thread that has said that it is done may still be on its way out.
    wait_for("the threads' end", || resources().0 <= threads);
    let (_, now_descriptors, after) = resources();
    assert_eq!(now_descriptors, descriptors, "descriptors");
    // A leak of one block a cycle would be 4 KiB each.
    let grown = after.saturating_sub(before);
    assert!(grown < 1_024 + cycles, "{grown} KiB in {cycles} cycles");
}

/// Both ways at once, each with a card of its own.
fn open_and_close_both(cycles: usize) {
    cycle(cycles, || {
        let mut output = alsa()
            .open_output(&request("card", "48000x2:s16le"))
            .unwrap();
        let (stream, renderer) = Stream::new("48000x2:s16le", output.spec(), 1_000);
        let (mut input, mut reader) = listen("microphone", "48000x2:s16le", None);
        output.start(renderer).unwrap();
        assert_eq!(read::<i16>(&mut reader, 1_000), ramp(1_000, 2));
        wait_for("the sound", || stream.heard() == 1_000);
        assert!(output.stop().unwrap().is_some());
        assert!(input.stop().unwrap().is_some());
    });
}

const BOTH: &str = "card: speed 20
     microphone: speed 20";

on_cards!(opening_and_closing_both_ways_leaks_nothing, BOTH, |_| {
    open_and_close_both(50)
});

on_cards!(
    #[ignore = "half a minute; cargo xtask test --exhaustive"]
    opening_and_closing_both_ways_1000_times_leaks_nothing,
    BOTH,
    |_| open_and_close_both(1_000)
);

fn open_and_close(cycles: usize) {
    cycle(cycles, || {
        let mut output = alsa()
            .open_output(&request("card", "48000x2:s16le"))
            .unwrap();
        let (stream, renderer) = Stream::new("48000x2:s16le", output.spec(), 1_000);
        output.start(renderer).unwrap();
        wait_for("the sound", || stream.heard() == 1_000);
        assert!(output.stop().unwrap().is_some());
    });
}

on_cards!(opening_and_closing_leaks_nothing, "card: speed 20", |_| {
    open_and_close(50)
});

on_cards!(
    #[ignore = "half a minute; cargo xtask test --exhaustive"]
    opening_and_closing_1000_times_leaks_nothing,
    "card: speed 20",
    |_| open_and_close(1_000)
);

/// Frames in which a device has recovered, which takes a second: it is looked for at once the next time.
const RECOVERED: u64 = 52_800;

fn supervision() -> Supervision {
    let mut supervision = Supervision::new(Policy::Follow);
    supervision.second_thoughts = Duration::from_millis(20);
    // Each stream makes its sounds before the other has come back.
    supervision.first_block = Duration::from_secs(30);
    supervision
}

fn unplug_and_reopen(cards: &Cards, cycles: usize) {
    let frames = 10_000_000;
    let request = request("card", "48000x2:s16le");
    let mut output = Supervised::open(alsa(), request, supervision()).unwrap();
    let (stream, renderer) = Stream::new("48000x2:s16le", output.spec(), frames);
    output.start(renderer).unwrap();
    cycle(cycles, || {
        let heard = stream.heard();
        wait_for("sound", || stream.heard() > heard + RECOVERED);
        cards.unplug("card");
        wait_for("the loss", || {
            events(&mut output)
                .iter()
                .any(|event| matches!(event, DeviceEvent::Lost(_)))
        });
        cards.plug_in("card");
        wait_for("the card", || {
            events(&mut output)
                .iter()
                .any(|event| matches!(event, DeviceEvent::Reopened { .. }))
        });
    });
    assert!(output.stop().unwrap().is_some());
    let counters = stream.monitor.snapshot();
    assert_eq!(
        counters.heard_frames + counters.queued_frames,
        frames as u64
    );
    assert_eq!((counters.dropped_frames, counters.underruns), (0, 0));
}

on_cards!(
    unplugging_leaks_and_loses_nothing,
    "card: speed 1",
    |cards| {
        unplug_and_reopen(cards, 5);
    }
);

on_cards!(
    #[ignore = "two minutes; cargo xtask test --exhaustive"]
    unplugging_100_times_leaks_and_loses_nothing,
    "card: speed 1",
    |cards| unplug_and_reopen(cards, 100)
);

/// A headset, both ways of which are pulled out and put back.
fn unplug_and_reopen_both(cards: &Cards, cycles: usize) {
    let frames = 10_000_000;
    let output_request = request("card", "48000x2:s16le");
    let mut output = Supervised::open(alsa(), output_request, supervision()).unwrap();
    let (stream, renderer) = Stream::new("48000x2:s16le", output.spec(), frames);
    output.start(renderer).unwrap();
    let input_request = input_request("card", "48000x2:s16le");
    let mut input = SupervisedInput::open(alsa(), input_request, supervision()).unwrap();
    let config = CaptureConfig::new(input.spec(), input.spec());
    let (recorder, mut reader) = capture(&config).unwrap();
    input.start(recorder).unwrap();
    let is_lost = |event: &DeviceEvent| matches!(event, DeviceEvent::Lost(_));
    let is_back = |event: &DeviceEvent| matches!(event, DeviceEvent::Reopened { .. });
    let mut block = vec![0_i16; 2 * 4_800];
    cycle(cycles, || {
        let (heard, captured) = (stream.heard(), reader.snapshot().captured_frames);
        wait_for("sound", || stream.heard() > heard + RECOVERED);
        wait_for("sound", || {
            while reader.read(&mut block) > 0 {}
            reader.snapshot().captured_frames > captured + 1_000
        });
        cards.unplug("card");
        let both = |is: &dyn Fn(&DeviceEvent) -> bool,
                    what: &str,
                    output: &mut Supervised,
                    input: &mut SupervisedInput| {
            let (mut one, mut other) = (false, false);
            wait_for(what, || {
                one |= std::iter::from_fn(|| output.poll_event()).any(|event| is(&event));
                other |= std::iter::from_fn(|| input.poll_event()).any(|event| is(&event));
                one && other
            });
        };
        both(&is_lost, "the loss", &mut output, &mut input);
        cards.plug_in("card");
        both(&is_back, "the card", &mut output, &mut input);
    });
    assert!(output.stop().unwrap().is_some());
    drop(input.stop().unwrap().unwrap());
    while reader.read(&mut block) > 0 {}
    let counters = stream.monitor.snapshot();
    assert_eq!(
        counters.heard_frames + counters.queued_frames,
        frames as u64
    );
    assert_eq!((counters.dropped_frames, counters.underruns), (0, 0));
    let counters = reader.snapshot();
    assert_eq!(
        counters.captured_frames,
        counters.read_frames + counters.dropped_frames
    );
}

on_cards!(
    unplugging_both_ways_leaks_and_loses_nothing,
    "card: speed 1",
    |cards| unplug_and_reopen_both(cards, 3)
);

on_cards!(
    #[ignore = "three minutes; cargo xtask test --exhaustive"]
    unplugging_both_ways_100_times_leaks_and_loses_nothing,
    "card: speed 1",
    |cards| unplug_and_reopen_both(cards, 100)
);
