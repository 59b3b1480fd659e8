//! What was heard while it was captured: two devices whose clocks differ, in a room that is made up.

use std::time::Duration;

use crate::common::spec;
use crate::room::{Build, Room, now_ns};
use rt_callback::{
    CaptureConfig, Config, ConfigError, Controller, Feeder, Gaps, Reader, Reference, capture,
    stream,
};

const RATE_HZ: f64 = 16_000.0;
/// A frame at 16 kHz.
const BOUND_S: f64 = 1.0 / RATE_HZ;

const OUTPUT: Build = Build {
    fast: 200e-6,
    blocks: &[441, 97, 480, 1_024],
    late_s: 0.002,
};
const INPUT: Build = Build {
    fast: -200e-6,
    blocks: &[480, 313, 720],
    late_s: 0.003,
};

/// The other way round.
const SLOW: Build = Build {
    fast: -200e-6,
    ..OUTPUT
};
const FAST: Build = Build {
    fast: 200e-6,
    ..INPUT
};

/// What the application has in its hands, and what it has read.
struct Talk {
    feeder: Feeder,
    controller: Controller,
    reader: Reader,
    reference: Reference,
    pushed: u64,
    /// Until then nothing is pushed, or read.
    mute_until_s: f64,
    away_until_s: f64,
    captured: Vec<f32>,
    heard: Vec<f32>,
    known_frames: usize,
    /// When each tick came, and how much had been read.
    read: Vec<(f64, usize)>,
}

fn talk(gaps: Gaps) -> (Room, Talk) {
    talk_by((OUTPUT, INPUT), gaps, false)
}

fn talk_by(builds: (Build, Build), gaps: Gaps, adjustable: bool) -> (Room, Talk) {
    let mut config = Config::new(spec("16000x1:f32le"), spec("48000x2:f32le"));
    config.clock = Some(now_ns);
    config.tap_frames = 48_000;
    let (feeder, controller, renderer, mut monitor) = stream(&config).unwrap();
    let mut config = CaptureConfig::new(spec("48000x1:f32le"), spec("16000x1:f32le"));
    config.clock = Some(now_ns);
    config.timeline = true;
    config.gaps = gaps;
    config.adjustable = adjustable;
    let (recorder, mut reader) = capture(&config).unwrap();
    let reference = Reference::new(&mut reader, monitor.take_tap().unwrap()).unwrap();
    let room = Room::new(renderer, recorder, builds, &[(0.0, 1.0)]);
    let talk = Talk {
        feeder,
        controller,
        reader,
        reference,
        pushed: 0,
        mute_until_s: 0.0,
        away_until_s: 0.0,
        captured: Vec::new(),
        heard: Vec::new(),
        known_frames: 0,
        read: Vec::new(),
    };
    (room, talk)
}

/// Tones that are unlike themselves at any other time within seconds, and that a cubic through 16 kHz follows.
fn sound(frame: u64) -> f32 {
    let time_s = frame as f64 / RATE_HZ;
    let tones = [
        131.7, 209.3, 288.1, 397.9, 503.3, 617.7, 741.1, 887.3, 1_009.7,
    ];
    let sum: f64 = tones
        .iter()
        .map(|hz| (time_s * hz * core::f64::consts::TAU).sin())
        .sum();
    (sum / 18.0) as f32
}

impl Talk {
    /// One turn of the application's, which reads in pieces of these sizes.
    fn turn(&mut self, now_s: f64, sizes: &[usize]) {
        while now_s > self.mute_until_s {
            let block: Vec<f32> = (self.pushed..self.pushed + 160).map(sound).collect();
            let frames = self.feeder.push(&block).unwrap() as u64;
            self.pushed += frames;
            if frames < 160 {
                break;
            }
        }
        for size in sizes.iter().cycle() {
            let mut captured = vec![f32::NAN; *size];
            let mut heard = vec![f32::NAN; *size];
            let reader = &mut self.reader;
            if now_s < self.away_until_s {
                break;
            }
            let both = self.reference.read_both(reader, &mut captured, &mut heard);
            self.captured.extend(&captured[..both.frames]);
            self.heard.extend(&heard[..both.frames]);
            self.known_frames += both.known_frames;
            if both.frames < *size {
                break;
            }
        }
        self.read.push((now_s, self.captured.len()));
    }

    /// How much had been read at this time.
    fn read_at(&self, time_s: f64) -> usize {
        let before = self.read.iter().take_while(|(at_s, _)| *at_s <= time_s);
        before.last().map_or(0, |(_, frames)| *frames)
    }
}

/// By how much the reference is late, in seconds, and which part of the microphone's energy it leaves.
fn compare(captured: &[f32], heard: &[f32]) -> (f64, f64) {
    let (mut product, mut slopes, mut left, mut energy) = (0.0, 1e-12, 0.0, 1e-12);
    for at in 1..captured.len() - 1 {
        let off = f64::from(heard[at] - captured[at]);
        let slope = f64::from(heard[at + 1] - heard[at - 1]) / 2.0 * RATE_HZ;
        product -= off * slope;
        slopes += slope * slope;
        left += off * off;
        energy += f64::from(captured[at]) * f64::from(captured[at]);
    }
    (product / slopes, left / energy)
}

/// The worst of all windows of 50 ms between these frames in which the microphone hears something all the time.
fn worst(talk: &Talk, from: usize, to: usize) -> (f64, f64, usize) {
    let (mut late_s, mut left, mut windows) = (0.0_f64, 0.0_f64, 0);
    for at in (from..to.saturating_sub(800)).step_by(800) {
        let captured = &talk.captured[at..at + 800];
        // Silence, on its edges as well, says nothing of time.
        let is_loud = |part: &[f32]| part.iter().any(|sample| sample.abs() > 0.02);
        if captured.chunks(20).all(is_loud) {
            let (off_s, rest) = compare(captured, &talk.heard[at..at + 800]);
            late_s = late_s.max(off_s.abs());
            left = left.max(rest);
            windows += 1;
        }
    }
    (late_s, left, windows)
}

/// Lets something happen, and asserts that before it, and from so long behind its end on, the reference is right.
fn holds(talk: &Talk, what: &str, from_s: f64, to_s: f64) {
    let (late_s, left, windows) = worst(talk, talk.read_at(from_s), talk.read_at(to_s));
    assert!(windows > 10, "{what}: {windows}");
    assert!(late_s < BOUND_S, "{what}: {late_s}");
    assert!(left < 0.05, "{what}: {left}");
}

/// elizaOS/eliza#9633: the reference was off by the pauses of what was played, and by what another device is late.
#[test]
fn the_reference_is_what_the_microphone_heard_whatever_happens() {
    for gaps in [Gaps::Silence, Gaps::Skip] {
        let (mut room, mut talk) = talk(gaps);
        let sizes = [160, 37, 480];
        let run = |room: &mut Room, talk: &mut Talk, end_s| {
            room.run(end_s, 0.01, |now_s| talk.turn(now_s, &sizes));
        };
        run(&mut room, &mut talk, 4.0);
        holds(&talk, "from the start", 0.6, 4.0);

        talk.mute_until_s = 4.8;
        run(&mut room, &mut talk, 6.0);
        holds(&talk, "through an underrun", 4.0, 6.0);

        talk.controller.pause();
        run(&mut room, &mut talk, 6.7);
        talk.controller.resume();
        run(&mut room, &mut talk, 8.0);
        holds(&talk, "through a pause", 6.0, 8.0);

        let back_s = room.lose_loudspeaker(1.3, spec("48000x2:f32le"));
        run(&mut room, &mut talk, 11.0);
        holds(&talk, "loudspeaker lost", back_s + 0.2, 11.0);

        let back_s = room.lose_microphone(0.7, spec("48000x1:f32le"));
        run(&mut room, &mut talk, 13.0);
        holds(&talk, "microphone lost", back_s + 0.2, 13.0);

        let back_s = room.lose_loudspeaker(0.2, spec("16000x1:f32le"));
        run(&mut room, &mut talk, 15.0);
        holds(&talk, "loudspeaker at 16 kHz", back_s + 0.3, 15.0);

        let back_s = room.lose_microphone(0.2, spec("16000x1:f32le"));
        run(&mut room, &mut talk, 17.0);
        holds(&talk, "microphone at 16 kHz", back_s + 0.3, 17.0);

        // The queue overflows.
        talk.away_until_s = 19.5;
        run(&mut room, &mut talk, 22.0);
        holds(&talk, "through a gap", 17.0, 22.0);
        let gaps = talk.reader.snapshot();
        assert!(gaps.dropped_frames > 20_000, "{gaps:?}");

        let back_s = room.lose_loudspeaker(0.1, spec("44100x2:f32le"));
        room.lose_microphone(0.1, spec("44100x2:f32le"));
        run(&mut room, &mut talk, 24.0);
        holds(&talk, "both at 44.1 kHz", back_s + 0.4, 24.0);

        run(&mut room, &mut talk, 40.0);
        holds(&talk, "and on", 24.0, 40.0);
        // Less than half of the microphone's own frames.
        let (late_s, ..) = worst(&talk, talk.read_at(24.0), talk.read_at(40.0));
        assert!(late_s < 8e-6, "{late_s}");
        // Of what was captured before the first block, and while the loudspeaker was gone.
        let unknown_s = (talk.captured.len() - talk.known_frames) as f64 / RATE_HZ;
        assert!((1.6..1.7).contains(&unknown_s), "{unknown_s}");
    }
}

#[test]
fn a_frame_of_misalignment_would_be_seen() {
    let tones: Vec<f32> = (0..801).map(sound).collect();
    let (late_s, left) = compare(&tones[1..], &tones[..800]);
    assert!((late_s - BOUND_S).abs() < 0.1 * BOUND_S, "{late_s}");
    assert!(left > 0.04, "{left}");
    assert_eq!(compare(&tones, &tones).1, 0.0);
}

/// Neither the sizes that are read nor the times at which that happens are in what is read.
#[test]
fn a_stretch_may_be_read_in_any_sizes_and_at_any_time() {
    let read = |every: usize, sizes: &[usize]| {
        let (mut room, mut talk) = talk_by((SLOW, FAST), Gaps::Silence, false);
        let mut turns = 0;
        let mut run = |room: &mut Room, end_s| {
            room.run(end_s, 0.01, |now_s| {
                turns += 1;
                let is_reading = turns % every == 0;
                talk.turn(now_s, if is_reading { sizes } else { &[] });
            });
        };
        run(&mut room, 1.5);
        room.lose_loudspeaker(0.3, spec("44100x2:f32le"));
        run(&mut room, 3.0);
        room.lose_microphone(0.2, spec("16000x1:f32le"));
        run(&mut room, 4.0);
        room.lose_microphone(0.1, spec("44100x2:f32le"));
        run(&mut room, 5.5);
        holds(&talk, "at the end", 4.5, 5.5);
        (talk.captured, talk.heard)
    };
    let (captured, heard) = read(1, &[160]);
    for (every, sizes) in [
        (1, &[1][..]),
        (1, &[7, 2_000, 511]),
        (3, &[160]),
        (40, &[480]),
    ] {
        let (again, heard_again) = read(every, sizes);
        let frames = captured.len().min(again.len());
        assert!(frames > 70_000);
        assert!(captured[..frames] == again[..frames], "{sizes:?}");
        let differs = (0..frames).find(|at| heard[*at].to_bits() != heard_again[*at].to_bits());
        assert_eq!(differs, None, "{every} {sizes:?}");
    }
}

/// As a duplex reads, whose two clocks meet in the capture's trim.
#[test]
fn a_capture_that_is_trimmed_has_its_reference_trimmed_with_it() {
    let (mut room, mut talk) = talk_by((OUTPUT, INPUT), Gaps::Silence, true);
    let mut trims = [0.0, 400e-6, -2_000e-6, 10_000e-6].into_iter().cycle();
    let mut turns = 0;
    room.run(6.0, 0.01, |now_s| {
        turns += 1;
        if turns % 30 == 0 {
            let reader = &mut talk.reader;
            reader.set_trim(trims.next().unwrap(), 1_600).unwrap();
        }
        talk.turn(now_s, &[480, 1_000]);
    });
    holds(&talk, "trimmed", 1.0, 6.0);
    let (late_s, ..) = worst(&talk, talk.read_at(2.0), talk.read_at(6.0));
    assert!(late_s < 15e-6, "{late_s}");
}

#[test]
fn a_lead_is_by_how_much_the_reference_is_early() {
    let (mut room, mut talk) = talk(Gaps::Silence);
    talk.reference.set_lead(Duration::from_millis(10));
    room.run(3.0, 0.01, |now_s| talk.turn(now_s, &[160]));
    let (from, to) = (32_000, 40_000);
    let captured = &talk.captured[from + 160..to + 160];
    let (late_s, left) = compare(captured, &talk.heard[from..to]);
    assert!(late_s.abs() < BOUND_S && left < 0.01, "{late_s} {left}");
    assert!(compare(&talk.captured[from..to], &talk.heard[from..to]).1 > 0.5);
    // What no one has rendered is not known.
    let known_frames = talk.known_frames;
    talk.reference.set_lead(Duration::MAX);
    room.run(3.5, 0.01, |now_s| talk.turn(now_s, &[160]));
    assert_eq!(talk.known_frames, known_frames);
    assert!(talk.heard[48_000..].iter().all(|sample| *sample == 0.0));
    // And what has passed meanwhile can be asked for again.
    talk.reference.set_lead(Duration::ZERO);
    room.run(5.0, 0.01, |now_s| talk.turn(now_s, &[160]));
    let (captured, heard) = (&talk.captured[64_000..72_000], &talk.heard[64_000..72_000]);
    let (late_s, left) = compare(captured, heard);
    assert!(late_s.abs() < BOUND_S && left < 0.01, "{late_s} {left}");
}

/// The application throws away what has come together.
#[test]
fn behind_what_is_discarded_the_reference_is_right_at_once() {
    let (mut room, mut talk) = talk(Gaps::Silence);
    let sizes = [160];
    room.run(3.0, 0.01, |now_s| talk.turn(now_s, &sizes));
    talk.away_until_s = 3.5;
    room.run(3.5, 0.01, |now_s| talk.turn(now_s, &sizes));
    // Not where the resampler would have been steered anyway.
    let reader = &mut talk.reader;
    let read = talk
        .reference
        .read_both(reader, &mut [0.0_f32; 61], &mut [0.0; 61]);
    assert_eq!((read.frames, read.known_frames), (61, 61));
    assert_eq!(reader.discard(12_000), 12_000);
    // Its own resampler begins anew.
    let edge = reader.read(&mut [0.0_f32; 40]);
    let (mut captured, mut heard) = ([0.0_f32; 60], [0.0; 60]);
    let both = talk
        .reference
        .read_both(&mut talk.reader, &mut captured, &mut heard);
    assert_eq!((edge, both.frames, both.known_frames), (40, 60, 60));
    let (late_s, left) = compare(&captured, &heard);
    assert!(late_s.abs() < BOUND_S && left < 0.01, "{late_s} {left}");
}

#[test]
fn a_reference_needs_a_clock_on_both_sides() {
    let device = spec("48000x1:f32le");
    let tap = |clock| {
        let mut config = Config::new(device, device);
        config.tap_frames = 480;
        config.clock = clock;
        let (_, _, _, mut monitor) = stream(&config).unwrap();
        monitor.take_tap().unwrap()
    };
    let clock: rt_callback::Clock = now_ns;
    let mut config = CaptureConfig::new(device, device);
    config.clock = Some(clock);
    let (_, mut reader) = capture(&config).unwrap();
    let refused = Reference::new(&mut reader, tap(Some(clock)));
    assert_eq!(refused.unwrap_err(), ConfigError::NoTimeline);
    config.timeline = true;
    let (_, mut reader) = capture(&config).unwrap();
    let refused = Reference::new(&mut reader, tap(None));
    assert_eq!(refused.unwrap_err(), ConfigError::NoTimeline);
    assert!(Reference::new(&mut reader, tap(Some(clock))).is_ok());
    let again = Reference::new(&mut reader, tap(Some(clock)));
    assert_eq!(
        again.unwrap_err(),
        ConfigError::NoTimeline,
        "one for each capture"
    );
    config.clock = None;
    assert_eq!(capture(&config).unwrap_err(), ConfigError::NoTimeline);
}

#[test]
fn a_reference_has_the_channels_that_are_asked_for() {
    let device = spec("48000x2:f32le");
    let mut config = Config::new(device, device);
    config.clock = Some(now_ns);
    config.tap_frames = 48_000;
    let (mut feeder, _, renderer, mut monitor) = stream(&config).unwrap();
    let mut config = CaptureConfig::new(spec("16000x1:f32le"), spec("16000x1:f32le"));
    config.clock = Some(now_ns);
    config.timeline = true;
    let (recorder, mut reader) = capture(&config).unwrap();
    let tap = monitor.take_tap().unwrap();
    let mut reference = Reference::with_layout(&mut reader, tap, device.layout).unwrap();
    assert_eq!((reference.channels(), reference.rate_hz()), (2, 16_000));
    // Nothing of it comes to one microphone.
    let sides = |at: u64| [sound(at), -sound(at)];
    let played: Vec<f32> = (0..96_000).flat_map(sides).collect();
    let mut played = played.chunks(960);
    let mut all = Vec::new();
    let mut room = Room::new(renderer, recorder, (OUTPUT, INPUT), &[(0.0, 1.0)]);
    room.run(1.5, 0.01, |_| {
        while feeder.free_frames() >= 480 {
            feeder.push(played.next().unwrap()).unwrap();
        }
        let (mut captured, mut heard) = ([1.0_f32; 800], [0.0; 1_600]);
        let both = reference.read_both(&mut reader, &mut captured, &mut heard);
        assert!(captured[..both.frames].iter().all(|sample| *sample == 0.0));
        all.extend_from_slice(&heard[..2 * both.frames]);
    });
    assert!(all.len() > 40_000);
    assert!(all[10_000..].iter().any(|sample| sample.abs() > 0.2));
    for frame in all.chunks(2) {
        assert_eq!(frame[0], -frame[1]);
    }
}

#[test]
fn a_reference_may_go_to_another_thread() {
    fn goes<T: Send>() {}
    goes::<Reference>();
}

/// Nothing is made up before there is anything.
#[test]
fn what_is_not_known_is_silence_and_told() {
    let (room, mut talk) = talk(Gaps::Silence);
    let mut heard = [f32::NAN; 480];
    let at = talk.reader.exact_position();
    assert_eq!(talk.reference.read(at, &mut heard), 0);
    assert_eq!(heard, [0.0; 480]);
    drop(room);
}
