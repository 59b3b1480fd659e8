//! A capture and an output whose clocks differ, in simulated time: the sound between them stays
//! what it was, for as long as it runs (RustAudio/cpal#787).

use std::cell::Cell;
use std::time::Duration;

use crate::common::spec;
use rt_callback::{
    ChannelLayout, Duplex, DuplexConfig, DuplexCounters, MAX_DRIFT_TRIM, Recorder, Renderer, duplex,
};

thread_local! {
    static NOW_NS: Cell<u64> = const { Cell::new(0) };
}

fn now_ns() -> u64 {
    NOW_NS.get()
}

/// Two devices and an application, in simulated time.
struct World {
    recorder: Recorder,
    duplex: Duplex,
    renderer: Renderer,
    /// Frames in a block, and by which fraction the device's clock is fast.
    input: (usize, f64),
    output: (usize, f64),
    /// How late a callback may come, and a call of the application's, in seconds.
    late_s: f64,
    state: u32,
    /// When the next of each is due.
    due_s: [f64; 3],
    captured: u64,
    played: Vec<f32>,
    fills_s: Vec<f64>,
    trims: Vec<f64>,
    /// The output's callback does not come, and the input's.
    stalled: bool,
    stands_in: bool,
    /// What a device did not do while it stood, it does all at once.
    brings: bool,
    owed: [usize; 2],
    /// The microphone hears the loudspeaker; what was captured, and what the reference says.
    echoes: bool,
    pairs: Vec<(f32, f32)>,
    said: u64,
}

/// From when a block is due to when it is heard, in seconds.
const PLAYED_S: f64 = 0.031;

const TONE_HZ: f64 = 200.0;

impl World {
    fn new(input: (usize, f64), output: (usize, f64), late_s: f64) -> Self {
        Self::with_reference(None, input, output, late_s)
    }

    fn with_reference(
        reference: Option<ChannelLayout>,
        input: (usize, f64),
        output: (usize, f64),
        late_s: f64,
    ) -> Self {
        NOW_NS.set(0);
        let devices = (spec("48000x1:s16le"), spec("44100x2:f32le"));
        let mut config = DuplexConfig::new(devices.0, devices.1, now_ns);
        config.rate_hz = 48_000;
        config.reference = reference;
        let (recorder, duplex, renderer) = duplex(&config).unwrap();
        Self {
            recorder,
            duplex,
            renderer,
            input,
            output,
            late_s,
            state: 99,
            due_s: [0.0; 3],
            captured: 0,
            played: Vec::new(),
            fills_s: Vec::new(),
            trims: Vec::new(),
            stalled: false,
            stands_in: false,
            brings: false,
            owed: [0; 2],
            echoes: reference.is_some(),
            pairs: Vec::new(),
            said: 0,
        }
    }

    fn late(&mut self) -> f64 {
        self.state = self
            .state
            .wrapping_mul(1_664_525)
            .wrapping_add(1_013_904_223);
        f64::from(self.state >> 8) / f64::from(1_u32 << 24) * self.late_s
    }

    fn run(&mut self, seconds: f64) {
        let end_s = now_ns() as f64 / 1e9 + seconds;
        // Late, but never out of order with itself.
        let mut at = self.due_s.map(|due_s| due_s + self.late());
        loop {
            let next = (0..3).min_by(|a, b| at[*a].total_cmp(&at[*b])).unwrap();
            if at[next] >= end_s {
                return;
            }
            NOW_NS.set((at[next] * 1e9) as u64);
            match next {
                0 => self.capture(),
                1 => self.render(),
                _ => self.work(),
            }
            at[next] = self.due_s[next] + self.late();
        }
    }

    fn capture(&mut self) {
        let (frames, fast) = self.input;
        let block: Vec<i16> = (self.captured..self.captured + frames as u64)
            .map(|i| {
                let phase = i as f64 / 48_000.0 * TONE_HZ;
                ((phase * core::f64::consts::TAU).sin() * 16_384.0) as i16
            })
            .collect();
        let first_s = self.due_s[0] - frames as f64 / (48_000.0 * (1.0 + fast));
        let block = match self.echoes {
            true => self.hear(first_s, frames, fast),
            false => block,
        };
        let age_s = now_ns() as f64 / 1e9 - first_s;
        self.recorder
            .set_device_latency((age_s * 48_000.0).round().max(0.0) as u64);
        self.captured += frames as u64;
        if self.stands_in {
            self.owed[0] += 1;
        } else {
            for _ in 0..=std::mem::take(&mut self.owed[0]) * usize::from(self.brings) {
                self.recorder.record(&block);
            }
        }
        self.due_s[0] += frames as f64 / (48_000.0 * (1.0 + fast));
    }

    fn render(&mut self) {
        let (frames, fast) = self.output;
        let lead_s = self.due_s[1] + PLAYED_S - now_ns() as f64 / 1e9;
        self.renderer
            .set_device_latency((lead_s * 44_100.0).round().max(0.0) as u64);
        if self.stalled {
            self.owed[1] += 1;
        } else {
            for _ in 0..=std::mem::take(&mut self.owed[1]) * usize::from(self.brings) {
                let mut block = vec![f32::NAN; 2 * frames];
                self.renderer.render(&mut block);
                self.played.extend(block.iter().step_by(2));
            }
        }
        self.due_s[1] += frames as f64 / (44_100.0 * (1.0 + fast));
    }

    /// What the microphone is given of the loudspeaker, from this time on.
    fn hear(&self, first_s: f64, frames: usize, fast: f64) -> Vec<i16> {
        let heard = |i: usize| {
            let time_s = first_s + i as f64 / (48_000.0 * (1.0 + fast)) - PLAYED_S;
            let at = time_s * 44_100.0 * (1.0 + self.output.1);
            let before = at.floor();
            if before < 0.0 || before as usize + 1 >= self.played.len() {
                return 0.0;
            }
            let pair = &self.played[before as usize..][..2];
            f64::from(pair[0]) + (at - before) * f64::from(pair[1] - pair[0])
        };
        (0..frames).map(|i| (heard(i) * 32_767.0) as i16).collect()
    }

    fn work(&mut self) {
        if self.echoes {
            let (pairs, said) = (&mut self.pairs, &mut self.said);
            self.duplex.run_with_reference(|captured, heard| {
                assert_eq!(captured.len(), heard.len());
                pairs.extend(captured.iter().copied().zip(heard.iter().copied()));
                for sample in captured {
                    // A tone that never comes back the same: 200 to 600 Hz, up and down.
                    let time = *said as f64 / 48_000.0;
                    let phase = 400.0 * time + 150.0 * (0.7 * time).sin() / 0.7;
                    *sample = (0.5 * (core::f64::consts::TAU * phase).sin()) as f32;
                    *said += 1;
                }
            });
        } else {
            self.duplex.run(|_| ());
        }
        self.fills_s.push(self.duplex.fill_s());
        self.trims.push(self.duplex.drift().trim());
        self.due_s[2] += 0.005;
    }

    /// Times at which something ran dry or over.
    fn faults(&mut self) -> (u64, u64) {
        let output = self.duplex.output().snapshot();
        (output.underruns, self.duplex.input().snapshot().overruns)
    }
}

fn holds(input: (usize, f64), output: (usize, f64), late_s: f64) {
    let mut world = World::new(input, output, late_s);
    world.run(100.0);
    let what = format!("{input:?} {output:?} {late_s}");
    assert_eq!(world.faults(), (0, 0), "{what}");
    assert_eq!(world.duplex.cuts(), 0, "{what}");
    // 5 ms apart. From the first minute on the fill is where it should be, but for the lateness of
    // the callbacks that tell of it.
    for fill_s in &world.fills_s[12_000..] {
        assert!((fill_s - 0.060).abs() < 0.001 + late_s, "{what} {fill_s}");
    }
    assert!(world.trims.iter().all(|trim| trim.abs() <= MAX_DRIFT_TRIM));
    let drift = (1.0 + input.1) / (1.0 + output.1) - 1.0;
    let trims = &world.trims[12_000..];
    let mean = trims.iter().sum::<f64>() / trims.len() as f64;
    assert!((mean - drift).abs() < 10e-6, "{what} {mean}");
    for trim in trims {
        assert!(
            (trim - drift).abs() < 100e-6 + 0.05 * late_s,
            "{what} {trim}"
        );
    }
    assert!(
        (world.duplex.drift().drift() - drift).abs() < 20e-6,
        "{what}"
    );
    // A tone of 200 Hz at half of full scale never steps by more than this; a lost or a doubled
    // frame would.
    let start = world
        .played
        .iter()
        .position(|sample| *sample != 0.0)
        .unwrap();
    let step = core::f64::consts::TAU * TONE_HZ / 44_100.0 * 0.5 * 1.05;
    for pair in world.played[start + 100..].windows(2) {
        assert!(f64::from(pair[1] - pair[0]).abs() < step, "{what}");
    }
}

#[test]
fn two_clocks_that_differ_do_not_run_a_ring_dry() {
    holds((480, 300e-6), (441, 0.0), 0.0);
    holds((480, -300e-6), (441, 0.0), 0.001);
}

/// Blocks of nearly the same length beat against each other for a minute or more: seen at the times
/// of one of them alone, the fill would be a sawtooth of a whole block.
#[test]
fn blocks_that_beat_are_not_taken_for_drift() {
    holds((960, 100e-6), (882, -200e-6), 0.002);
    holds((1_024, 0.0), (256, -50e-6), 0.001);
}

#[test]
fn a_device_that_stood_still_costs_a_cut_and_no_more() {
    let mut world = World::new((480, 100e-6), (441, 0.0), 0.0);
    world.run(60.0);
    world.stalled = true;
    world.run(1.0);
    world.stalled = false;
    world.run(100.0);
    assert_eq!(world.duplex.cuts(), 1);
    let (underruns, _) = world.faults();
    assert!(underruns <= 1);
    let fill_s = world.duplex.fill_s();
    assert!((fill_s - 0.060).abs() < 0.002, "{fill_s}");
    // What was known of the clocks is still known.
    assert!((world.duplex.drift().drift() - 100e-6).abs() < 20e-6);
    let input = world.duplex.input().snapshot();
    assert_eq!(
        input.captured_frames,
        input.read_frames + input.queued_frames + input.dropped_frames + input.discarded_frames
    );
}

/// Nothing is lost or put in between these two looks.
fn runs_smoothly(world: &mut World, seconds: f64, what: &str) {
    let before = (world.faults(), world.duplex.counters());
    world.run(seconds);
    let after = (world.faults(), world.duplex.counters());
    assert_eq!(after.0, before.0, "{what}");
    let events = |counters: &DuplexCounters| {
        (
            counters.cuts,
            counters.refills,
            counters.stalls,
            counters.unplayed_frames,
        )
    };
    assert_eq!(events(&after.1), events(&before.1), "{what}");
    let skipped = world.duplex.input().snapshot().discarded_frames;
    assert_eq!(skipped, 0, "{what}");
}

/// Output blocks of 4,096 made 310 underruns a minute, input blocks of 9,600 made 5,119 cuts in two minutes.
#[test]
fn the_fill_follows_the_blocks() {
    for (input, output) in [
        (480, 4_096),
        (9_600, 441),
        (9_600, 4_096),
        (4_096, 9_600),
        (16_384, 16_384),
        (64, 32),
        (4_800, 4_410),
    ] {
        for late_s in [0.0, 0.003] {
            let what = format!("{input} {output} {late_s}");
            let mut world = World::new((input, 150e-6), (output, -100e-6), late_s);
            world.run(3.0);
            let started = world.duplex.counters();
            assert!(started.refills <= 3, "{what} {started:?}");
            assert_eq!(started.cuts, 0, "{what}");
            runs_smoothly(&mut world, 60.0, &what);
            let counters = world.duplex.counters();
            let blocks_s = input as f64 / 48_000.0 + output as f64 / 44_100.0;
            let target_s = counters.target.as_secs_f64();
            let most_s = (blocks_s + 0.016 + late_s).max(0.060);
            assert!(
                target_s >= blocks_s && target_s <= most_s,
                "{what} {counters:?}"
            );
            assert!(
                (counters.fill.as_secs_f64() - target_s).abs() < 0.006 + late_s,
                "{what}"
            );
            // And it says why.
            let near = |time: std::time::Duration, s: f64| (time.as_secs_f64() - s).abs() < 1e-4;
            assert!(
                near(counters.input_block, input as f64 / 48_000.0),
                "{what}"
            );
            assert!(
                near(counters.output_block, output as f64 / 44_100.0),
                "{what}"
            );
            assert!(counters.interval.as_secs_f64() <= 0.0051 + late_s);
        }
    }
}

/// PulseAudio's first block has 96,000 frames; a headset's blocks become longer on the way.
#[test]
fn a_first_block_of_two_seconds_is_no_rule_and_longer_blocks_are() {
    let mut world = World::new((480, 0.0), (96_000, 0.0), 0.001);
    world.run(0.5);
    world.output.0 = 441;
    world.run(5.0);
    assert_eq!(world.duplex.counters().target, Duration::from_millis(60));
    runs_smoothly(&mut world, 20.0, "settled");
    world.output.0 = 4_096;
    world.run(2.0);
    let counters = world.duplex.counters();
    assert!(counters.refills <= 3 && counters.cuts == 0, "{counters:?}");
    runs_smoothly(&mut world, 20.0, "longer");
    world.input.0 = 9_600;
    world.run(2.0);
    runs_smoothly(&mut world, 20.0, "both");
    // Short again: the target falls once, and what is too much is cut off or led back.
    (world.input.0, world.output.0) = (480, 441);
    world.run(30.0);
    let counters = world.duplex.counters();
    assert_eq!(counters.target, Duration::from_millis(60));
    assert!(counters.cuts <= 2, "{counters:?}");
    runs_smoothly(&mut world, 20.0, "short");
}

/// A stall counted 38 cuts. Whichever device stands, for however long, whether it brings what it had or not. (What an
/// input brought at once was taken for the fill, and led back until silence was inserted: stalls of 0.17 to 0.52 s.)
#[test]
fn a_stall_is_one_cut_at_most() {
    for (input, output) in [((480, 50e-6), (441, 0.0)), ((9_600, 0.0), (4_096, 0.0))] {
        for stall_s in [0.17, 0.2, 0.3, 0.41, 0.45, 0.52, 0.7, 1.5, 5.0] {
            for (stands_in, stands_out, brings) in [
                (true, false, false),
                (true, false, true),
                (false, true, false),
                (false, true, true),
                (true, true, false),
            ] {
                let what =
                    format!("{input:?} {output:?} {stall_s} {stands_in} {stands_out} {brings}");
                let mut world = World::new(input, output, 0.001);
                world.run(20.0);
                (world.stands_in, world.stalled, world.brings) = (stands_in, stands_out, brings);
                world.run(stall_s);
                (world.stands_in, world.stalled) = (false, false);
                world.run(3.0);
                let counters = world.duplex.counters();
                assert!(counters.cuts <= 1, "{what} {counters:?}");
                assert!(counters.stalls <= 1, "{what} {counters:?}");
                let settled = (world.faults(), world.duplex.counters().refills);
                world.run(20.0);
                let (faults, refills) = (world.faults(), world.duplex.counters().refills);
                assert_eq!((faults, refills), settled, "{what}");
                assert_eq!(world.duplex.cuts(), counters.cuts, "{what}");
                let fill_s = world.duplex.fill_s();
                let target_s = world.duplex.drift().target_s();
                // A little too much is led back, 2 ms a second.
                assert!(fill_s > target_s - 0.006, "{what} {fill_s}");
                assert!(fill_s < target_s + stall_s + 0.006, "{what} {fill_s}");
            }
        }
    }
}

/// What was captured while the output was paused is not played afterwards.
#[test]
fn a_pause_leaves_nothing_behind() {
    let mut world = World::new((480, 0.0), (441, 0.0), 0.0);
    world.run(5.0);
    let controller = world.duplex.controller();
    controller.pause();
    world.run(3.0);
    controller.resume();
    world.run(1.0);
    let fill_s = world.duplex.fill_s();
    assert!((fill_s - 0.060).abs() < 0.006, "{fill_s}");
    runs_smoothly(&mut world, 10.0, "resumed");
}

#[test]
fn the_longest_fill_is_an_error_and_no_panic() {
    let mut config = DuplexConfig::new(spec("48000x1:s16le"), spec("48000x2:f32le"), now_ns);
    config.fill = Duration::MAX;
    assert!(duplex(&config).is_err());
}

/// What was heard while a piece was captured comes with it: within a frame at 16 kHz, which is 0.12 of the tone's
/// amplitude; and it does not where the output's times are off by 5 ms.
#[test]
fn the_reference_is_what_the_microphone_heard() {
    for (input, output, late_s) in [
        ((480, 200e-6), (441, -200e-6), 0.0),
        ((1_024, -200e-6), (4_096, 150e-6), 0.003),
        ((9_600, 0.0), (480, 200e-6), 0.002),
    ] {
        let mono = Some(ChannelLayout::MONO);
        let mut world = World::with_reference(mono, input, output, late_s);
        world.run(60.0);
        let off = |shift: usize| {
            let pairs = &world.pairs[20 * 48_000..];
            let off = pairs.iter().zip(&pairs[shift..]);
            off.map(|((captured, _), (_, heard))| (captured - heard).abs())
                .fold(0.0_f32, f32::max)
        };
        assert!(off(0) < 0.12 * 0.5, "{input:?} {output:?} {}", off(0));
        assert!(off(240) > 0.5, "{}", off(240));
        assert!(world.pairs[20 * 48_000..].iter().any(|pair| pair.0 > 0.45));
    }
}
