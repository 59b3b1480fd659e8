//! A room that is made up: a loudspeaker and a microphone with a clock each, the air between them, and callbacks in odd
//! blocks that come late. Everything happens in simulated time, and the same in each run.
#![allow(unreachable_pub, clippy::unwrap_used)]

use std::cell::Cell;

use rt_callback::{Recorder, Renderer, StreamSpec};

thread_local! {
    static NOW_NS: Cell<u64> = const { Cell::new(0) };
}

/// The time in the room: what both streams take for a clock.
pub fn now_ns() -> u64 {
    NOW_NS.get()
}

/// The air is computed at this rate.
const AIR_HZ: f64 = 48_000.0;

/// A device as it is built.
#[derive(Clone, Copy)]
pub struct Build {
    /// By what part its clock is fast.
    pub fast: f64,
    /// Frames of its blocks, in turn.
    pub blocks: &'static [usize],
    /// How late its callback may come.
    pub late_s: f64,
}

/// Frames that a device plays or captures without a break.
#[derive(Clone, Copy)]
struct Session {
    from_frame: usize,
    from_s: f64,
    /// As it really is.
    rate_hz: f64,
}

impl Session {
    fn time_s(&self, frame: usize) -> f64 {
        self.from_s + (frame as f64 - self.from_frame as f64) / self.rate_hz
    }
}

/// When a device's callback comes, and for which block.
struct Pace {
    build: Build,
    session: Session,
    /// The next block's first frame.
    frame: usize,
    turn: usize,
    block: usize,
    due_s: f64,
    /// How long before its first frame a block is due, for an output.
    lead_s: Option<f64>,
}

impl Pace {
    fn new(build: Build, rate_hz: u32, lead_s: Option<f64>, random: &mut Random) -> Self {
        let session = Session {
            from_frame: 0,
            from_s: lead_s.unwrap_or(0.0) + 0.01,
            rate_hz: f64::from(rate_hz) * (1.0 + build.fast),
        };
        let mut pace = Self {
            build,
            session,
            frame: 0,
            turn: 0,
            block: 0,
            due_s: 0.0,
            lead_s,
        };
        pace.plan(random);
        pace
    }

    fn plan(&mut self, random: &mut Random) {
        self.block = self.build.blocks[self.turn % self.build.blocks.len()];
        self.turn += 1;
        let ready_s = match self.lead_s {
            Some(lead_s) => self.session.time_s(self.frame) - lead_s,
            None => self.session.time_s(self.frame + self.block),
        };
        self.due_s = ready_s + self.build.late_s * random.next();
    }

    /// Begins the callback: its block's first frame is so many frames away.
    fn call(&self, rate_hz: u32) -> u64 {
        NOW_NS.set((self.due_s * 1e9).round() as u64);
        let away_s = (self.session.time_s(self.frame) - self.due_s).abs();
        (away_s * f64::from(rate_hz)).round() as u64
    }

    fn end(&mut self, random: &mut Random) {
        self.frame += self.block;
        self.plan(random);
    }

    /// The device stands still for so long, and comes back at this rate.
    fn stand(&mut self, for_s: f64, rate_hz: u32, random: &mut Random) {
        self.session = Session {
            from_frame: self.frame,
            from_s: self.session.time_s(self.frame) + for_s,
            rate_hz: f64::from(rate_hz) * (1.0 + self.build.fast),
        };
        self.plan(random);
    }
}

/// A loudspeaker, a microphone, and what lies between them.
pub struct Room {
    renderer: Renderer,
    recorder: Recorder,
    loudspeaker: Pace,
    microphone: Pace,
    random: Random,
    /// All that was rendered, as one channel; and its sessions with the frame where each ends.
    rendered: Vec<f32>,
    sessions: Vec<Session>,
    /// Reflections: after how many of the air's samples, and how strong.
    reflections: Vec<(usize, f32)>,
    /// What leaves the loudspeaker, and what comes to the microphone.
    leaving: Vec<f32>,
    coming: Vec<f32>,
    tick_s: f64,
}

impl Room {
    /// Takes the callbacks' halves of a stream and a capture, of `f32` both. Reflections are a delay in seconds and a
    /// gain.
    pub fn new(
        renderer: Renderer,
        recorder: Recorder,
        builds: (Build, Build),
        reflections: &[(f64, f32)],
    ) -> Self {
        let mut random = Random(1);
        let lead_s = Some(0.030);
        let loudspeaker = Pace::new(builds.0, renderer.device().rate_hz, lead_s, &mut random);
        let microphone = Pace::new(builds.1, recorder.device().rate_hz, None, &mut random);
        let sessions = vec![loudspeaker.session];
        let reflections = reflections.iter();
        Self {
            renderer,
            recorder,
            loudspeaker,
            microphone,
            random,
            rendered: Vec::new(),
            sessions,
            reflections: reflections
                .map(|(delay_s, gain)| ((delay_s * AIR_HZ).round() as usize, *gain))
                .collect(),
            leaving: Vec::new(),
            coming: Vec::new(),
            tick_s: 0.0,
        }
    }

    /// Lets time pass, until `end_s`. The application has its turn every `every_s`.
    pub fn run(&mut self, end_s: f64, every_s: f64, mut turn: impl FnMut(f64)) {
        loop {
            let due_s = [self.loudspeaker.due_s, self.microphone.due_s, self.tick_s];
            let next_s = due_s.into_iter().fold(f64::INFINITY, f64::min);
            if next_s >= end_s {
                return;
            }
            if next_s == due_s[0] {
                self.play();
            } else if next_s == due_s[1] {
                self.capture();
            } else {
                NOW_NS.set((next_s * 1e9) as u64);
                turn(next_s);
                self.tick_s += every_s;
            }
        }
    }

    /// The loudspeaker is gone for so long, and what comes back is such a device. Returns when it is heard again.
    pub fn lose_loudspeaker(&mut self, for_s: f64, device: StreamSpec) -> f64 {
        self.loudspeaker
            .stand(for_s, device.rate_hz, &mut self.random);
        self.sessions.push(self.loudspeaker.session);
        self.renderer.rebind(device).unwrap();
        self.loudspeaker.session.from_s
    }

    /// The microphone is gone for so long, and what comes back is such a device. Returns when it hears again.
    pub fn lose_microphone(&mut self, for_s: f64, device: StreamSpec) -> f64 {
        self.microphone
            .stand(for_s, device.rate_hz, &mut self.random);
        self.recorder.rebind(device).unwrap();
        self.microphone.session.from_s
    }

    fn play(&mut self) {
        let device = *self.renderer.device();
        let latency = self.loudspeaker.call(device.rate_hz);
        self.renderer.set_device_latency(latency);
        let channels = device.channels();
        let mut block = vec![f32::NAN; self.loudspeaker.block * channels];
        self.renderer.render(&mut block);
        let mono = block
            .chunks(channels)
            .map(|frame| frame.iter().sum::<f32>() / channels as f32);
        self.rendered.extend(mono);
        self.loudspeaker.end(&mut self.random);
    }

    fn capture(&mut self) {
        let device = *self.recorder.device();
        let latency = self.microphone.call(device.rate_hz);
        let (session, from) = (self.microphone.session, self.microphone.frame);
        let mut block = Vec::new();
        for frame in from..from + self.microphone.block {
            let at = session.time_s(frame) * AIR_HZ;
            self.let_sound_pass(at as usize + 3);
            let sample = between(&self.coming, at);
            block.extend((0..device.channels()).map(|_| sample));
        }
        self.recorder.set_device_latency(latency);
        self.recorder.record(&block);
        self.microphone.end(&mut self.random);
    }

    /// Computes the air as far as this sample.
    fn let_sound_pass(&mut self, end: usize) {
        for at in self.leaving.len()..end {
            self.leaving.push(self.played_at(at as f64 / AIR_HZ));
            let echoes = self.reflections.iter().map(|(delay, gain)| {
                at.checked_sub(*delay)
                    .map_or(0.0, |from| gain * self.leaving[from])
            });
            self.coming.push(echoes.sum());
        }
    }

    fn played_at(&self, time_s: f64) -> f32 {
        let Some(index) = self
            .sessions
            .iter()
            .rposition(|session| session.from_s <= time_s)
        else {
            return 0.0;
        };
        let session = self.sessions[index];
        let ends = self
            .sessions
            .get(index + 1)
            .map_or(self.rendered.len(), |next| next.from_frame);
        let played = &self.rendered[session.from_frame.min(ends)..ends];
        between(played, (time_s - session.from_s) * session.rate_hz)
    }
}

/// The value between two samples, of a cubic through the four nearest; silence outside.
fn between(samples: &[f32], at: f64) -> f32 {
    let (whole, x) = (at.floor() as isize, (at - at.floor()) as f32);
    let sample = |offset: isize| {
        let index = usize::try_from(whole + offset).ok();
        index
            .and_then(|index| samples.get(index))
            .copied()
            .unwrap_or(0.0)
    };
    let [a, b, c, d] = [-1, 0, 1, 2].map(sample);
    let (p, q) = (x + 1.0, x - 1.0);
    let r = x - 2.0;
    -a * x * q * r / 6.0 + b * p * q * r / 2.0 - c * p * x * r / 2.0 + d * p * x * q / 6.0
}

/// The same numbers in each run.
pub struct Random(pub u64);

impl Random {
    /// Of 0.0..1.0.
    pub fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 40) as f64 / (1_u64 << 24) as f64
    }
}
