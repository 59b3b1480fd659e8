//! An allocator that counts what is asked of it in a callback.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

struct Watched;

#[global_allocator]
static ALLOCATOR: Watched = Watched;

static FORBIDDEN: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static IN_CALLBACK: Cell<bool> = const { Cell::new(false) };
}

fn note() {
    if IN_CALLBACK.try_with(Cell::get).unwrap_or(false) {
        FORBIDDEN.fetch_add(1, Ordering::Relaxed);
    }
}

// SAFETY: Everything is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: The caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note();
        // SAFETY: The caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note();
        // SAFETY: The caller's promises are passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// Runs what the audio thread runs, and counts.
pub(crate) fn counted(callback: &mut dyn FnMut()) {
    IN_CALLBACK.set(true);
    callback();
    IN_CALLBACK.set(false);
}

/// Allocations and releases in callbacks so far.
pub(crate) fn forbidden() -> u64 {
    FORBIDDEN.load(Ordering::Relaxed)
}
