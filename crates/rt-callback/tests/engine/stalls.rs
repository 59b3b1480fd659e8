//! A reader that stood still, in simulated time: what is captured afterwards is read, for whatever it does about
//! what it missed, and the gaps it is told of are exact.

use std::time::Duration;

use crate::common::spec;
use proptest::prelude::*;
use rt_callback::{CaptureConfig, ConfigError, Gap, Gaps, Reader, Recorder, capture};

const RATE_HZ: u64 = 48_000;
const ALL: [Gaps; 3] = [Gaps::Silence, Gaps::Skip, Gaps::LIVE];

/// Frame `n` of the microphone has the value `n + 1`; 0 is silence.
struct World {
    recorder: Recorder,
    reader: Reader,
    gaps: Vec<Gap>,
    captured: u64,
    heard: Vec<i32>,
    random: u32,
}

impl World {
    fn new(gaps: Gaps, queue_ms: u64) -> Self {
        let device = spec("48000x1:s32le");
        let mut config = CaptureConfig::new(device, device);
        config.gaps = gaps;
        config.queue_frames = (RATE_HZ * queue_ms / 1_000) as usize;
        let (recorder, reader) = capture(&config).unwrap();
        Self {
            recorder,
            reader,
            gaps: Vec::new(),
            captured: 0,
            heard: Vec::new(),
            random: 7,
        }
    }

    fn draw(&mut self, below: u64) -> u64 {
        self.random = self
            .random
            .wrapping_mul(1_664_525)
            .wrapping_add(1_013_904_223);
        (u64::from(self.random >> 8) * below) >> 24
    }

    fn record(&mut self, frames: u64) {
        let block: Vec<i32> = (self.captured..self.captured + frames)
            .map(|n| n as i32 + 1)
            .collect();
        self.captured += frames;
        self.recorder.record(&block);
    }

    fn read(&mut self, frames: u64) -> u64 {
        let mut out = vec![-1; frames as usize];
        let count = self.reader.read(&mut out);
        self.heard.extend_from_slice(&out[..count]);
        let gaps = &mut self.gaps;
        self.reader.poll(|gap| gaps.push(gap));
        let now = self.reader.snapshot();
        assert_eq!(
            now.captured_frames,
            now.read_frames + now.queued_frames + now.dropped_frames + now.discarded_frames
        );
        count as u64
    }

    /// For so many frames of the device's time: blocks of `block` frames come, late by up to `late` of them, and a
    /// timer asks for as many frames as it is long, as late.
    fn run(&mut self, time: u64, block: u64, timer: u64, late: u64, reads: bool) {
        let end = self.captured + time;
        let (mut due_in, mut due_out) = (self.captured + block, self.captured + timer);
        let (mut at_in, mut at_out) = (due_in, due_out);
        while at_in.min(at_out) <= end {
            if at_in <= at_out {
                self.record(block);
                due_in += block;
                at_in = due_in + self.draw(late + 1);
            } else {
                if reads {
                    self.read(timer);
                }
                due_out += timer;
                at_out = due_out + self.draw(late + 1);
            }
        }
    }

    /// Every frame has been heard, or lies in a gap that was told of, or is still queued; once each and in order.
    fn is_accounted_for(&mut self) {
        let mut gaps = self.gaps.iter();
        let mut expected = 0;
        for value in self.heard.iter().filter(|value| **value != 0) {
            let position = *value as u64 - 1;
            while position != expected {
                let gap = gaps
                    .next()
                    .unwrap_or_else(|| panic!("{position} instead of {expected}"));
                assert_eq!(gap.at_frame, expected, "{:?}", self.gaps);
                assert_eq!(gap.rate_hz, RATE_HZ as u32);
                expected += gap.frames;
            }
            expected += 1;
        }
    }

    /// The frames from `from` on, up to the latest that was heard, are all there.
    fn heard_since(&self, from: u64) -> bool {
        let first = self.heard.iter().position(|value| *value as u64 > from);
        let heard = &self.heard[first.unwrap()..];
        heard.len() as u64 > RATE_HZ
            && heard
                .iter()
                .enumerate()
                .all(|(i, value)| *value as u64 == from + 1 + i as u64)
    }
}

/// livekit/client-sdk-unity#208, godotengine/godot#114094: after one stall, most of the sound is lost for ever.
#[test]
fn after_a_stall_everything_is_heard_again_within_half_a_second() {
    for gaps in ALL {
        for queue_ms in [500, 1_000, 4_000] {
            for stall_ms in [100, 700, 1_500, 5_000, 20_000] {
                for (block, timer, late) in [
                    (480, 480, 0),
                    (480, 480, 400),
                    (441, 960, 480),
                    (64, 480, 100),
                    (1_024, 160, 1_000),
                    (4_096, 480, 2_000),
                ] {
                    let mut world = World::new(gaps, queue_ms);
                    let what = format!("{gaps:?} {queue_ms} {stall_ms} {block} {timer} {late}");
                    world.run(RATE_HZ * 2, block, timer, late, true);
                    assert!(world.gaps.is_empty(), "{what}");
                    world.run(RATE_HZ * stall_ms / 1_000, block, timer, late, false);
                    let back = world.captured;
                    world.run(RATE_HZ * 30, block, timer, late, true);
                    world.is_accounted_for();
                    assert!(world.heard_since(back + RATE_HZ / 2), "{what}");
                    if gaps == Gaps::LIVE {
                        let told = (stall_ms > 100) as usize;
                        assert!(world.gaps.len() >= told, "{what}");
                        assert!(world.gaps.len() <= 1, "{what} {:?}", world.gaps);
                    }
                }
            }
        }
    }
}

#[test]
fn a_live_reader_lies_no_further_behind_than_it_may() {
    for max_lag_ms in [20, 100, 400] {
        for stall_ms in [30, 150, 450, 1_500, 5_000] {
            let max_lag = Duration::from_millis(max_lag_ms);
            let mut world = World::new(Gaps::Live { max_lag }, 1_000);
            world.run(RATE_HZ, 480, 480, 0, true);
            let before = world.heard.len();
            world.run(RATE_HZ * stall_ms / 1_000, 480, 480, 0, false);
            // Even of a read that asks for everything.
            world.read(RATE_HZ * 10);
            if let Some(oldest) = world.heard.get(before) {
                let behind = world.captured + 1 - *oldest as u64;
                assert!(
                    behind * 1_000 <= max_lag_ms * RATE_HZ,
                    "{max_lag_ms} {stall_ms}"
                );
            }
            for _ in 0..200 {
                world.record(480);
                world.read(480);
                assert!(world.reader.lag() <= max_lag, "{max_lag_ms} {stall_ms}");
            }
            world.is_accounted_for();
            assert_eq!(world.gaps.len(), usize::from(stall_ms > max_lag_ms));
        }
    }
}

/// What comes at long intervals is not taken for late.
#[test]
fn a_live_reader_skips_nothing_that_could_not_have_come_sooner() {
    // Blocks of 200 ms, and frames of 300 ms at once.
    for (block, wanted) in [(9_600, 480), (480, 14_400), (4_096, 9_600)] {
        let mut world = World::new(Gaps::LIVE, 2_000);
        let mut frames = vec![0_i32; wanted];
        let mut read = 0;
        for _ in 0..RATE_HZ * 20 / block {
            world.record(block);
            while world.reader.read_exact(&mut frames) {
                assert!(frames.iter().copied().eq((1..).skip(read).take(wanted)));
                read += wanted;
            }
        }
        assert_eq!(world.reader.snapshot().discarded_frames, 0, "{block}");
    }
}

/// The silence of what was discarded does not stand in front of what comes.
#[test]
fn what_is_discarded_after_a_stall_leaves_nothing_in_front() {
    for gaps in ALL {
        let mut world = World::new(gaps, 1_000);
        world.run(RATE_HZ * 5, 480, 480, 0, false);
        // A second was queued, and four are missing.
        assert_eq!(world.reader.discard(usize::MAX) as u64, RATE_HZ * 5);
        assert_eq!(world.reader.discard(usize::MAX), 0);
        assert_eq!(world.reader.lag(), Duration::from_secs(4));
        let fresh = world.captured as i32 + 1;
        world.record(480);
        assert_eq!(world.read(960), 480);
        assert_eq!(world.heard[0], fresh, "{gaps:?}");
        let gap = Gap::new(RATE_HZ, RATE_HZ as u32, RATE_HZ * 4);
        assert_eq!(world.gaps, [gap]);
        assert_eq!(gap.duration(), Duration::from_secs(4));
        assert_eq!(world.reader.snapshot().silence_frames, 0);
    }
    // A part of it.
    let mut world = World::new(Gaps::Silence, 1_000);
    world.run(RATE_HZ * 2, 480, 480, 0, false);
    assert_eq!(world.reader.discard(60_000), 60_000);
    world.record(480);
    assert_eq!(world.read(RATE_HZ * 2), 2 * RATE_HZ - 60_000 + 480);
    assert_eq!(world.reader.snapshot().silence_frames, 36_000);
}

/// A reader that takes whatever there is is given all of the silence: for it time stays true.
#[test]
fn silence_that_costs_nothing_is_given() {
    for stall_ms in [1_500, 5_000] {
        let mut world = World::new(Gaps::Silence, 1_000);
        world.run(RATE_HZ * stall_ms / 1_000, 480, 480, 0, false);
        for _ in 0..300 {
            while world.read(1_024) > 0 {}
            world.record(480);
        }
        world.read(1_024);
        assert_eq!(world.heard.len() as u64, world.captured);
        assert_eq!(world.reader.snapshot().forgone_silence_frames, 0);
        world.is_accounted_for();
    }
}

/// The device was gone: one gap, with its length in time, whatever the next one delivers.
#[test]
fn a_device_that_was_gone_is_one_gap() {
    for gaps in ALL {
        for next in ["48000x1:s32le", "16000x1:s32le"] {
            let mut world = World::new(gaps, 1_000);
            // The queue is full besides.
            for _ in 0..101 {
                world.record(480);
            }
            world.recorder.lose(Duration::from_millis(700));
            world.recorder.lose(Duration::from_millis(50));
            world.recorder.rebind(spec(next)).unwrap();
            let before = world.reader.discard(47_520);
            assert_eq!(before, 47_520);
            world.recorder.record(&[5_i32; 160]);
            world.recorder.record(&[5_i32; 160]);
            drop(std::mem::replace(
                &mut world.recorder,
                capture(&CaptureConfig::new(spec(next), spec(next)))
                    .unwrap()
                    .0,
            ));
            let read = world.read(RATE_HZ * 4);
            // Where it is live, what was queued before is too old by then.
            let old = if gaps == Gaps::LIVE { 0 } else { 480 };
            let gap = Gap::new(47_520 + old, 48_000, 480 - old + 480 + 36_000);
            assert_eq!(world.gaps, [gap], "{gaps:?} {next}");
            let silence = if gaps == Gaps::Silence { 36_480 } else { 0 };
            let fresh = if next.starts_with("16") { 960 } else { 320 };
            assert_eq!(read, old + silence + fresh, "{gaps:?} {next}");
            let now = world.reader.snapshot();
            assert_eq!((now.absent_frames, now.dropped_frames), (36_000, 36_480));
            assert_eq!(now.overruns, 1);
        }
    }
}

#[test]
fn the_longest_absence_is_no_overflow() {
    for gaps in ALL {
        let mut world = World::new(gaps, 100);
        for _ in 0..3 {
            world.recorder.lose(Duration::MAX);
            world.record(480);
            world.recorder.rebind(spec("44100x1:s32le")).unwrap();
            world.recorder.lose(Duration::MAX);
            world.recorder.record(&[1_i32; 441]);
            world.recorder.rebind(spec("48000x1:s32le")).unwrap();
            let _ = world.reader.lag();
            let _ = world.reader.position();
            world.read(4_800);
            world.reader.discard(usize::MAX);
        }
        let now = world.reader.snapshot();
        assert!(now.captured_frames > 1 << 50);
    }
    // And a lag without a limit is one that is never reached.
    let mut world = World::new(
        Gaps::Live {
            max_lag: Duration::MAX,
        },
        1_000,
    );
    world.run(RATE_HZ, 480, 480, 0, false);
    assert_eq!(world.read(RATE_HZ), RATE_HZ);
    assert_eq!(world.reader.snapshot().discarded_frames, 0);
}

/// A microphone that changes while nobody reads.
#[test]
fn a_live_reader_comes_past_changes_of_the_device() -> Result<(), ConfigError> {
    let mut world = World::new(Gaps::LIVE, 2_000);
    world.run(RATE_HZ / 2, 480, 480, 0, false);
    world.recorder.rebind(spec("16000x1:s32le"))?;
    for _ in 0..30 {
        world.recorder.record(&[-7_i32; 160]);
    }
    world.recorder.rebind(spec("48000x1:s32le"))?;
    world.captured += 4_800;
    world.run(RATE_HZ / 50, 480, 480, 0, false);
    // 500 ms, 300 ms and 20 ms, of which the last 50 are wanted.
    let read = world.read(RATE_HZ * 2);
    let fresh = world.heard.iter().filter(|value| **value > 24_000).count();
    assert_eq!(fresh, 960);
    assert!((2_390..2_410).contains(&read), "{read}");
    let passed: Duration = world.gaps.iter().map(Gap::duration).sum();
    assert_eq!(passed, Duration::from_millis(770));
    Ok(())
}

/// Something that a device or an application does: what, and how much of it.
fn anything(script: &[(u8, usize)], gaps: Gaps) {
    const DEVICES: [&str; 3] = ["48000x1:s32le", "16000x1:s32le", "44100x2:s16le"];
    let mut config = CaptureConfig::new(spec(DEVICES[0]), spec("48000x1:s32le"));
    config.gaps = gaps;
    config.queue_frames = 4_800;
    let (mut recorder, mut reader) = capture(&config).unwrap();
    let mut met: Vec<Gap> = Vec::new();
    let (mut asked_to_discard, mut out) = (0, vec![0_i32; 20_000]);
    for (what, size) in script {
        match what {
            0..4 => {
                let frames = vec![1_u8; size * recorder.device().frame_bytes()];
                recorder.record_bytes(&frames);
            }
            4 => recorder.lose(Duration::from_micros(*size as u64 * 50)),
            // Refused where nobody reads.
            5 => drop(recorder.rebind(spec(DEVICES[size % 3]))),
            6 => {
                let before = reader.snapshot().discarded_frames;
                assert!(reader.discard(*size) <= *size);
                asked_to_discard += reader.snapshot().discarded_frames - before;
            }
            7 => drop(reader.read_exact(&mut out[..size * 2])),
            8 => drop(reader.rewind(*size)),
            _ => drop(reader.read(&mut out[..*size * 8])),
        }
        reader.poll(|gap| met.push(gap));
        let now = reader.snapshot();
        assert_eq!(
            now.captured_frames,
            now.read_frames + now.queued_frames + now.dropped_frames + now.discarded_frames
        );
        assert!(reader.position() <= now.captured_frames);
    }
    drop(recorder);
    while !reader.is_at_end() {
        reader.read(&mut out);
    }
    reader.poll(|gap| met.push(gap));
    let now = reader.snapshot();
    assert_eq!(now.queued_frames, 0);
    // Only the latest 64 gaps wait to be told, but each call asks.
    let told: u64 = met.iter().map(|gap| gap.frames).sum();
    let passed_over = now.discarded_frames - asked_to_discard;
    assert_eq!(told, now.dropped_frames + passed_over);
    assert!(gaps == Gaps::LIVE || passed_over == 0);
    for pair in met.windows(2) {
        assert!(pair[0].at_frame + pair[0].frames <= pair[1].at_frame);
    }
    if gaps != Gaps::Silence {
        assert_eq!(now.silence_frames + now.forgone_silence_frames, 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_gaps_that_are_told_are_what_is_missing(
        script in prop::collection::vec((0_u8..12, 0_usize..2_000), 1..120),
        ways in 0..3_usize,
    ) {
        anything(&script, ALL[ways]);
    }
}

/// A `read_exact` that fails may take frames into the resampler of which nothing is made yet.
#[test]
fn a_read_that_fails_before_its_first_frame_leaves_nothing_queued() {
    for gaps in ALL {
        anything(&[(5, 4), (0, 1), (7, 1)], gaps);
    }
}
