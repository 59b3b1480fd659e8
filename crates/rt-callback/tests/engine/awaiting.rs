//! The async calls: any executor, no `Monitor` needed, and the audio thread wakes nobody.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use crate::common::{config, samples};
use pollster::block_on;
use rt_callback::{
    Abandoned, CaptureConfig, Config, Drained, EventKind, FeedError, Feeder, Renderer, capture,
    stream,
};

/// Remembers which threads woke it.
#[derive(Debug, Default)]
struct Woken(Mutex<Vec<ThreadId>>);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.lock().unwrap().push(thread::current().id());
    }
}

impl Woken {
    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    fn wait(&self, count: usize) {
        let begin = Instant::now();
        while self.count() < count {
            assert!(begin.elapsed() < Duration::from_secs(20), "nobody wakes");
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Returns once the ticker has looked at everything that is waited for now, `rounds` times at least: it comes to all that
/// waits before it comes again to what it woke, so whoever is woken `rounds + 1` times has seen so many whole rounds.
fn let_the_ticker_look(rounds: usize) {
    let (mut feeder, _, mut renderer, _monitor) = stream(&copying(1)).unwrap();
    let woken: Arc<Woken> = Arc::default();
    let waker = Waker::from(Arc::clone(&woken));
    let mut waiting = Box::pin(async move {
        loop {
            feeder.push_async(&[1_i16]).await.unwrap();
        }
    });
    for round in 0..=rounds {
        let mut cx = Context::from_waker(&waker);
        assert!(waiting.as_mut().poll(&mut cx).is_pending());
        assert_eq!(woken.count(), round, "woken, and nothing was rendered");
        renderer.render(&mut [0_i16; 1]);
        woken.wait(round + 1);
    }
}

fn poll_once<F: Future>(future: F, woken: &Arc<Woken>) -> Poll<F::Output> {
    let waker = Waker::from(Arc::clone(woken));
    pin!(future).poll(&mut Context::from_waker(&waker))
}

fn copying(queue_frames: usize) -> Config {
    let mut config = config("48000x1:s16le", "48000x1:s16le");
    config.queue_frames = queue_frames;
    config.ramp_frames = 0;
    config
}

/// What is heard of `frames` frames, none of which is 0, in blocks of 37.
fn hear(renderer: &mut Renderer, frames: usize) -> Vec<i16> {
    let mut heard = Vec::new();
    let begin = Instant::now();
    while heard.len() < frames {
        assert!(begin.elapsed() < Duration::from_secs(20), "{}", heard.len());
        let mut block = [0_i16; 37];
        renderer.render(&mut block);
        heard.extend(block.iter().filter(|sample| **sample != 0));
        thread::yield_now();
    }
    heard
}

/// [`hear`]s, and then renders on until somebody says that it is enough.
fn hear_on(renderer: &mut Renderer, frames: usize, is_enough: &AtomicBool) -> Vec<i16> {
    let heard = hear(renderer, frames);
    while !is_enough.load(Ordering::Relaxed) {
        renderer.render(&mut [0_i16; 37]);
        thread::yield_now();
    }
    heard
}

fn numbered(count: usize) -> Vec<i16> {
    (0..count).map(|i| (i % 30_000) as i16 + 1).collect()
}

#[test]
fn everything_arrives_in_order_through_a_small_queue_without_a_monitor() {
    let (mut feeder, _, mut renderer, monitor) = stream(&copying(100)).unwrap();
    drop(monitor);
    let data = numbered(5_000);
    let expected = data.clone();
    let is_drained = Arc::new(AtomicBool::new(false));
    let is_enough = Arc::clone(&is_drained);
    let rendering = thread::spawn(move || hear_on(&mut renderer, 5_000, &is_enough));
    let pushed = block_on(async {
        let mut taken = feeder.push_async(&data[..2_345]).await?;
        // Bytes are cut in the middle of a sample.
        let bytes: Vec<_> = data[2_345..].iter().flat_map(|s| s.to_ne_bytes()).collect();
        for part in bytes.chunks(333) {
            assert_eq!(feeder.push_bytes_async(part).await, Ok(part.len()));
        }
        taken += bytes.len() / 2;
        assert_eq!(feeder.drain_async().await, Ok(Drained::Heard));
        is_drained.store(true, Ordering::Relaxed);
        Ok::<_, FeedError>(taken)
    });
    assert_eq!(pushed, Ok(5_000));
    assert_eq!(rendering.join().unwrap(), expected);
}

#[test]
fn a_wait_takes_no_more_than_the_queue_holds_and_a_dropped_one_tells_what_it_took() {
    let (mut feeder, _, mut renderer, _monitor) = stream(&copying(100)).unwrap();
    let woken = Arc::default();
    let data = numbered(250);
    assert!(poll_once(feeder.push_async(&data), &woken).is_pending());
    assert_eq!(feeder.pushed_frames(), 100);
    assert!(poll_once(feeder.push_async(&data[100..]), &woken).is_pending());
    assert_eq!(feeder.pushed_frames(), 100, "there was no room");
    let mut heard = hear(&mut renderer, 37);
    let rest: Vec<_> = data[100..].iter().flat_map(|s| s.to_ne_bytes()).collect();
    assert!(poll_once(feeder.push_bytes_async(&rest), &woken).is_pending());
    assert_eq!(feeder.pushed_frames(), 137);
    assert_eq!(feeder.partial_bytes(), 0);
    heard.extend(hear(&mut renderer, 100));
    let rest = &data[feeder.pushed_frames() as usize..];
    let rendering = thread::spawn(move || hear(&mut renderer, 113));
    assert_eq!(block_on(feeder.push_async(rest)), Ok(113));
    heard.extend(rendering.join().unwrap());
    assert_eq!(heard, data);
}

#[test]
fn room_takes_nothing_and_is_had_of_no_more_than_the_queue_can_hold() {
    let (mut feeder, _, mut renderer, _monitor) = stream(&copying(100)).unwrap();
    let woken = Arc::default();
    assert_eq!(block_on(feeder.room(1_000)), Ok(()));
    assert_eq!(feeder.push(&numbered(70)), Ok(70));
    assert_eq!(block_on(feeder.room(30)), Ok(()));
    assert!(poll_once(feeder.room(31), &woken).is_pending());
    assert_eq!(feeder.pushed_frames(), 70);
    renderer.render(&mut [0_i16; 1]);
    assert_eq!(block_on(feeder.room(31)), Ok(()));
    drop(renderer);
    assert_eq!(
        block_on(feeder.room(31)),
        Ok(()),
        "there is room all the same"
    );
    assert_eq!(block_on(feeder.room(32)), Err(Abandoned));
}

#[test]
fn a_wrong_sample_type_is_an_error_as_ever() {
    let (mut feeder, ..) = stream(&copying(100)).unwrap();
    assert!(matches!(
        block_on(feeder.push_async(&[0.5_f32])),
        Err(FeedError::Format { .. })
    ));
    assert_eq!(block_on(feeder.push_async::<i16>(&[])), Ok(0));
}

/// Nothing is rendered, so nobody is woken but by a `poll`, however often the ticker looks; then a block is, and the
/// thread that renders it wakes nobody.
#[test]
fn a_task_is_woken_by_a_poll_and_after_a_block_but_never_by_the_audio_thread() {
    let (mut feeder, _, mut renderer, mut monitor) = stream(&copying(100)).unwrap();
    let woken: Arc<Woken> = Arc::default();
    let waker = Waker::from(Arc::clone(&woken));
    let mut cx = Context::from_waker(&waker);
    let data = numbered(150);
    let mut pushing = Box::pin(feeder.push_async(&data));
    assert!(pushing.as_mut().poll(&mut cx).is_pending());
    let_the_ticker_look(12);
    assert_eq!(woken.count(), 0);
    monitor.poll(|_| ());
    assert_eq!(woken.count(), 1);
    assert!(pushing.as_mut().poll(&mut cx).is_pending());
    let audio = thread::spawn(move || {
        hear(&mut renderer, 60);
        (renderer, thread::current().id())
    });
    let (_renderer, audio) = audio.join().unwrap();
    woken.wait(2);
    assert_eq!(pushing.as_mut().poll(&mut cx), Poll::Ready(Ok(150)));
    let woken = woken.0.lock().unwrap();
    assert_eq!(woken[0], thread::current().id());
    assert!(woken.iter().all(|thread| *thread != audio));
}

#[test]
fn whoever_waits_is_told_when_the_renderer_is_dropped() {
    let (mut feeder, _, renderer, _monitor) = stream(&copying(100)).unwrap();
    let woken: Arc<Woken> = Arc::default();
    let waker = Waker::from(Arc::clone(&woken));
    let mut cx = Context::from_waker(&waker);
    let data = numbered(150);
    let mut pushing = Box::pin(feeder.push_async(&data));
    assert!(pushing.as_mut().poll(&mut cx).is_pending());
    let_the_ticker_look(4);
    assert_eq!(woken.count(), 0);
    drop(renderer);
    woken.wait(1);
    assert_eq!(pushing.as_mut().poll(&mut cx), Poll::Ready(Ok(100)));
    drop(pushing);
    assert_eq!(block_on(feeder.push_bytes_async(&[1, 2, 3])), Ok(0));
    assert_eq!(block_on(feeder.drain_async()), Err(Abandoned));
}

#[test]
fn a_drain_counts_the_device_and_may_be_dropped() {
    let (mut feeder, _, mut renderer, monitor) = stream(&copying(1_000)).unwrap();
    renderer.set_device_latency(700);
    let woken = Arc::default();
    feeder.push(&samples(240)).unwrap();
    assert!(poll_once(feeder.drain_async(), &woken).is_pending());
    renderer.render(&mut [0_i16; 240]);
    assert!(monitor.snapshot().is_played_out());
    let woken: Arc<Woken> = Arc::default();
    let waker = Waker::from(Arc::clone(&woken));
    let mut cx = Context::from_waker(&waker);
    let mut draining = Box::pin(feeder.drain_async());
    // A poll looks, whoever has asked for it: what it does not see has not been.
    assert!(draining.as_mut().poll(&mut cx).is_pending());
    renderer.render(&mut [0_i16; 699]);
    assert!(draining.as_mut().poll(&mut cx).is_pending());
    renderer.render(&mut [0_i16; 1]);
    assert!(
        draining.as_mut().poll(&mut cx).is_pending(),
        "heard as the next block is asked for"
    );
    let before = woken.count();
    renderer.render(&mut [0_i16; 1]);
    woken.wait(before + 1);
    assert_eq!(
        draining.as_mut().poll(&mut cx),
        Poll::Ready(Ok(Drained::Heard))
    );
}

/// One ticker serves them all.
#[test]
fn many_streams_wait_at_once() {
    let heard = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..16 {
            let (mut feeder, _, mut renderer, _) = stream(&copying(64)).unwrap();
            let is_drained = Arc::new(AtomicBool::new(false));
            let is_enough = Arc::clone(&is_drained);
            scope.spawn(move || {
                assert_eq!(block_on(feeder.push_async(&numbered(500))), Ok(500));
                assert_eq!(block_on(feeder.drain_async()), Ok(Drained::Heard));
                is_drained.store(true, Ordering::Relaxed);
            });
            let heard = &heard;
            scope.spawn(move || {
                assert_eq!(hear_on(&mut renderer, 500, &is_enough), numbered(500));
                heard.fetch_add(500, Ordering::Relaxed);
            });
        }
    });
    assert_eq!(heard.into_inner(), 16 * 500);
}

/// The ticker ends when nobody has waited for a second, and another one comes with whoever waits next. (As long as other
/// tests wait it stays: then the silence has to be tried again.)
#[test]
fn a_ticker_that_has_ended_is_followed_by_another() {
    let (mut feeder, _, mut renderer, _monitor) = stream(&copying(1)).unwrap();
    let woken: Arc<Woken> = Arc::default();
    let waker = Waker::from(Arc::clone(&woken));
    let mut cx = Context::from_waker(&waker);
    feeder.push(&[1_i16]).unwrap();
    let begin = Instant::now();
    loop {
        let mut waiting = Box::pin(feeder.room(1));
        assert!(waiting.as_mut().poll(&mut cx).is_pending());
        let before = woken.count();
        renderer.render(&mut [0_i16; 1]);
        woken.wait(before + 1);
        assert_eq!(waiting.as_mut().poll(&mut cx), Poll::Ready(Ok(())));
        drop(waiting);
        feeder.push(&[1_i16]).unwrap();
        let by = woken.0.lock().unwrap().clone();
        if by.first() != by.last() {
            return;
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "it never ends");
        thread::sleep(Duration::from_millis(1_100));
    }
}

#[test]
fn the_futures_can_be_sent_to_any_thread() {
    fn sent(_: impl Future + Send) {}
    fn all(feeder: &mut Feeder) {
        sent(feeder.room(1));
        sent(feeder.push_async(&[0_i16]));
        sent(feeder.push_bytes_async(&[0]));
        sent(feeder.drain_async());
    }
    all(&mut stream(&copying(1)).unwrap().0);
}

/// Stereo: what is taken is counted in frames, and the rest begins behind them.
#[test]
fn a_push_goes_on_behind_the_frames_that_were_taken() {
    let mut config = config("48000x2:s16le", "48000x2:s16le");
    config.queue_frames = 10;
    config.ramp_frames = 0;
    let (mut feeder, _, mut renderer, _monitor) = stream(&config).unwrap();
    let data: Vec<i16> = (1..=60).collect();
    let woken: Arc<Woken> = Arc::default();
    let taken = poll_once(feeder.push_async(&data[..20]), &woken);
    assert_eq!(taken, Poll::Ready(Ok(10)));
    let mut heard = Vec::new();
    let mut hear_ten = || {
        let mut block = [0_i16; 20];
        renderer.render(&mut block);
        heard.extend(block);
    };
    hear_ten();
    let waker = Waker::from(woken);
    let mut cx = Context::from_waker(&waker);
    let mut rest = pin!(feeder.push_async(&data[20..]));
    assert!(rest.as_mut().poll(&mut cx).is_pending());
    hear_ten();
    assert_eq!(rest.as_mut().poll(&mut cx), Poll::Ready(Ok(20)));
    hear_ten();
    assert_eq!(heard, data);
}

#[test]
fn what_is_declared_by_a_call_that_waits_is_declared() {
    let mut config = config("48000x1:s16le", "48000x1:s16le");
    config.ramp_frames = 0;
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    let utterance = block_on(feeder.begin_utterance_async()).unwrap();
    feeder.push(&samples(10)).unwrap();
    block_on(feeder.set_source_async(crate::common::spec("24000x1:s16le"))).unwrap();
    assert_eq!(feeder.source().rate_hz, 24_000);
    feeder.push(&samples(10)).unwrap();
    let mark = block_on(feeder.mark_async()).unwrap();
    block_on(feeder.end_utterance_async()).unwrap();
    renderer.render(&mut [0_i16; 60]);
    let kinds: Vec<_> = crate::common::told(&mut monitor)
        .into_iter()
        .map(|(_, kind)| kind)
        .collect();
    let finished = EventKind::Finished {
        utterance,
        heard_frames: 20,
    };
    let started = EventKind::Started { utterance };
    let mark = EventKind::Mark { mark };
    assert_eq!(kinds, [started, EventKind::SourceChanged, mark, finished]);
}

#[test]
fn whoever_has_left_is_not_woken() {
    let (mut feeder, _, _renderer, mut monitor) = stream(&copying(10)).unwrap();
    feeder.push(&samples(10)).unwrap();
    let (stays, left): (Arc<Woken>, Arc<Woken>) = Default::default();
    assert!(poll_once(feeder.room(1), &left).is_pending());
    monitor.poll(|_| ());
    assert_eq!(left.count(), 0, "the future has been dropped");
    let waker = Waker::from(Arc::clone(&stays));
    let mut waits = pin!(feeder.room(1));
    let mut cx = Context::from_waker(&waker);
    assert!(waits.as_mut().poll(&mut cx).is_pending());
    monitor.poll(|_| ());
    assert_eq!(stays.count(), 1);
    assert!(Abandoned.to_string().contains("dropped"));
}

#[test]
fn a_poll_of_its_monitor_wakes_who_waits_for_a_capture() {
    let spec = crate::common::spec("48000x1:s16le");
    let (_recorder, mut reader) = capture(&CaptureConfig::new(spec, spec)).unwrap();
    let monitor = reader.monitor();
    let woken: Arc<Woken> = Arc::default();
    let waker = Waker::from(Arc::clone(&woken));
    let mut block = [0_i16; 10];
    let mut reads = pin!(reader.read_async(&mut block));
    assert!(
        reads
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    assert_eq!(woken.count(), 0);
    monitor.poll();
    assert_eq!(woken.count(), 1);
}

#[test]
fn a_task_that_waits_for_a_capture_is_woken_by_its_end_and_by_nothing_else() {
    let spec = crate::common::spec("48000x1:s16le");
    let (recorder, mut reader) = capture(&CaptureConfig::new(spec, spec)).unwrap();
    let monitor = reader.monitor();
    let (woken, left): (Arc<Woken>, Arc<Woken>) = Default::default();
    let mut block = [0_i16; 10];
    assert!(poll_once(reader.read_async(&mut block), &left).is_pending());
    monitor.poll();
    assert_eq!(left.count(), 0, "the future has been dropped");
    let waker = Waker::from(Arc::clone(&woken));
    let mut cx = Context::from_waker(&waker);
    let mut reads = pin!(reader.read_async(&mut block));
    assert!(reads.as_mut().poll(&mut cx).is_pending());
    let_the_ticker_look(2);
    assert_eq!(woken.count(), 0);
    drop(recorder);
    woken.wait(1);
    assert_eq!(reads.as_mut().poll(&mut cx), Poll::Ready(0));
}
