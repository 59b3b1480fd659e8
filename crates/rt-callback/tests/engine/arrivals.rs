//! Speech that arrives in chunks, from a synthesizer or a network: how much silence is inserted into it, and how
//! long its first sound takes, with fixed and with adaptive buffering. `docs/arrivals.md` has the table.
//!
//! The traces in `tests/arrivals` say when what arrives. The generator below made them; after a change to it,
//! `ARRIVALS=write cargo test -p rt-callback --test engine arrivals` writes them anew.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use crate::common::spec;
use rt_callback::{Buffering, Config, EventKind, stream};

/// What arrives at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Chunk {
    at_ms: u32,
    length_ms: u32,
    /// It is the first of a reply, and the last.
    begins: bool,
    ends: bool,
}

const CHUNK_MS: u32 = 20;

/// SplitMix64: the same numbers everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    /// Any of `from..=to`, each as likely as the others.
    fn between(&mut self, from: u32, to: u32) -> u32 {
        from + (self.next() % u64::from(to - from + 1)) as u32
    }

    /// Once in so many times.
    fn once_in(&mut self, times: u32) -> bool {
        self.between(1, times) == 1
    }
}

/// Writes a trace, reply by reply.
struct Maker {
    random: Random,
    chunks: Vec<Chunk>,
    /// When the next reply begins.
    begin_ms: u32,
}

impl Maker {
    /// A reply, given as when each chunk of it is ready (from the reply's beginning) and how long the chunk is. What
    /// is late holds back what is behind it, and comes together with it.
    fn reply(&mut self, ready: &[(u32, u32)]) {
        let mut chunks: Vec<Chunk> = Vec::new();
        let mut end_ms = 0;
        for (ready_ms, length_ms) in ready {
            let ready_ms = self.begin_ms + ready_ms;
            let at_ms = chunks.last().map_or(0, |chunk| chunk.at_ms).max(ready_ms);
            // When it has been heard, if it is heard as soon as it can be.
            end_ms = at_ms.max(end_ms) + length_ms;
            match chunks.last_mut() {
                Some(chunk) if chunk.at_ms == at_ms => chunk.length_ms += length_ms,
                _ => chunks.push(Chunk {
                    at_ms,
                    length_ms: *length_ms,
                    begins: chunks.is_empty(),
                    ends: false,
                }),
            }
        }
        chunks.last_mut().unwrap().ends = true;
        self.chunks.append(&mut chunks);
        // The listener's turn.
        self.begin_ms = end_ms + self.random.between(2_000, 4_000);
    }

    /// A reply of 1 to 6 s, short ones more often than long ones. Its chunks are made at a speed of so many percent
    /// of real time, and are late by so many ms.
    fn spoken(&mut self, speed: (u32, u32), mut late: impl FnMut(&mut Random) -> u32) {
        let length_ms = self
            .random
            .between(1_000, 6_000)
            .min(self.random.between(1_000, 6_000));
        let speed = self.random.between(speed.0, speed.1);
        let chunks: Vec<_> = (1..=length_ms / CHUNK_MS)
            .map(|n| {
                let ready_ms = n * CHUNK_MS * 100 / speed + late(&mut self.random);
                (ready_ms, CHUNK_MS)
            })
            .collect();
        self.reply(&chunks);
    }

    /// A reply of sentences that each arrive whole. A synthesizer needs a while to begin one, and then a part of
    /// the time that it lasts.
    fn sentences(&mut self) {
        let mut ready_ms = 0;
        let chunks: Vec<_> = (0..self.random.between(2, 4))
            .map(|_| {
                let length_ms = self.random.between(30, 125) * CHUNK_MS;
                let part = self.random.between(30, 60);
                ready_ms += self.random.between(200, 600) + length_ms * part / 100;
                (ready_ms, length_ms)
            })
            .collect();
        self.reply(&chunks);
    }
}

/// Anything up to that is as likely.
fn evenly(most_ms: u32) -> impl Fn(&mut Random) -> u32 {
    move |random| random.between(0, most_ms)
}

struct Trace {
    name: &'static str,
    text: &'static str,
    /// Adds all replies.
    make: fn(&mut Maker),
}

macro_rules! trace {
    ($name:literal, $make:expr) => {
        Trace {
            name: $name,
            text: include_str!(concat!("../arrivals/", $name, ".txt")),
            make: $make,
        }
    };
}

const REAL_TIME: (u32, u32) = (100, 100);

const TRACES: [Trace; 7] = [
    trace!("jitter-5", |maker| {
        (0..20).for_each(|_| maker.spoken(REAL_TIME, evenly(5)));
    }),
    trace!("jitter-50", |maker| {
        (0..30).for_each(|_| maker.spoken(REAL_TIME, evenly(50)));
    }),
    trace!("jitter-200", |maker| {
        (0..30).for_each(|_| maker.spoken(REAL_TIME, evenly(200)));
    }),
    // Mostly on time, and made up to a third faster than it is heard.
    trace!("ahead-200", |maker| {
        let late = |random: &mut Random| random.between(0, 200) * random.between(0, 200) / 200;
        (0..30).for_each(|_| maker.spoken((100, 130), late));
    }),
    trace!("sentences", |maker| (0..80).for_each(|_| maker.sentences())),
    trace!("stalls", |maker| {
        let late = |random: &mut Random| {
            let stall_ms = if random.once_in(200) { 1_000 } else { 0 };
            stall_ms + random.between(0, 20)
        };
        (0..30).for_each(|_| maker.spoken(REAL_TIME, late));
    }),
    // A bad connection for a while.
    trace!("spell", |maker| {
        for (replies, most_ms) in [(8, 5), (12, 200), (20, 5)] {
            (0..replies).for_each(|_| maker.spoken(REAL_TIME, evenly(most_ms)));
        }
    }),
];

impl Trace {
    fn make(&self) -> Vec<Chunk> {
        // A seed of its own for each: its name.
        let seed = self
            .name
            .bytes()
            .fold(0, |seed, byte| seed << 5 ^ u64::from(byte));
        let mut maker = Maker {
            random: Random(seed),
            chunks: Vec::new(),
            begin_ms: 1_000,
        };
        (self.make)(&mut maker);
        maker.chunks
    }

    fn chunks(&self) -> Vec<Chunk> {
        let lines = self.text.lines().filter(|line| !line.starts_with('#'));
        let chunks = lines.map(|line| {
            let mut words = line.split(' ');
            let mut number = || words.next().unwrap().parse().unwrap();
            let (at_ms, length_ms) = (number(), number());
            let marks: Vec<_> = words.collect();
            Chunk {
                at_ms,
                length_ms,
                begins: marks.contains(&"begin"),
                ends: marks.contains(&"end"),
            }
        });
        chunks.collect()
    }
}

fn to_text(chunks: &[Chunk]) -> String {
    let mut text = String::from("# arrival in ms, length in ms\n");
    for chunk in chunks {
        let begin = if chunk.begins { " begin" } else { "" };
        let end = if chunk.ends { " end" } else { "" };
        writeln!(text, "{} {}{begin}{end}", chunk.at_ms, chunk.length_ms).unwrap();
    }
    text
}

#[test]
fn the_traces_are_what_the_generator_makes() {
    for trace in &TRACES {
        let text = to_text(&trace.make());
        if std::env::var("ARRIVALS").is_ok_and(|what| what == "write") {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/arrivals");
            std::fs::write(folder.join(format!("{}.txt", trace.name)), text).unwrap();
        } else {
            assert!(text.lines().eq(trace.text.lines()), "{}", trace.name);
        }
    }
}

/// How a trace is played.
#[derive(Debug, Clone, Copy)]
struct Playing {
    buffering: Buffering,
    block_ms: u32,
    /// In how many pieces each chunk is pushed.
    pieces: usize,
}

/// What comes of it, in ms.
#[derive(Debug, Clone, PartialEq)]
struct Heard {
    silence_ms: f64,
    gaps: u64,
    /// From a reply's first arrival to its first sound.
    delays_ms: Vec<f64>,
    frames: Vec<f32>,
}

impl Heard {
    fn mean_delay_ms(&self) -> f64 {
        self.delays_ms.iter().sum::<f64>() / self.delays_ms.len() as f64
    }

    fn worst_delay_ms(&self) -> f64 {
        self.delays_ms.iter().copied().fold(0.0, f64::max)
    }
}

const FIXED_MS: usize = 60;
const FIXED: Playing = Playing {
    buffering: Buffering::Fixed,
    block_ms: 10,
    pieces: 1,
};
const ADAPTIVE: Playing = Playing {
    buffering: Buffering::Adaptive {
        min: Duration::from_millis(FIXED_MS as u64),
        max: Duration::from_secs(1),
    },
    ..FIXED
};

fn play(chunks: &[Chunk], playing: Playing) -> Heard {
    let mut config = Config::new(spec("24000x1:s16le"), spec("48000x1:f32le"));
    config.queue_frames = 24_000 * 12;
    config.prebuffer_frames = 24 * FIXED_MS;
    config.rebuffer_frames = 24 * FIXED_MS;
    config.buffering = playing.buffering;
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    let voice = crate::common::samples(24 * 2_500);
    let mut arriving = chunks.iter().peekable();
    let (mut begun_ms, mut delays_ms) = (Vec::new(), Vec::new());
    let mut frames = Vec::new();
    let until_ms = chunks.last().unwrap().at_ms + 12_000;
    // Until the last reply has been heard, whatever waits.
    for now_ms in (0..until_ms).step_by(playing.block_ms as usize) {
        while let Some(chunk) = arriving.next_if(|chunk| chunk.at_ms <= now_ms) {
            if chunk.begins {
                feeder.begin_utterance().unwrap();
                begun_ms.push(chunk.at_ms);
            }
            let samples = &voice[..24 * chunk.length_ms as usize];
            for piece in samples.chunks(samples.len().div_ceil(playing.pieces)) {
                assert_eq!(feeder.push(piece), Ok(piece.len()), "the queue is full");
            }
            if chunk.ends {
                feeder.end_utterance().unwrap();
            }
        }
        let mut block = vec![f32::NAN; 48 * playing.block_ms as usize];
        renderer.render(&mut block);
        frames.extend(block);
        monitor.poll(|event| {
            if matches!(event.kind, EventKind::Started { .. }) {
                let begun_ms = begun_ms[delays_ms.len()];
                delays_ms.push(event.at_frame as f64 / 48.0 - f64::from(begun_ms));
            }
        });
    }
    let counters = monitor.snapshot();
    assert!(counters.is_played_out());
    assert_eq!(counters.events_lost, 0);
    assert_eq!(delays_ms.len(), begun_ms.len());
    Heard {
        silence_ms: (counters.underrun_frames + counters.starved_frames) as f64 / 48.0,
        gaps: counters.underruns,
        delays_ms,
        frames,
    }
}

fn assert_at_most_half(trace: &Trace, fixed: &Heard, adaptive: &Heard) {
    assert!(
        2.0 * adaptive.silence_ms <= fixed.silence_ms,
        "{}: {} of {} ms",
        trace.name,
        adaptive.silence_ms,
        fixed.silence_ms
    );
    if fixed.gaps == 0 {
        assert_eq!(adaptive, fixed, "{}", trace.name);
    }
}

#[test]
fn adaptive_buffering_inserts_at_most_half_the_silence() {
    println!("| trace | replies | silence, ms | gaps | mean delay, ms | worst delay, ms |");
    println!("|---|---|---|---|---|---|");
    for trace in &TRACES {
        let chunks = trace.chunks();
        let [fixed, adaptive] = [FIXED, ADAPTIVE].map(|playing| play(&chunks, playing));
        println!(
            "| {} | {} | {:.0} -> {:.0} | {} -> {} | {:.0} -> {:.0} | {:.0} -> {:.0} |",
            trace.name,
            fixed.delays_ms.len(),
            fixed.silence_ms,
            adaptive.silence_ms,
            fixed.gaps,
            adaptive.gaps,
            fixed.mean_delay_ms(),
            adaptive.mean_delay_ms(),
            fixed.worst_delay_ms(),
            adaptive.worst_delay_ms(),
        );
        assert_at_most_half(trace, &fixed, &adaptive);
    }
}

#[test]
fn the_same_arrivals_give_the_same_output() {
    for trace in &TRACES {
        let chunks = trace.chunks();
        let whole = play(&chunks, ADAPTIVE);
        for pieces in [1, 3, 7] {
            let cut = play(&chunks, Playing { pieces, ..ADAPTIVE });
            // A million frames are not to be printed.
            assert!(cut == whole, "{}: {pieces} pieces", trace.name);
        }
    }
}

/// Blocks of another length look at the arrivals at other times: each sound may begin a block earlier or later.
#[test]
fn other_blocks_come_to_much_the_same() {
    for trace in &TRACES {
        let chunks = trace.chunks();
        let usual = play(&chunks, ADAPTIVE);
        for block_ms in [5, 20] {
            let [fixed, adaptive] = [FIXED, ADAPTIVE].map(|playing| {
                let playing = Playing {
                    block_ms,
                    ..playing
                };
                play(&chunks, playing)
            });
            assert_at_most_half(trace, &fixed, &adaptive);
            let later_ms = adaptive.mean_delay_ms() - usual.mean_delay_ms();
            assert!(later_ms.abs() <= 20.0, "{}: {later_ms} ms", trace.name);
        }
    }
}

/// Once the connection is good again, the delay comes down with every reply, to where it was.
#[test]
fn what_was_learned_is_taken_back() {
    // One reply that stalls, and replies of 3 s that do not.
    let mut maker = Maker {
        random: Random(1),
        chunks: Vec::new(),
        begin_ms: 0,
    };
    let ready = |n: u32, stall_ms| (n * CHUNK_MS + stall_ms, CHUNK_MS);
    let stalled: Vec<_> = (0..150)
        .map(|n| ready(n, if n < 50 { 0 } else { 800 }))
        .collect();
    let quiet: Vec<_> = (0..150).map(|n| ready(n, 0)).collect();
    maker.reply(&stalled);
    (0..150).for_each(|_| maker.reply(&quiet));
    let heard = play(&maker.chunks, ADAPTIVE);
    assert_eq!(heard.gaps, 1);
    let (before_ms, after_ms) = (heard.delays_ms[0], &heard.delays_ms[1..]);
    let longer_ms = after_ms[0] - before_ms;
    assert!(
        (longer_ms - heard.silence_ms).abs() <= 50.0,
        "{longer_ms} ms longer after a gap of {} ms",
        heard.silence_ms
    );
    // Each to a block.
    assert!(after_ms.windows(2).all(|two| two[1] <= two[0] + 10.0));
    let left = (after_ms[20] - before_ms) / longer_ms;
    assert!((0.3..0.45).contains(&left), "{left} after a minute");
    assert!(after_ms[149] <= before_ms + 20.0);
}
