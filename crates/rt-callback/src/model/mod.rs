//! What loom explores: the engine's own halves, over rings and atomics of loom.
//!
//! Every model states the least number of executions that it must explore, because a model that explores one proves
//! nothing. Every model is also shown to catch its fault: its twin here has two steps swapped, and `weakened` weakens
//! single orderings.
//!
//! `cargo xtask prove loom` runs it.

extern crate std;

mod capturing;
mod cuts;
mod heard;
mod instruments;
pub(crate) mod register;
pub(crate) mod ring;
mod steering;
#[cfg(feature = "futures")]
mod waiting;
#[cfg(feature = "futures")]
pub(crate) mod waker;
pub(crate) mod weakened;

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use loom::thread;

use crate::app::feeder;
use crate::audio::intake::Intake;
use crate::audio::pulled::Pulled;
use crate::link::queue;
use crate::link::report::Reporter;
use crate::link::seqlock::SeqLock;
use crate::link::shared::Shared;
use crate::link::sync::Ordering;
use crate::plan::marker::{Change, Marker, MarkerKind};
use crate::stream::Parts;
use crate::{Config, Counters, Feeder, StreamSpec};

/// The sample 0.5 in both formats. The bytes of one are other values in the other.
const U8: (&str, &[u8]) = ("48000x1:u8", &[192]);
const S16: (&str, &[u8]) = ("48000x1:s16le", &[0, 64]);

fn spec(text: &str) -> StreamSpec {
    text.parse().unwrap()
}

/// Explores `model` with at most `preemptions` preemptions, and checks that there were at least `floor` executions.
/// `RT_CALLBACK_PREEMPTIONS` adds to the preemptions.
fn explore(preemptions: usize, floor: usize, model: impl Fn() + Send + Sync + 'static) {
    let more = std::env::var("RT_CALLBACK_PREEMPTIONS");
    let more = more.map_or(0, |words| words.parse().unwrap());
    let executions = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&executions);
    let model = Arc::new(model);
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions + more);
    builder.max_branches = 10_000;
    builder.check(move || {
        count.fetch_add(1, Relaxed);
        let model = Arc::clone(&model);
        spawn(move || model()).join().unwrap();
    });
    let executions = executions.load(Relaxed);
    let name = std::thread::current();
    std::println!(
        "{}: {executions} executions",
        name.name().unwrap_or_default()
    );
    weakened::record();
    assert!(executions >= floor, "only {executions} executions");
}

/// Spawns a thread of loom, with a stack (in words) that is large enough to make a plan.
fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> thread::JoinHandle<T> {
    let builder = thread::Builder::new().stack_size(1 << 15);
    builder.spawn(work).unwrap()
}

/// What the halves of a stream share, without the halves.
fn shared() -> Arc<Shared> {
    let source = spec(S16.0);
    Arc::new(Shared::new(&Config::new(source, source)))
}

/// The feeder's ends of the queues, for feeders that break the rules.
struct Ends {
    ends: feeder::Ends,
    parts: Parts,
    config: Config,
}

/// The renderer's side, and the samples that it has pulled.
struct Ear {
    intake: Intake,
    heard: Vec<f32>,
}

fn ends(source: &str) -> (Ends, Ear) {
    let mut config = Config::new(spec(source), spec("48000x1:f32le"));
    config.queue_frames = 8;
    config.marker_capacity = 2;
    config.event_capacity = 8;
    let parts = Parts::new(&config).unwrap();
    let again = Parts::new(&config).unwrap();
    let (ends, queues) = crate::stream::ends(&config).unwrap();
    let reporter = Reporter::new(queue::items(8).0, 48_000);
    let intake = Intake::new(
        queues,
        Arc::clone(&parts.shared),
        again.plan,
        reporter,
        &config,
    );
    let ends = Ends {
        ends,
        parts,
        config,
    };
    let heard = Vec::new();
    (ends, Ear { intake, heard })
}

impl Ends {
    fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.parts.shared)
    }

    fn feeder(self) -> Feeder {
        let Parts { shared, recipe, .. } = self.parts;
        Feeder::new(self.ends, shared, recipe, &self.config)
    }
}

impl Ear {
    /// Pulls up to four frames, and returns their samples. Passes a boundary before them, as a block does.
    fn pull(&mut self) -> &[f32] {
        let from = self.heard.len();
        let mut block = [9.0; 4];
        for _ in 0..8 {
            match self.intake.pull(&mut block, from as u64) {
                Pulled::Frames(0) => {
                    self.intake.take_ended();
                    self.intake.take_falls();
                }
                Pulled::Frames(frames) => {
                    self.heard.extend_from_slice(&block[..frames]);
                    break;
                }
                _ => break,
            }
        }
        &self.heard[from..]
    }

    /// Pulls all that is left, once everything has been pushed.
    fn pull_all(&mut self) {
        while !self.pull().is_empty() {}
    }

    fn count(&self) -> Counters {
        let mut counters = Counters::default();
        self.intake.count(&mut counters);
        counters
    }
}

fn check_cut(pulled: &[f32]) {
    assert_ne!(pulled, [0.5, -0.5], "a cut that was not seen");
}

/// No byte is ever decoded under another format than its own.
#[test]
fn loom_formats_change_at_their_frame() {
    explore(4, 2_000, || {
        let (ends, mut ear) = ends(U8.0);
        let mut feeder = ends.feeder();
        let feeding = spawn(move || {
            assert_eq!(feeder.push_bytes(U8.1), Ok(1));
            feeder.set_source(spec(S16.0)).unwrap();
            assert_eq!(feeder.push_bytes(S16.1), Ok(2));
        });
        ear.pull();
        ear.pull();
        feeding.join().unwrap();
        ear.pull_all();
        assert_eq!(ear.heard, [0.5; 2]);
    });
}

/// An end is passed at its frame: the frames behind it belong to the next sound.
#[test]
fn loom_an_end_lies_before_what_is_pushed_behind_it() {
    explore(4, 1_000, || {
        let (ends, mut ear) = ends(U8.0);
        let mut feeder = ends.feeder();
        let feeding = spawn(move || {
            feeder.push_bytes(&[192]).unwrap();
            feeder.end_utterance().unwrap();
            feeder.push_bytes(&[64]).unwrap();
            feeder
        });
        check_cut(ear.pull());
        check_cut(ear.pull());
        let _feeder = feeding.join().unwrap();
        ear.pull_all();
        assert_eq!(ear.heard, [0.5, -0.5]);
    });
}

#[test]
#[should_panic(expected = "a cut that was not seen")]
fn loom_a_marker_behind_its_bytes_is_caught() {
    explore(3, 1, || {
        let (mut ends, mut ear) = ends(U8.0);
        let feeding = spawn(move || {
            ends.ends.queue.push_bytes(&[192]);
            // The wrong order: the bytes, then the marker.
            ends.ends.queue.push_bytes(&[64]);
            let kind = MarkerKind::End(crate::plan::marker::End { is_cut: false });
            ends.ends
                .markers
                .push(Marker { at_frame: 1, kind })
                .unwrap();
            ends
        });
        check_cut(ear.pull());
        check_cut(ear.pull());
        let _ends = feeding.join().unwrap();
    });
}

#[test]
#[should_panic(expected = "assertion `left == right` failed")]
fn loom_a_change_of_source_at_the_wrong_frame_is_caught() {
    explore(3, 1, || {
        let (mut ends, mut ear) = ends(U8.0);
        let feeding = spawn(move || {
            ends.ends.queue.push_bytes(U8.1);
            let (next, ring) = ends.ends.queue.prepare(&spec(S16.0)).unwrap();
            let other = Parts::new(&Config::new(spec(S16.0), spec("48000x1:f32le")));
            let change = Change {
                plan: other.unwrap().plan,
                ring,
                before_ns: 0,
                others: None,
            };
            let kind = MarkerKind::Source(Box::new(change));
            // One frame too early: the rest of the old ring is lost.
            ends.ends
                .markers
                .push(Marker { at_frame: 0, kind })
                .unwrap();
            ends.ends.queue.change(next);
            ends.ends.queue.push_bytes(S16.1);
            ends
        });
        ear.pull();
        ear.pull();
        let _ends = feeding.join().unwrap();
        ear.pull_all();
        assert_eq!(ear.heard, [0.5; 2]);
    });
}

/// The frames that are queued when the feeder is dropped are heard to the last.
#[test]
fn loom_a_stream_that_is_closed_is_complete() {
    explore(3, 300, || {
        let (ends, mut ear) = ends(U8.0);
        let mut feeder = ends.feeder();
        let feeding = spawn(move || {
            feeder.push_bytes(&[192]).unwrap();
            feeder.push_bytes(&[192]).unwrap();
        });
        let mut pulls = 0;
        loop {
            let closed = ear.intake.is_closed();
            ear.pull();
            pulls += 1;
            if closed && ear.intake.is_exhausted() {
                break;
            }
            if pulls > 3 {
                feeding.join().unwrap();
                ear.pull_all();
                break;
            }
            thread::yield_now();
        }
        assert_eq!(ear.heard, [0.5; 2]);
    });
}

#[test]
fn loom_a_snapshot_is_of_one_write() {
    explore(3, 10_000, || {
        let lock = Arc::new(SeqLock::<2>::default());
        let writing = Arc::clone(&lock);
        let writing = spawn(move || {
            writing.write(&[1, 1]);
            writing.write_at(0, &[2, 2]);
        });
        let [first, second] = [lock.read(), lock.read()];
        assert_eq!(first[0], first[1], "a mixture");
        assert_eq!(second[0], second[1], "a mixture");
        assert!(first[0] <= second[0]);
        writing.join().unwrap();
        assert_eq!(lock.read(), [2, 2]);
    });
}

#[test]
#[should_panic(expected = "a mixture")]
fn loom_a_write_without_its_fence_is_caught() {
    explore(3, 1, || {
        let lock = Arc::new(SeqLock::<2>::default());
        let writing = Arc::clone(&lock);
        let writing = spawn(move || {
            writing.sequence.store(1, Ordering::Relaxed);
            for word in &writing.words {
                word.store(1, Ordering::Relaxed);
            }
            writing.sequence.store(2, Ordering::Release);
        });
        let words = lock.read();
        assert_eq!(words[0], words[1], "a mixture");
        writing.join().unwrap();
    });
}
