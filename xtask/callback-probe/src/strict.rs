//! A thread that may read, write and end, and is killed at any other system call.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicPtr, Ordering};
use std::{ptr, thread};

type Callback<'a> = &'a mut (dyn FnMut() + Send);

/// What the thread is to run.
static WORK: AtomicPtr<Callback<'static>> = AtomicPtr::new(ptr::null_mut());
static THREAD: AtomicI64 = AtomicI64::new(0);

/// The way to it and back.
pub(crate) struct Strict {
    to: File,
    from: File,
}

impl Strict {
    pub(crate) fn start() -> std::io::Result<Self> {
        let (mut taken, to) = pipe()?;
        let (from, mut given) = pipe()?;
        thread::Builder::new().spawn(move || {
            // What a thread does in its first allocation it has done.
            drop(std::hint::black_box(vec![0_u8; 1_000]));
            // SAFETY: Neither call takes a pointer.
            let is_strict = unsafe {
                THREAD.store(libc::syscall(libc::SYS_gettid), Ordering::Release);
                libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_STRICT) == 0
            };
            let mut word = [u8::from(is_strict)];
            let _ = given.write_all(&word);
            while taken.read_exact(&mut word).is_ok() && word[0] == 1 {
                // SAFETY: Who stored it waits until it has been answered.
                if let Some(work) = unsafe { WORK.load(Ordering::Acquire).as_mut() } {
                    crate::watch::guarded(work);
                }
                if given.write_all(&word).is_err() {
                    break;
                }
            }
            // The end of a process is another call, and is not allowed.
            // SAFETY: Nothing of this thread is needed any more.
            unsafe { libc::syscall(libc::SYS_exit, 0) };
        })?;
        let mut strict = Self { to, from };
        strict.answer()?;
        Ok(strict)
    }

    /// Has it run by the thread; fails where that was killed.
    pub(crate) fn run(&mut self, callback: Callback<'_>) -> std::io::Result<()> {
        let mut callback = callback;
        WORK.store(ptr::from_mut(&mut callback).cast(), Ordering::Release);
        self.to.write_all(&[1])?;
        self.answer()
    }

    fn answer(&mut self) -> std::io::Result<()> {
        let mut poll = libc::pollfd {
            fd: self.from.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        loop {
            // SAFETY: There is one of them.
            if unsafe { libc::poll(&raw mut poll, 1, 200) } == 1 {
                let mut word = [0];
                self.from.read_exact(&mut word)?;
                let refused = || std::io::Error::other("seccomp is refused here");
                return if word[0] == 1 { Ok(()) } else { Err(refused()) };
            }
            let thread = THREAD.load(Ordering::Acquire);
            let task = PathBuf::from(format!("/proc/self/task/{thread}/stat"));
            // One that was killed is gone, or about to be.
            let stat = std::fs::read_to_string(task).unwrap_or_default();
            if thread != 0 && (stat.is_empty() || stat.contains(") Z") || stat.contains(") X")) {
                return Err(std::io::Error::other(
                    "a system call: the thread was killed",
                ));
            }
        }
    }
}

impl Drop for Strict {
    fn drop(&mut self) {
        let _ = self.to.write_all(&[0]);
    }
}

fn pipe() -> std::io::Result<(File, File)> {
    let mut ends = [0; 2];
    // SAFETY: There is room for both, and both are owned from here on.
    unsafe {
        if libc::pipe(ends.as_mut_ptr()) != 0 {
            return Err(std::io::Error::last_os_error());
        }
        Ok((File::from_raw_fd(ends[0]), File::from_raw_fd(ends[1])))
    }
}
