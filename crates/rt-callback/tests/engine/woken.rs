//! What wakes a task that waits, where no block comes.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use crate::common::config;
use rt_callback::{
    Config, Controller, DrainError, Drained, FeedError, Feeder, Ramp, UtteranceId, stream,
};

#[derive(Debug, Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Woken {
    fn poll<F: Future>(self: &Arc<Self>, future: Pin<&mut F>) -> Poll<F::Output> {
        let waker = Waker::from(Arc::clone(self));
        future.poll(&mut Context::from_waker(&waker))
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// Whether the task is woken within 20 s (`true`), or in four looks of the ticker (`false`).
    fn is_woken(&self, expected: bool) -> bool {
        let (before, begin) = (self.count(), Instant::now());
        let patience = Duration::from_millis(if expected { 20_000 } else { 20 });
        while self.count() == before && begin.elapsed() < patience {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.count() > before
    }
}

fn small() -> Config {
    let mut config = config("48000x1:s16le", "48000x1:s16le");
    config.queue_frames = 480;
    config
}

/// The last frame is heard by the clock, and the device asks for no further block.
#[test]
fn a_drain_is_woken_when_the_clock_says_that_it_was_heard() {
    static NOW_NS: AtomicU64 = AtomicU64::new(0);
    let mut config = small();
    config.clock = Some(|| NOW_NS.load(Ordering::Relaxed));
    let (mut feeder, _, mut renderer, _) = stream(&config).unwrap();
    renderer.set_device_latency(480);
    feeder.push(&[1_i16; 480]).unwrap();
    let woken: Arc<Woken> = Arc::default();
    let mut drain = Box::pin(feeder.drain_async());
    assert_eq!(woken.poll(drain.as_mut()), Poll::Pending);
    assert!(!woken.is_woken(false), "nothing has changed");
    renderer.render(&mut [0_i16; 480]);
    assert!(woken.is_woken(true));
    assert_eq!(woken.poll(drain.as_mut()), Poll::Pending);
    NOW_NS.store(19_000_000, Ordering::Relaxed);
    assert!(!woken.is_woken(false), "19 ms of 20");
    NOW_NS.store(20_100_000, Ordering::Relaxed);
    assert!(woken.is_woken(true), "nobody says that it was heard");
    assert_eq!(woken.poll(drain.as_mut()), Poll::Ready(Ok(Drained::Heard)));
    drop(drain);
    // What another wait was for wakes nobody.
    feeder.push(&[1_i16; 480]).unwrap();
    let mut push = Box::pin(feeder.push_async(&[1_i16; 480]));
    assert_eq!(woken.poll(push.as_mut()), Poll::Pending);
    assert!(!woken.is_woken(false), "the push waits for room");
    drop(push);
    // A drain that is given up, and goes on in another call.
    assert_eq!(feeder.drain(Duration::ZERO), Err(DrainError::TimedOut));
    renderer.render(&mut [0_i16; 480]);
    let mut drain = Box::pin(feeder.drain_async());
    assert_eq!(woken.poll(drain.as_mut()), Poll::Pending);
    NOW_NS.store(100_000_000, Ordering::Relaxed);
    assert!(woken.is_woken(true));
    assert_eq!(woken.poll(drain.as_mut()), Poll::Ready(Ok(Drained::Heard)));
}

/// Each way of ending what is being pushed, with the stream's device at rest.
#[test]
fn a_push_is_woken_by_an_interruption_although_no_block_comes() {
    type Steer = fn(&Controller, Option<UtteranceId>);
    let steers: [(Steer, bool); 3] = [
        (|controller, _| controller.interrupt(Ramp::None), false),
        (
            |controller, _| {
                controller.hold();
                controller.discard();
            },
            false,
        ),
        (
            |controller, id| assert!(controller.cancel(id.unwrap(), Ramp::None)),
            true,
        ),
    ];
    for (steer, needs_utterance) in steers {
        for has_utterance in [needs_utterance, true] {
            let (mut feeder, controller, renderer, _) = stream(&small()).unwrap();
            let id = has_utterance.then(|| feeder.begin_utterance().unwrap());
            let woken: Arc<Woken> = Arc::default();
            let mut push = Box::pin(feeder.push_async(&[1_i16; 4_800]));
            assert_eq!(woken.poll(push.as_mut()), Poll::Pending);
            assert!(!woken.is_woken(false), "nothing has changed");
            steer(&controller, id);
            assert!(woken.is_woken(true), "nobody says that it was interrupted");
            assert_eq!(
                woken.poll(push.as_mut()),
                Poll::Ready(Err(FeedError::Interrupted { queued: 480 }))
            );
            drop((push, renderer));
        }
    }
}

/// Bytes and marks wait in the same way.
#[test]
fn all_that_waits_is_woken_by_an_interruption() {
    fn waits<T: std::fmt::Debug>(
        prepare: impl Fn(&mut Feeder),
        call: impl AsyncFn(&mut Feeder) -> Result<T, FeedError>,
    ) {
        let mut config = small();
        config.marker_capacity = 1;
        let (mut feeder, controller, _renderer, _) = stream(&config).unwrap();
        prepare(&mut feeder);
        let woken: Arc<Woken> = Arc::default();
        let mut waiting = pin!(call(&mut feeder));
        assert!(woken.poll(waiting.as_mut()).is_pending());
        controller.interrupt(Ramp::None);
        assert!(woken.is_woken(true), "nobody says that it was interrupted");
        let ended = woken.poll(waiting.as_mut());
        assert!(
            matches!(ended, Poll::Ready(Err(FeedError::Interrupted { .. }))),
            "{ended:?}"
        );
    }
    waits(
        |_| {},
        async |feeder| feeder.push_bytes_async(&[1; 9_600]).await,
    );
    let begin = |feeder: &mut Feeder| {
        feeder.begin_utterance().unwrap();
    };
    waits(begin, async |feeder| feeder.mark_async().await);
}
