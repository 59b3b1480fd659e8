//! All halves of a stream and of a capture at once, each on its own thread and as fast as it goes, for ThreadSanitizer:
//! `cargo xtask prove races`. No test harness, whose own threads would be watched too.
// It talks to a terminal, and fails by panicking.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::panic)]

mod capture;
mod planted;
mod playback;
mod random;

use std::sync::atomic::{AtomicU64, Ordering};

/// Nanoseconds that pass with every look: the system's clock would order the threads by itself no less, and cost more.
fn clock() -> u64 {
    static TIME: AtomicU64 = AtomicU64::new(0);
    TIME.fetch_add(1_000, Ordering::Relaxed)
}

fn main() {
    let items = std::env::args().nth(1).and_then(|words| words.parse().ok());
    let items: u64 = items.unwrap_or(100_000);
    let capturing = std::thread::spawn(move || capture::run(items));
    let played = playback::run(items);
    let captured = capturing.join().unwrap();
    println!("{played}; {captured}");
}
