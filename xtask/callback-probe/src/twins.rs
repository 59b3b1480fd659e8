//! What a callback must not do, done in one, to see who notices.

use std::hint::black_box;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Twin {
    Allocation,
    LargeAllocation,
    Lock,
    ContendedLock,
    Wake,
    Sleep,
    SystemCall,
    Clock,
    Write,
    Panic,
}

impl Twin {
    pub(crate) const ALL: [(&str, Self); 10] = [
        ("allocation", Self::Allocation),
        ("large-allocation", Self::LargeAllocation),
        ("lock", Self::Lock),
        ("contended-lock", Self::ContendedLock),
        ("wake", Self::Wake),
        ("sleep", Self::Sleep),
        ("system-call", Self::SystemCall),
        ("clock", Self::Clock),
        ("write", Self::Write),
        ("panic", Self::Panic),
    ];
}

static LOCK: Mutex<u64> = Mutex::new(0);
static IS_HELD: AtomicBool = AtomicBool::new(false);
static WAITS: Mutex<Option<thread::Thread>> = Mutex::new(None);

/// What other threads do for it.
pub(crate) fn prepare(twin: Twin) {
    match twin {
        Twin::ContendedLock => {
            thread::spawn(|| {
                let _held = LOCK.lock();
                IS_HELD.store(true, Ordering::Release);
                thread::sleep(Duration::from_secs(2));
            });
            while !IS_HELD.load(Ordering::Acquire) {
                thread::yield_now();
            }
        }
        Twin::Wake => {
            let waiting = thread::spawn(thread::park);
            *WAITS.lock().unwrap_or_else(PoisonError::into_inner) = Some(waiting.thread().clone());
            thread::sleep(Duration::from_millis(50));
        }
        _ => {}
    }
}

pub(crate) fn act(twin: Twin) {
    match twin {
        Twin::Allocation => drop(black_box(Box::new(1_u8))),
        Twin::LargeAllocation => drop(black_box(vec![0_u8; 64 << 20])),
        Twin::Lock | Twin::ContendedLock => {
            *LOCK.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        }
        Twin::Wake => {
            if let Ok(Some(waiting)) = WAITS.try_lock().as_deref() {
                waiting.unpark();
            }
        }
        Twin::Sleep => thread::sleep(Duration::from_millis(1)),
        Twin::SystemCall => {
            // SAFETY: It takes nothing and changes nothing.
            black_box(unsafe { libc::syscall(libc::SYS_getpid) });
        }
        Twin::Clock => {
            black_box(std::time::Instant::now());
        }
        Twin::Write => {
            let _ = std::io::stderr().write_all(b"\n");
        }
        Twin::Panic => panic!("planted"),
    }
}
