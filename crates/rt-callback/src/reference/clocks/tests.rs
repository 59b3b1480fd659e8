//! Simulates two devices, and an application that asks for the output's position every 5 ms of captured sound.

use alloc::vec::Vec;

use super::*;
use crate::link::stamp::{StampSender, stamps};

/// How long a frame at 16 kHz lasts.
const BOUND_NS: f64 = 62.5e3;
/// How long it may take after an event until the bound holds.
const SETTLED_NS: f64 = 0.5e9;

struct Random(u64);

impl Random {
    /// In `0.0..1.0`.
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 40) as f64 / (1_u64 << 24) as f64
    }
}

/// Frames that a device played or captured without a break.
#[derive(Clone, Copy)]
struct Session {
    from_frame: u64,
    from_ns: f64,
    rate_hz: u32,
    drift: f64,
}

impl Session {
    fn frame_ns(&self) -> f64 {
        1e9 / (f64::from(self.rate_hz) * (1.0 + self.drift))
    }

    fn time_ns(&self, frame: f64) -> f64 {
        self.from_ns + (frame - self.from_frame as f64) * self.frame_ns()
    }

    fn frame_at(&self, time_ns: f64) -> f64 {
        self.from_frame as f64 + (time_ns - self.from_ns) / self.frame_ns()
    }
}

/// The true device: when its frames are heard or captured, and when its callbacks come.
struct Device {
    direction: Direction,
    sender: StampSender,
    sessions: Vec<Session>,
    /// The next block's first frame.
    frame: u64,
    blocks: &'static [u64],
    turn: usize,
    /// How late a callback may come, and how much is queued before it if it comes in time.
    late_ns: f64,
    buffer_ns: f64,
    /// When the next callback comes, and its block.
    due_ns: f64,
    block: u64,
}

impl Device {
    fn begin(&mut self, at_ns: f64, rate_hz: u32, drift: f64, random: &mut Random) {
        self.sessions.push(Session {
            from_frame: self.frame,
            from_ns: at_ns + self.buffer_ns,
            rate_hz,
            drift,
        });
        self.plan(random);
    }

    fn plan(&mut self, random: &mut Random) {
        self.turn += 1;
        self.block = self.blocks[self.turn % self.blocks.len()];
        let session = self.sessions.last().unwrap();
        let ready_ns = match self.direction {
            Direction::Output => session.time_ns(self.frame as f64) - self.buffer_ns,
            Direction::Input => session.time_ns((self.frame + self.block) as f64),
        };
        self.due_ns = ready_ns + random.next() * self.late_ns;
    }

    /// The callback. It tells its latency in whole frames, as devices do.
    fn call(&mut self, random: &mut Random) {
        let session = *self.sessions.last().unwrap();
        let at_ns = self.due_ns.round();
        let away_ns = (session.time_ns(self.frame as f64) - at_ns).abs();
        self.sender.note(Stamp {
            at_frame: self.frame,
            rate_hz: session.rate_hz,
            at_ns: at_ns as u64,
            latency_frames: (away_ns * f64::from(session.rate_hz) / 1e9).round() as u64,
        });
        self.frame += self.block;
        self.plan(random);
    }

    /// The frame that was heard at this time, if one was.
    fn heard_at(&self, time_ns: f64) -> Option<(f64, u32)> {
        let index = self
            .sessions
            .iter()
            .rposition(|session| session.from_ns <= time_ns)?;
        let session = self.sessions[index];
        let frame = session.frame_at(time_ns);
        let ends = self
            .sessions
            .get(index + 1)
            .map_or(self.frame, |next| next.from_frame);
        (frame < ends as f64).then_some((frame, session.rate_hz))
    }
}

/// Events in the simulated hour.
enum Event {
    /// A device is gone for some seconds, and comes back at this rate.
    Gone(Direction, f64, u32),
    /// The output skips by some seconds, and no callback is told.
    Skips(f64),
}

struct Outcome {
    worst_ns: f64,
    asked: usize,
    unknown: usize,
    /// The longest time from an event until the bound held.
    settled_ns: f64,
}

fn simulate(
    drifts: (f64, f64),
    rates: (u32, u32),
    blocks: (&'static [u64], &'static [u64]),
    late_ns: f64,
    seconds: f64,
    events: &[(f64, Event)],
) -> Outcome {
    let mut random = Random(7);
    let (to_input, input_stamps) = stamps();
    let (to_output, output_stamps) = stamps();
    let mut clocks = Clocks::new(input_stamps, output_stamps);
    let device = |direction, sender, blocks, buffer_ns| Device {
        direction,
        sender,
        sessions: Vec::new(),
        frame: 0,
        blocks,
        turn: 0,
        late_ns,
        buffer_ns,
        due_ns: 0.0,
        block: 0,
    };
    let mut input = device(Direction::Input, to_input, blocks.0, 0.0);
    let mut output = device(Direction::Output, to_output, blocks.1, 30e6);
    input.begin(50e6, rates.0, drifts.0, &mut random);
    output.begin(10e6, rates.1, drifts.1, &mut random);
    let mut events = events.iter().peekable();
    // The last event, and the time from which the sound goes on.
    let mut event_ns = 0.0;
    let mut since_ns = 100e6;
    let mut asked_frame = 0.0;
    let mut outcome = Outcome {
        worst_ns: 0.0,
        asked: 0,
        unknown: 0,
        settled_ns: 0.0,
    };
    let mut off_until_ns: f64 = 0.0;
    while input.due_ns.min(output.due_ns) < seconds * 1e9 {
        let now_ns = input.due_ns.min(output.due_ns);
        if let Some((at_s, event)) = events.peek()
            && now_ns > at_s * 1e9
        {
            outcome.settled_ns = outcome.settled_ns.max(off_until_ns - since_ns);
            let played_ns = output.sessions.last().unwrap().time_ns(output.frame as f64);
            match event {
                Event::Gone(direction, gone_s, rate_hz) => {
                    let (device, drift) = match direction {
                        Direction::Input => (&mut input, drifts.0),
                        Direction::Output => (&mut output, drifts.1),
                    };
                    event_ns = device.sessions.last().unwrap().time_ns(device.frame as f64);
                    let back_ns = event_ns + gone_s * 1e9 - device.buffer_ns;
                    device.begin(back_ns, *rate_hz, drift, &mut random);
                    since_ns = back_ns + device.buffer_ns;
                }
                Event::Skips(by_s) => {
                    let mut session = *output.sessions.last().unwrap();
                    session.from_ns = played_ns + by_s * 1e9;
                    event_ns = played_ns;
                    session.from_frame = output.frame;
                    since_ns = session.from_ns;
                    output.sessions.push(session);
                    output.plan(&mut random);
                }
            }
            events.next();
            continue;
        }
        if output.due_ns < input.due_ns {
            output.call(&mut random);
            continue;
        }
        let (from, to) = (input.frame as f64, (input.frame + input.block) as f64);
        let session = *input.sessions.last().unwrap();
        input.call(&mut random);
        clocks.collect();
        // The captured frames are asked for at once.
        asked_frame = f64::max(asked_frame, from);
        while asked_frame < to {
            let time_ns = session.time_ns(asked_frame);
            // The tap has nothing beyond the rendered frames.
            let rendered = output.frame as f64;
            let place = clocks
                .heard(asked_frame, 0.0)
                .filter(|place| place.frame < rendered);
            asked_frame += f64::from(session.rate_hz) / 200.0;
            let truth = output.heard_at(time_ns);
            let off_ns = match (place, truth) {
                (None, None) => 0.0,
                (Some(place), Some((frame, rate_hz))) if place.rate_hz == rate_hz => {
                    (place.frame - frame).abs() * 1e9 / f64::from(rate_hz)
                }
                // Only one of the two says that the device stood still. Within the bound of an edge of that time, both
                // are right.
                (place, _) => {
                    let near = [-BOUND_NS, BOUND_NS].map(|by_ns| output.heard_at(time_ns + by_ns));
                    let near = near.into_iter().any(|near| {
                        near.map(|(_, rate_hz)| rate_hz) == place.map(|place| place.rate_hz)
                    });
                    if near { 0.0 } else { f64::INFINITY }
                }
            };
            outcome.asked += 1;
            outcome.unknown += usize::from(place.is_none());
            if off_ns > BOUND_NS && time_ns > event_ns {
                off_until_ns = time_ns;
            }
            if time_ns > since_ns + SETTLED_NS || time_ns < event_ns {
                outcome.worst_ns = outcome.worst_ns.max(off_ns);
            }
        }
    }
    outcome.settled_ns = outcome.settled_ns.max(off_until_ns - since_ns);
    outcome
}

const ODD: (&[u64], &[u64]) = (&[441, 480, 313, 1_024], &[1_024, 97, 480, 2_048, 640]);

fn hour() -> Vec<(f64, Event)> {
    use Direction::{Input, Output};
    let mut events = Vec::new();
    for turn in 0..9 {
        let at_s = 60.0 + f64::from(turn) * 390.0;
        events.extend([
            (at_s, Event::Gone(Output, 1.3, 48_000)),
            (at_s + 47.3, Event::Gone(Input, 0.7, 48_000)),
            (at_s + 101.7, Event::Gone(Output, 0.2, 16_000)),
            (at_s + 150.1, Event::Gone(Input, 0.3, 16_000)),
            (at_s + 199.9, Event::Skips(0.080)),
            (at_s + 240.3, Event::Skips(0.004)),
            (at_s + 250.7, Event::Gone(Output, 0.5, 44_100)),
            (at_s + 290.2, Event::Gone(Input, 0.9, 44_100)),
            (at_s + 340.0, Event::Gone(Output, 0.0, 48_000)),
        ]);
    }
    events
}

#[test]
fn within_a_frame_at_16_khz_for_an_hour() {
    for drifts in [(200e-6, -200e-6), (-200e-6, 200e-6), (0.0, 0.0)] {
        let outcome = simulate(drifts, (48_000, 48_000), ODD, 2e6, 3_600.0, &hour());
        assert!(outcome.asked > 700_000);
        assert!(
            outcome.worst_ns < BOUND_NS,
            "{drifts:?}: {} ns",
            outcome.worst_ns
        );
        // The second block after a jump shows it. A block of 2,048 frames at 16 kHz lasts 128 ms.
        assert!(
            outcome.settled_ns < 0.15e9,
            "{drifts:?}: {} ns",
            outcome.settled_ns
        );
        // Nothing was heard while the output was gone.
        let gone_s = 9.0 * (1.3 + 0.2 + 0.5 + 0.084);
        let unknown_s = outcome.unknown as f64 * 0.005;
        assert!(
            (unknown_s - gone_s).abs() < 3.0,
            "{unknown_s} s of {gone_s} s"
        );
    }
}

/// Blocks of 200 ms: the block behind a break shows it.
#[test]
fn large_blocks_are_no_different_once_there_have_been_some() {
    const LARGE: (&[u64], &[u64]) = (&[9_600], &[4_096]);
    let events = [
        (60.0, Event::Gone(Direction::Output, 1.3, 48_000)),
        (120.0, Event::Gone(Direction::Input, 0.7, 48_000)),
        (180.0, Event::Gone(Direction::Output, 0.4, 44_100)),
        (240.0, Event::Gone(Direction::Input, 0.3, 44_100)),
    ];
    for drift in [200e-6, -200e-6] {
        let outcome = simulate(
            (drift, -drift),
            (48_000, 48_000),
            LARGE,
            5e6,
            300.0,
            &events,
        );
        assert!(outcome.worst_ns < BOUND_NS, "{}", outcome.worst_ns);
        assert!(outcome.settled_ns < 0.5e9, "{}", outcome.settled_ns);
    }
}
