//! Signals from the system: that the process is to end, and that a file may grow no longer.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crossterm::terminal::disable_raw_mode;

use crate::console::Failure;

/// What a second signal to end does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// Ends the process at once.
    Ends,
    /// Nothing: a file is being completed, which takes no long time. A terminal that is closed, a
    /// service that is stopped and a shell often signal twice.
    Waits,
}

/// A flag that is set by Ctrl-C, by a signal to terminate, or by the end of the terminal.
pub(crate) fn watch(again: Again) -> Result<Arc<AtomicBool>, Failure> {
    let told = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&told);
    on_signals(move |status| {
        if flag.swap(true, Ordering::Relaxed) && again == Again::Ends {
            let _ = disable_raw_mode();
            std::process::exit(status);
        }
    })?;
    Ok(told)
}

/// What is being written, and not whole yet.
pub(crate) struct Unfinished {
    /// For people.
    pub(crate) name: String,
    /// The temporary file, where there is one.
    pub(crate) file: Option<PathBuf>,
}

static UNFINISHED: Mutex<Option<Unfinished>> = Mutex::new(None);

/// Runs what begins something unfinished, or finishes it. No signal ends the process meanwhile, so it should not take
/// long.
pub(crate) fn unfinished<T>(work: impl FnOnce(&mut Option<Unfinished>) -> T) -> T {
    work(&mut UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner))
}

/// From here on a signal to end ends the process at once, wherever it waits, and leaves no temporary file. It is said
/// what becomes of what was being written.
pub(crate) fn leave_nothing_unfinished() -> Result<(), Failure> {
    let mut is_again = false;
    on_signals(move |status| {
        unfinished(|unfinished| {
            if let Some(Unfinished { name, file }) = unfinished {
                let rest = match file.take().map(fs::remove_file) {
                    Some(Ok(())) => "nothing was written",
                    Some(Err(_)) | None => "what was written is not all",
                };
                let signal = signal_name(status);
                Failure::at(name, format!("ended by {signal}; {rest}")).say();
                std::process::exit(1);
            }
        });
        // All is written, and the rest takes no time.
        if std::mem::replace(&mut is_again, true) {
            std::process::exit(status);
        }
    })
}

fn signal_name(status: i32) -> String {
    match status - 128 {
        1 => "SIGHUP".to_owned(),
        2 => "SIGINT".to_owned(),
        3 => "SIGQUIT".to_owned(),
        15 => "SIGTERM".to_owned(),
        other => format!("signal {other}"),
    }
}

/// Calls `told` with the status that such a signal ends a process with, on a thread of its own.
#[cfg(unix)]
fn on_signals(mut told: impl FnMut(i32) + Send + 'static) -> Result<(), Failure> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

    // Under nohup the terminal's end is no reason to end.
    let hangup = (!ignores(SIGHUP)).then_some(SIGHUP);
    let wanted = [SIGINT, SIGQUIT, SIGTERM].into_iter().chain(hangup);
    let mut signals = signal_hook::iterator::Signals::new(wanted).map_err(Failure::failed)?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            told(128 + signal);
        }
    });
    Ok(())
}

#[cfg(not(unix))]
fn on_signals(mut told: impl FnMut(i32) + Send + 'static) -> Result<(), Failure> {
    ctrlc::set_handler(move || told(130)).map_err(Failure::failed)
}

/// Whether this process was started with the signal ignored, where that can be found out.
#[cfg(unix)]
fn ignores(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut lines = status.lines();
    lines
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Turns reaching the limit of a file's size (`ulimit -f`) into an error of the write. Otherwise it would end the
/// process without a word.
pub(crate) fn outlive_file_size_limit() {
    #[cfg(unix)]
    // Where the signal cannot be caught, it ends the process, as it does by default.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}
