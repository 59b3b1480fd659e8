//! What loom explores: the engine's own feeder, controller, intake and sequence lock, over rings
//! and atomics of loom's. Every model has a broken twin that it is seen to catch, and says how many
//! executions it must have explored at least, since a model that explores one proves nothing.
//!
//! `cargo xtask test loom` runs it.

extern crate std;

pub(crate) mod ring;

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use loom::thread;

use crate::event::{Marker, MarkerKind};
use crate::intake::{Intake, Pulled, Queues, Reporter};
use crate::plan::Plan;
use crate::shared::{SeqLock, Shared};
use crate::sync::Ordering;
use crate::{Config, Controller, Counters, Feeder, Parts, Ramp, StreamSpec, queue};

/// One half in both formats. Bytes of one are other values in the other.
const U8: (&str, &[u8]) = ("48000x1:u8", &[192]);
const S16: (&str, &[u8]) = ("48000x1:s16le", &[0, 64]);

fn spec(text: &str) -> StreamSpec {
    text.parse().unwrap()
}

/// Explores `model` under at most so many preemptions (`None`: all), and at least `floor` executions.
fn explore(preemptions: Option<usize>, floor: usize, model: impl Fn() + Send + Sync + 'static) {
    let executions = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&executions);
    let model = Arc::new(model);
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = preemptions;
    builder.max_branches = 10_000;
    builder.check(move || {
        count.fetch_add(1, Relaxed);
        let model = Arc::clone(&model);
        spawn(move || model()).join().unwrap();
    });
    let executions = executions.load(Relaxed);
    std::println!("{executions} executions");
    assert!(executions >= floor, "only {executions} executions");
}

/// A thread of loom's, on a stack (counted in words) that has room for the making of a plan.
fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> thread::JoinHandle<T> {
    let builder = thread::Builder::new().stack_size(1 << 15);
    builder.spawn(work).unwrap()
}

/// The feeder's ends of the queues, for feeders that break the rules.
struct Ends {
    ring: queue::ByteSender,
    markers: queue::Sender<Marker>,
    retired: queue::Receiver<Box<Plan>>,
    parts: Parts,
}

/// The renderer's side: what it has heard, sample by sample.
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
    let (ring, byte_receiver) = queue::bytes(16);
    let (markers, marker_receiver) = queue::items(2);
    let (retired_sender, retired) = queue::items(3);
    let queues = Queues {
        ring: byte_receiver,
        markers: marker_receiver,
        retired: retired_sender,
    };
    let reporter = Reporter::new(queue::items(8).0);
    let intake = Intake::new(
        queues,
        Arc::clone(&parts.shared),
        again.plan,
        reporter,
        &config,
    );
    let ends = Ends {
        ring,
        markers,
        retired,
        parts,
    };
    let heard = Vec::new();
    (ends, Ear { intake, heard })
}

impl Ends {
    fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.parts.shared)
    }

    fn feeder(self) -> Feeder {
        let source = *self.parts.plan.source();
        let Parts { shared, recipe, .. } = self.parts;
        Feeder::new(
            self.ring,
            self.markers,
            self.retired,
            shared,
            recipe,
            source,
        )
    }
}

impl Ear {
    /// One pull of up to four frames; returns what it heard.
    fn pull(&mut self) -> &[f32] {
        let from = self.heard.len();
        let mut block = [9.0; 4];
        if let Pulled::Frames(frames) = self.intake.pull(&mut block, from as u64) {
            self.heard.extend_from_slice(&block[..frames]);
        }
        &self.heard[from..]
    }

    /// All that is left, once everything has been written.
    fn pull_all(&mut self) {
        while !self.pull().is_empty() {}
    }

    fn count(&self) -> Counters {
        let mut counters = Counters::default();
        self.intake.count(&mut counters);
        counters
    }
}

/// No byte is ever decoded under another format than its own.
#[test]
fn loom_formats_change_at_their_frame() {
    explore(Some(3), 2_000, || {
        let (ends, mut ear) = ends(U8.0);
        let mut feeder = ends.feeder();
        let feeding = spawn(move || {
            assert_eq!(feeder.push_bytes(U8.1), 1);
            feeder.set_source(spec(S16.0)).unwrap();
            assert_eq!(feeder.push_bytes(S16.1), 2);
        });
        ear.pull();
        ear.pull();
        feeding.join().unwrap();
        ear.pull_all();
        assert_eq!(ear.heard, [0.5; 2]);
    });
}

#[test]
#[should_panic(expected = "assertion `left == right` failed")]
fn loom_a_marker_behind_its_bytes_is_caught() {
    explore(Some(3), 1, || {
        let (mut ends, mut ear) = ends(U8.0);
        let feeding = spawn(move || {
            ends.ring.push_bytes(U8.1);
            // The wrong order: the bytes, then the marker.
            ends.ring.push_bytes(S16.1);
            let plan = Parts::new(&Config::new(spec(S16.0), spec("48000x1:f32le")));
            let kind = MarkerKind::Source(Box::new(plan.unwrap().plan));
            ends.markers.push(Marker { at_frame: 1, kind }).unwrap();
            ends
        });
        ear.pull();
        ear.pull();
        let _ends = feeding.join().unwrap();
        ear.pull_all();
        assert_eq!(ear.heard, [0.5; 2]);
    });
}

/// What was pushed before an interruption is never heard together with what is pushed after it, all
/// of which is heard.
#[test]
fn loom_an_interruption_separates_what_is_around_it() {
    explore(Some(3), 2_000, || {
        let (ends, mut ear) = ends(U8.0);
        let controller = Controller::new(ends.shared());
        let mut feeder = ends.feeder();
        let feeding = spawn(move || {
            feeder.push_bytes(&[192]);
            controller.interrupt(Ramp::None);
            feeder.push_bytes(&[64]);
            feeder
        });
        check_cut(ear.pull());
        check_cut(ear.pull());
        let _feeder = feeding.join().unwrap();
        ear.pull_all();
        assert!(
            ear.heard == [0.5, -0.5] || ear.heard == [-0.5],
            "{:?}",
            ear.heard
        );
        let counters = ear.count();
        assert_eq!(counters.heard_frames + counters.dropped_frames, 2);
    });
}

fn check_cut(pulled: &[f32]) {
    assert_ne!(pulled, [0.5, -0.5], "a cut that was not seen");
}

#[test]
#[should_panic(expected = "a cut that was not seen")]
fn loom_a_cut_behind_its_bytes_is_caught() {
    explore(Some(3), 1, || {
        let (ends, mut ear) = ends(U8.0);
        let shared = ends.shared();
        let mut feeder = ends.feeder();
        let feeding = spawn(move || {
            feeder.push_bytes(&[192]);
            feeder.push_bytes(&[64]);
            shared.controls.cut(1, 0);
            feeder
        });
        check_cut(ear.pull());
        check_cut(ear.pull());
        let _feeder = feeding.join().unwrap();
    });
}

/// From another thread, while the feeder goes on: nothing is lost that was pushed after the call.
#[test]
fn loom_an_interruption_from_anywhere_drops_a_stretch_and_no_more() {
    explore(Some(2), 3_000, || {
        let (ends, mut ear) = ends(U8.0);
        let controller = Controller::new(ends.shared());
        let mut feeder = ends.feeder();
        let feeding = spawn(move || {
            for value in [160, 192, 224] {
                feeder.push_bytes(&[value]);
            }
        });
        let steering = spawn(move || controller.interrupt(Ramp::None));
        ear.pull();
        feeding.join().unwrap();
        steering.join().unwrap();
        ear.pull_all();
        // A beginning and an end of what was pushed.
        let data = [0.25, 0.5, 0.75];
        let is_cut = (0..=3)
            .any(|from| (0..=from).any(|to| [&data[..to], &data[from..]].concat() == ear.heard));
        assert!(is_cut, "{:?}", ear.heard);
        let counters = ear.count();
        assert_eq!(counters.heard_frames + counters.dropped_frames, 3);
    });
}

/// What is queued when the feeder is dropped is heard to its end.
#[test]
fn loom_a_stream_that_is_closed_is_complete() {
    explore(Some(3), 300, || {
        let (ends, mut ear) = ends(U8.0);
        let mut feeder = ends.feeder();
        let feeding = spawn(move || {
            feeder.push_bytes(&[192]);
            feeder.push_bytes(&[192]);
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
    explore(Some(3), 10_000, || {
        let lock = Arc::new(SeqLock::<2>::default());
        let writing = Arc::clone(&lock);
        let writing = spawn(move || {
            writing.write(&[1, 1]);
            writing.write(&[2, 2]);
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
    explore(Some(3), 1, || {
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
