//! An allocator that watches, for the test binaries that install it.
#![allow(dead_code, unsafe_code, missing_docs, unreachable_pub)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Counts what is allocated and freed in a callback, and the bytes that are held.
pub struct Watched;

thread_local! {
    static FORBIDDEN: Cell<u64> = const { Cell::new(0) };
    static HELD: Cell<i64> = const { Cell::new(0) };
    static IN_CALLBACK: Cell<bool> = const { Cell::new(false) };
}

fn note(bytes: i64) {
    // A thread that ends frees what it can no longer count.
    let _ = HELD.try_with(|held| held.set(held.get() + bytes));
    if IN_CALLBACK.try_with(Cell::get).unwrap_or(false) {
        FORBIDDEN.set(FORBIDDEN.get() + 1);
    }
}

// SAFETY: Everything is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size() as i64);
        // SAFETY: The caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note(-(layout.size() as i64));
        // SAFETY: The caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size as i64 - layout.size() as i64);
        // SAFETY: The caller's promises are passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// Runs what the audio thread would run.
pub fn in_callback<T>(callback: impl FnOnce() -> T) -> T {
    IN_CALLBACK.set(true);
    let result = callback();
    IN_CALLBACK.set(false);
    result
}

/// Allocations and releases in this thread's callbacks since the last call.
pub fn forbidden() -> u64 {
    FORBIDDEN.take()
}

/// Bytes that this thread has allocated and not freed, whatever the harness does on others.
pub fn held() -> i64 {
    HELD.get()
}
