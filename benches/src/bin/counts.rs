//! One call of each work between two marks, for `cargo xtask bench --check`, which runs it under valgrind and counts
//! what lies between.
// It talks to the program that runs it.
#![allow(clippy::print_stderr)]

use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering, compiler_fence};

use benches::clock::Call;
use benches::kernels::KERNELS;
use benches::paths::{FRAMES, PATHS, Record, Stream};
use rt_callback::Config;

/// A line of its own, so that a store of it is seen in a trace and touches nothing else.
#[repr(align(64))]
struct Mark(AtomicU64);

static MARK: Mark = Mark(AtomicU64::new(0));

/// Calls before the one that counts: the stream sounds by then, and the queue has been round.
const BEFORE: usize = 64;

fn mark(value: u64) {
    compiler_fence(Ordering::SeqCst);
    MARK.0.store(value, Ordering::Relaxed);
    compiler_fence(Ordering::SeqCst);
}

/// In one piece, or valgrind's lines come between.
fn say(line: &str) {
    eprint!("{line}");
}

fn count(name: &str, mut call: Call) {
    for _ in 0..BEFORE {
        call();
    }
    say(&format!("WORK {name}\n"));
    mark(1);
    call();
    mark(2);
}

fn main() -> Result<(), Box<dyn Error>> {
    say(&format!("MARK {:x}\n", &raw const MARK as usize));
    for path in PATHS {
        for resample in path.qualities {
            let mut stream = path.open(*resample)?;
            let name = format!("{} {}", path.work(), path.who(*resample));
            count(&name, Box::new(move || stream.push_and_render()));
        }
    }
    for is_paused in [false, true] {
        let config = Config::new("24000x1:s16le".parse()?, "48000x2:f32le".parse()?);
        let mut stream = Stream::empty(&config, FRAMES)?;
        if is_paused {
            stream.pause();
        }
        let name = if is_paused {
            "render/paused"
        } else {
            "render/idle"
        };
        count(name, Box::new(move || stream.render()));
    }
    let mut record = Record::open()?;
    for _ in 0..BEFORE {
        record.record();
        record.read();
    }
    count("record/48k stereo f32", Box::new(move || record.record()));
    for kernel in KERNELS {
        if kernel.qualities.is_empty() {
            let name = format!("{} {}", kernel.work, kernel.who(None));
            count(&name, kernel.ours(None)?);
        }
        for quality in kernel.qualities {
            let name = format!("{} {}", kernel.work, kernel.who(Some(*quality)));
            count(&name, kernel.ours(Some(*quality))?);
        }
    }
    Ok(())
}
