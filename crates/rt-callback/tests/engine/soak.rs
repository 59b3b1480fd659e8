//! A day and more of audio, and faults by the million: the callback allocates nothing, memory stays as
//! it is, positions stay exact, and the engine recovers within one block.
//!
//! The ordinary tests run a short form of both; `cargo xtask test --exhaustive` runs the whole.

use crate::common::allocator::{forbidden, held, in_callback};
use crate::common::{config, samples, spec};
use rt_callback::{
    Config, Controller, Decibels, EventKind, FeedError, Feeder, Monitor, Ramp, RenderStatus,
    Renderer, Resample, stream,
};

#[test]
fn twenty_minutes_of_audio() {
    play(20 * 60, Resample::Balanced);
}

/// Beyond 2^32 device frames, so that a counter of 32 bits would be seen to overflow.
#[test]
#[ignore = "cargo xtask test --exhaustive"]
fn twenty_five_hours_of_audio() {
    play(25 * 3_600, Resample::Balanced);
}

#[test]
fn twenty_thousand_faults() {
    inject(20_000);
}

#[test]
#[ignore = "cargo xtask test --exhaustive"]
fn a_million_faults() {
    inject(1_000_000);
}

/// The same utterance of 7 seconds again and again: every time it sounds at its frame, gives the
/// same bits, and is reported at its frames.
fn play(seconds: usize, resample: Resample) {
    const UTTERANCE: usize = 7 * 24_000;
    const MARK: usize = 100_001;
    let mut config = config("24000x1:s16le", "48000x2:s16le");
    config.resample = resample;
    config.queue_frames = 12_000;
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    let data = samples(UTTERANCE);
    let mut first = vec![0_i16; 2 * 2 * UTTERANCE];
    let mut block = vec![0_i16; 2 * 1_024];
    let mut fed = 0;
    let mut rendered = 0;
    let mut flat = None;
    let mut marks = 0;
    let mut finished = 0;
    forbidden();
    for size in [480, 1_024, 17, 441].into_iter().cycle() {
        while renderer.missing_source_frames(size) > 0 {
            if fed % UTTERANCE == 0 {
                feeder.begin_utterance().unwrap();
            } else if fed % UTTERANCE == MARK {
                feeder.mark().unwrap();
            }
            let from = fed % UTTERANCE;
            let to = (from + 960).min(UTTERANCE);
            let to = if from < MARK { to.min(MARK) } else { to };
            assert_eq!(feeder.push(&data[from..to]), Ok(to - from));
            fed += to - from;
        }
        let block = &mut block[..2 * size];
        assert_eq!(
            in_callback(|| renderer.render(block)),
            RenderStatus::Rendered
        );
        let at = 2 * (rendered % (2 * UTTERANCE));
        let head = block.len().min(first.len() - at);
        let (head, tail) = block.split_at(head);
        if rendered < 2 * UTTERANCE {
            first[at..at + head.len()].copy_from_slice(head);
        } else {
            assert_eq!(head, &first[at..at + head.len()], "frame {rendered}");
        }
        if rendered + size > 2 * UTTERANCE {
            assert_eq!(tail, &first[..tail.len()], "frame {rendered}");
        } else {
            first[..tail.len()].copy_from_slice(tail);
        }
        rendered += size;
        monitor.poll(|event| match event.kind {
            EventKind::Started { utterance } => {
                assert_eq!(event.at_frame, utterance.0 * 2 * UTTERANCE as u64);
            }
            EventKind::Mark { mark } => {
                marks += 1;
                let at = mark.0 as usize * UTTERANCE + MARK;
                assert_eq!(event.at_frame, 2 * at as u64);
            }
            EventKind::Finished {
                utterance,
                heard_frames,
            } => {
                finished += 1;
                assert_eq!(event.at_frame, (utterance.0 + 1) * 2 * UTTERANCE as u64);
                assert_eq!(heard_frames, UTTERANCE as u64);
            }
            kind => panic!("{kind:?}"),
        });
        if rendered > 2 * 48_000 {
            assert_eq!(held(), *flat.get_or_insert_with(held), "frame {rendered}");
        }
        if rendered >= seconds * 48_000 {
            break;
        }
    }
    let now = monitor.snapshot();
    assert_eq!(now.rendered_frames, rendered as u64);
    assert_eq!(now.heard_frames, rendered as u64 / 2);
    assert_eq!(now.pushed_frames, fed as u64);
    assert_eq!(
        now.pushed_frames,
        now.heard_frames + now.in_flight_frames + now.queued_frames
    );
    assert_eq!(finished, rendered / (2 * UTTERANCE));
    assert!(marks == finished || marks == finished + 1);
    let silent = now.idle_frames + now.underrun_frames + now.startup_silence_frames;
    assert_eq!(silent + now.events_lost + now.dropped_frames, 0);
    assert_eq!(forbidden(), 0, "allocations in the callback");
}

/// Every source says one half, so that sound is known when it is heard.
const SOURCES: [(&str, &[u8]); 6] = [
    ("24000x1:s16le", &[0, 64]),
    ("48000x2:s16le", &[0, 64]),
    ("48000x1:f32le", &[0, 0, 0, 63]),
    ("8000x1:u8", &[192]),
    ("96000x2:s24le", &[0, 0, 64]),
    ("44100x1:s32le", &[0, 0, 0, 64]),
];

/// The last is one of the sources: there the queue is copied, and cleaned all the same.
const DEVICES: [&str; 5] = [
    "48000x2:f32le",
    "44100x2:f32le",
    "32000x1:f32le",
    "16000x1:f32le",
    "48000x1:f32le",
];

/// A block is long enough for every ramp: 2 ms of the fastest device, and the fades that are asked for.
const BLOCK: usize = 480;
const LONGEST_FADE: u32 = 96;

/// Bytes: whole frames in every source.
const DATA: usize = 24 * 3_000;

struct Patient {
    feeder: Feeder,
    controller: Controller,
    renderer: Renderer,
    monitor: Monitor,
    /// Which of the sources is being pushed.
    source: usize,
    random: u64,
    block: Vec<f32>,
    /// A stretch of one half in the present source's format.
    data: Vec<u8>,
    wrong_shapes: u64,
    /// A decay may lie under a beginning that is not faded in; in a storm many may, one half each.
    loudest: f32,
}

const CALM: f32 = 3.0;
const STORM: f32 = 0.5 * 31.0;

impl Patient {
    fn new() -> Self {
        let mut config: Config = config(SOURCES[0].0, DEVICES[0]);
        config.queue_frames = 32_768;
        config.marker_capacity = 16;
        config.event_capacity = 16;
        let (feeder, controller, renderer, monitor) = stream(&config).unwrap();
        let mut patient = Self {
            feeder,
            controller,
            renderer,
            monitor,
            source: 0,
            random: 1,
            block: vec![0.0; 2 * 5_000],
            data: Vec::with_capacity(DATA),
            wrong_shapes: 0,
            loudest: CALM,
        };
        patient.set_source(0);
        patient
    }

    /// A number below `bound` (Knuth's MMIX generator).
    fn below(&mut self, bound: usize) -> usize {
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) as usize % bound
    }

    fn set_source(&mut self, index: usize) {
        if self.feeder.set_source(spec(SOURCES[index].0)).is_ok() {
            self.source = index;
            let bytes = SOURCES[index].1;
            self.data.clear();
            self.data.extend(bytes.iter().cycle().take(DATA));
        }
    }

    /// So many source frames, or as many as there is room for.
    fn push(&mut self, frames: usize) -> usize {
        let bytes = frames * self.feeder.source().frame_bytes();
        let pushed = self.feeder.push_bytes(&self.data[..bytes.min(DATA)]);
        match pushed {
            Err(FeedError::Interrupted { .. }) => 0,
            pushed => pushed.unwrap(),
        }
    }

    /// Source frames that make so many device frames, and some.
    fn push_for(&mut self, frames: usize) {
        let from = self.feeder.source().rate_hz as usize;
        let to = self.renderer.device().rate_hz as usize;
        self.push((frames * from).div_ceil(to) + 32);
    }

    fn render(&mut self, frames: usize) -> RenderStatus {
        let samples = frames * self.renderer.device().channels();
        let (renderer, block) = (&mut self.renderer, &mut self.block[..samples]);
        block.fill(f32::NAN);
        let status = in_callback(|| renderer.render(block));
        let loudest = self.loudest;
        let loud = block
            .iter()
            .position(|sample| sample.is_nan() || sample.abs() > loudest);
        assert_eq!(loud, None, "{status:?}: {:?}", loud.map(|at| block[at]));
        status
    }

    /// The present block is nothing but the signal.
    fn is_clean(&self, frames: usize) -> bool {
        let samples = frames * self.renderer.device().channels();
        let block = &self.block[..samples];
        block.iter().all(|sample| (sample - 0.5).abs() < 1e-4)
    }

    fn check(&self, fault: &str) {
        let now = self.monitor.snapshot();
        assert_eq!(
            now.pushed_frames,
            now.heard_frames + now.in_flight_frames + now.queued_frames + now.dropped_frames,
            "{fault}"
        );
        assert_eq!(now.pushed_frames, self.feeder.pushed_frames(), "{fault}");
    }

    /// Fed again, with nothing else in its way, it may take one block to recover; the next one, and
    /// all that follow, are the signal and nothing else.
    fn recovers(&mut self, number: usize, fault: &str) {
        self.controller.resume();
        self.controller.unmute();
        self.controller.set_gain(Decibels(0.0), Ramp::None);
        self.push_for(2 * BLOCK);
        self.render(BLOCK);
        self.loudest = CALM;
        while self.renderer.missing_source_frames(BLOCK) > 0 {
            self.push_for(BLOCK);
        }
        let before = self.monitor.snapshot();
        let status = self.render(BLOCK);
        assert_eq!(status, RenderStatus::Rendered, "{number}: {fault}");
        assert!(
            self.is_clean(BLOCK),
            "{number}: {fault}: {:?}",
            &self.block[..8]
        );
        let after = self.monitor.snapshot();
        assert_eq!(before.underruns, after.underruns, "{number}: {fault}");
        assert!(
            after.heard_frames > before.heard_frames,
            "{number}: {fault}"
        );
        // Down to a short queue, so that the next fault is felt at once.
        while self.renderer.missing_source_frames(32) == 0 {
            assert_eq!(self.render(32), RenderStatus::Rendered);
            assert!(self.is_clean(32), "{number}: {fault}");
        }
        self.check(fault);
    }

    fn fault(&mut self) -> &'static str {
        match self.below(13) {
            0 => {
                let frames = self.below(5_000);
                self.render(frames);
                self.render(BLOCK);
                "starve"
            }
            1 => {
                while self.push(1_000) > 0 {}
                self.render(5_000);
                while self.push(1_000) > 0 {}
                self.controller.interrupt(Ramp::None);
                "burst"
            }
            2 => {
                self.push_for(BLOCK);
                for _ in 0..3 {
                    self.render(3_000);
                }
                "stall"
            }
            3 => {
                let source = self.below(SOURCES.len());
                self.set_source(source);
                "rate or channels change"
            }
            4 => {
                for _ in 0..self.below(8) {
                    let source = self.below(SOURCES.len());
                    self.set_source(source);
                    self.push(1);
                }
                "sources change in every frame"
            }
            5 => {
                self.set_source(2);
                if self.source == 2 {
                    let bad = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY][self.below(3)];
                    self.feeder.push(&[bad; 50]).unwrap();
                }
                "a block that is not finite"
            }
            6 => {
                // Only stereo has a wrong shape.
                if self.renderer.device().channels() == 2 {
                    let samples = 2 * self.below(BLOCK) + 1;
                    let (renderer, block) = (&mut self.renderer, &mut self.block[..samples]);
                    let status = in_callback(|| renderer.render(block));
                    assert_eq!(status, RenderStatus::ShapeMismatch);
                    assert!(block.iter().all(|sample| *sample == 0.0));
                    self.wrong_shapes += 1;
                }
                "wrong shape"
            }
            7 => {
                self.loudest = STORM;
                for _ in 0..self.below(30) {
                    let fade = self.below(LONGEST_FADE as usize) as u32;
                    self.controller.interrupt(Ramp::Frames(fade));
                    let frames = self.below(60);
                    self.push(frames);
                    let frames = self.below(20);
                    self.render(frames);
                }
                "a storm of interruptions"
            }
            8 => {
                for _ in 0..self.below(30) {
                    match self.feeder.begin_utterance() {
                        Ok(id) => {
                            self.push(20);
                            self.controller.cancel(id, Ramp::Frames(20));
                        }
                        Err(error) => assert_eq!(error, FeedError::MarkersFull),
                    }
                    let frames = self.below(20);
                    self.render(frames);
                }
                while self.feeder.end_utterance().is_err() {
                    self.render(BLOCK);
                }
                "a storm of cancellations"
            }
            9 => {
                for _ in 0..self.below(10) {
                    self.controller.hold();
                    let frames = self.below(200);
                    self.render(frames);
                    if self.below(2) == 0 {
                        self.controller.discard();
                    } else {
                        self.controller.resume();
                    }
                    self.push(20);
                }
                "held, resumed and discarded"
            }
            10 => {
                self.controller.mute();
                self.controller.set_gain(Decibels(-60.0), Ramp::Frames(50));
                let frames = self.below(100);
                self.render(frames);
                "muted"
            }
            11 => {
                let device = self.below(DEVICES.len());
                self.renderer.rebind(spec(DEVICES[device])).unwrap();
                "another device"
            }
            _ => {
                while self.feeder.mark().is_ok() {
                    self.push(1);
                }
                self.feeder.push_bytes(&self.data[..1]).unwrap();
                while self.feeder.end_utterance().is_err() {
                    self.render(BLOCK);
                }
                "a flood of marks, and half a frame"
            }
        }
    }
}

fn inject(faults: usize) {
    let mut patient = Patient::new();
    patient.recovers(0, "beginning");
    forbidden();
    let mut most = 0;
    for number in 1..=faults {
        let fault = patient.fault();
        patient.recovers(number, fault);
        if number % 64 == 0 {
            patient.monitor.poll(|_| ());
        }
        if number == faults / 4 {
            most = held();
        }
    }
    let now = patient.monitor.snapshot();
    assert_eq!(now.shape_mismatches, patient.wrong_shapes);
    assert!(now.underruns > 0 && now.non_finite_samples > 0 && now.dropped_frames > 0);
    assert_eq!(forbidden(), 0, "allocations in the callback");
    // The plans that are present differ in size, by a few kilobytes.
    assert!(held() - most < 100_000, "{} bytes more", held() - most);
}
