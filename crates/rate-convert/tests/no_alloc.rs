//! Nothing is allocated after construction: a counting allocator watches every call that an audio thread makes.
#![allow(clippy::unwrap_used, unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use rate_convert::{Linear, Quality, Sinc, SincTable};

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

fn count() {
    let _ = CALLS.try_with(|calls| calls.set(calls.get() + 1));
}

// SAFETY: every call is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        count();
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(ptr, layout) }
    }
    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's promise.
        unsafe { System.realloc(ptr, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn calls(work: impl FnOnce()) -> usize {
    let before = CALLS.with(Cell::get);
    work();
    CALLS.with(Cell::get) - before
}

#[test]
fn the_counter_counts() {
    assert_eq!(calls(|| drop(std::hint::black_box(vec![0_u8; 100]))), 2);
}

#[test]
fn a_stream_allocates_nothing() {
    let x = vec![0.25_f32; 9000];
    let mut y = vec![0.0_f32; 9000];
    for (from, to) in [
        (24_000, 48_000),
        (48_000, 24_000),
        (44_100, 48_000),
        (47_999, 48_000),
    ] {
        let mut linear = Linear::new(from, to, 3).unwrap();
        let mut owned = Sinc::with_table(
            Arc::new(SincTable::new(from, to, Quality::High).unwrap()),
            3,
        )
        .unwrap();
        let table = Arc::new(SincTable::adjustable(from, to, Quality::Balanced).unwrap());
        let mut adjustable = Sinc::with_table(table, 3).unwrap();
        let mut memory = vec![0.0; Sinc::storage_len(from, to, 3, Quality::High).unwrap()];
        let seen = calls(|| {
            let mut borrowed = Sinc::new(from, to, 3, Quality::High, &mut memory).unwrap();
            for _ in 0..3 {
                linear.process(&x, &mut y[..999]);
                linear.flush(&mut y[..10]);
                borrowed.process(&x, &mut y[..999]);
                borrowed.flush(&mut y);
                owned.process(&x, &mut y[..999]);
                owned.reset();
                adjustable.set_trim(0.01, 100).unwrap();
                adjustable.process(&x, &mut y);
                let _ = adjustable.input_frames_for(1000);
                let (a, b, c) = (&x[..50], &x[..60], &x[..70]);
                let (d, rest) = y.split_at_mut(100);
                let (e, f) = rest.split_at_mut(100);
                owned.process_planar(&[a, b, c], &mut [d, e, f]);
            }
        });
        assert_eq!(seen, 0, "{from} -> {to}");
    }
}
