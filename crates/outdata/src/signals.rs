//! What the system signals: that it is to end, and that a file may grow no longer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::terminal::disable_raw_mode;

use crate::failure::Failure;

/// What being told to end a second time does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// Ends the process at once.
    Ends,
    /// Nothing: a file is being completed, which takes no long time. A terminal that is closed, a
    /// service that is stopped and a shell often signal twice.
    Waits,
}

/// A flag that Ctrl-C sets, or being told to terminate, or the terminal's end.
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

/// Calls `told` with the status that such a signal ends a process with, on a thread of its own.
#[cfg(unix)]
fn on_signals(mut told: impl FnMut(i32) + Send + 'static) -> Result<(), Failure> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    // Under nohup the terminal's end is no reason to end.
    let hangup = (!ignores(SIGHUP)).then_some(SIGHUP);
    let wanted = [SIGINT, SIGTERM].into_iter().chain(hangup);
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

/// Whether whoever started this process has it ignore the signal, where that can be found out.
#[cfg(unix)]
fn ignores(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut lines = status.lines();
    lines
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// A file that reaches the limit of a file's size (`ulimit -f`) becomes an error of the write, where
/// it would otherwise end the process without a word.
pub(crate) fn outlive_file_size_limit() {
    #[cfg(unix)]
    // Where the signal cannot be caught, all is as it would have been.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}
