//! The callback's seam allocates and frees nothing: not the lease, nor the counters, nor the pace.
#![allow(missing_docs, clippy::unwrap_used, unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use device_io::{
    BlockLength, Input, InputRequest, Null, Output, OutputRequest, Supervised, SupervisedInput,
    Supervision,
};
use rt_callback::{BlockSink, Config, Recorder, StreamSpec, stream_from};

thread_local! {
    static IS_AUDIO: Cell<bool> = const { Cell::new(false) };
}

static BY_AUDIO: AtomicU64 = AtomicU64::new(0);
/// Makes the source do once what it may not.
static SIN: AtomicBool = AtomicBool::new(false);

struct Counting;

fn count() {
    if IS_AUDIO.get() {
        BY_AUDIO.fetch_add(1, Ordering::Relaxed);
    }
}

// SAFETY: every call goes to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        // SAFETY: the caller keeps the contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn the_audio_thread_allocates_nothing() {
    an_output_allocates_nothing();
    an_input_allocates_nothing();
}

/// Marks the thread that it is called on, from the first block on.
struct Ears {
    blocks: Arc<AtomicU64>,
}

impl BlockSink for Ears {
    fn take(&mut self, block: &[u8]) {
        IS_AUDIO.set(true);
        if SIN.swap(false, Ordering::Relaxed) {
            drop(std::hint::black_box(Box::new(block.len())));
        }
        self.blocks.fetch_add(1, Ordering::Relaxed);
    }
}

fn an_input_allocates_nothing() {
    BY_AUDIO.store(0, Ordering::Relaxed);
    let device: StreamSpec = "48000x2:s16le".parse().unwrap();
    let mut request = InputRequest::new(device);
    request.block = BlockLength::Frames(96);
    let mut input = SupervisedInput::open(Null, request, Supervision::default()).unwrap();
    let blocks = Arc::new(AtomicU64::new(0));
    let ears = Ears {
        blocks: Arc::clone(&blocks),
    };
    input
        .start(Recorder::into_sink(device, Box::new(ears)).unwrap())
        .unwrap();
    let wait_for = |count: u64| {
        let begin = Instant::now();
        while blocks.load(Ordering::Relaxed) < count {
            assert!(begin.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(1));
        }
    };
    wait_for(100);
    assert_eq!(BY_AUDIO.load(Ordering::Relaxed), 0);
    SIN.store(true, Ordering::Relaxed);
    wait_for(blocks.load(Ordering::Relaxed) + 3);
    assert_eq!(
        BY_AUDIO.load(Ordering::Relaxed),
        2,
        "one box, made and dropped"
    );
    assert!(input.stop().unwrap().is_some());
}

fn an_output_allocates_nothing() {
    let device: StreamSpec = "48000x2:s16le".parse().unwrap();
    let source: StreamSpec = "24000x1:f32le".parse().unwrap();
    let tone = move |block: &mut [f32]| {
        // From the first block on.
        IS_AUDIO.set(true);
        if SIN.swap(false, Ordering::Relaxed) {
            drop(std::hint::black_box(Box::new(block.len())));
        }
        block.fill(0.25);
        block.len()
    };
    let (controller, renderer, monitor) =
        stream_from(&Config::new(source, device), Box::new(tone)).unwrap();
    let mut request = OutputRequest::new(device);
    request.block = BlockLength::Frames(96);
    let mut output = Supervised::open(Null, request, Supervision::default()).unwrap();
    output.start(renderer).unwrap();
    let wait_for = |blocks: u64| {
        let begin = Instant::now();
        while monitor.snapshot().blocks < blocks {
            assert!(begin.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(1));
        }
    };
    wait_for(50);
    controller.pause();
    wait_for(60);
    controller.resume();
    wait_for(100);
    assert_eq!(BY_AUDIO.load(Ordering::Relaxed), 0);
    // The check sees what it is there for.
    SIN.store(true, Ordering::Relaxed);
    wait_for(monitor.snapshot().blocks + 3);
    assert_eq!(
        BY_AUDIO.load(Ordering::Relaxed),
        2,
        "one box, made and dropped"
    );
    assert!(output.stop().unwrap().is_some());
}
