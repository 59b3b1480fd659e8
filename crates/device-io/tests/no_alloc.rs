//! The callback's seam allocates and frees nothing: not the lease, nor the counters, nor the pace.
#![allow(missing_docs, clippy::unwrap_used, unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use device_io::{BlockLength, Null, Output, OutputRequest, Supervised, Supervision};
use rt_callback::{Config, StreamSpec, stream_from};

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
