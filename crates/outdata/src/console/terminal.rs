//! Keys from a terminal, which is left as it was found.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode, is_raw_mode_enabled, size};

/// What a key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Pause,
    Interrupt,
    Louder,
    Softer,
    Quit,
}

/// The terminal that keys come from, if any does. Dropping it gives the terminal back.
pub(crate) struct Terminal {
    is_open: bool,
}

impl Terminal {
    /// Keys are read where standard input is a terminal and `input`, as the command line has it, is something else.
    pub(crate) fn open(input: &Path) -> Self {
        let wanted = input.as_os_str() != "-" && io::stdin().is_terminal() && is_in_foreground();
        Self {
            is_open: wanted && enable_raw_mode().is_ok(),
        }
    }

    pub(crate) fn has_keys(&self) -> bool {
        self.is_open
    }

    /// Waits this long, or until a key is pressed.
    pub(crate) fn wait(&self, time: Duration) -> Option<Key> {
        let until = Instant::now() + time;
        if self.is_open {
            while let Ok(true) = event::poll(until.saturating_duration_since(Instant::now())) {
                let Ok(event) = event::read() else { break };
                if let Some(key) = meaning(&event) {
                    return Some(key);
                }
            }
        }
        thread::sleep(until.saturating_duration_since(Instant::now()));
        None
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if self.is_open {
            let _ = disable_raw_mode();
        }
    }
}

fn meaning(event: &Event) -> Option<Key> {
    let key = event.as_key_event()?;
    if key.kind == KeyEventKind::Release {
        return None;
    }
    match key.code {
        // No signal comes of it while keys are read.
        KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => {
            Some(Key::Quit)
        }
        KeyCode::Char(' ') => Some(Key::Pause),
        KeyCode::Char('i') => Some(Key::Interrupt),
        KeyCode::Char('+' | '=') => Some(Key::Louder),
        KeyCode::Char('-' | '_') => Some(Key::Softer),
        KeyCode::Char('q') | KeyCode::Esc => Some(Key::Quit),
        _ => None,
    }
}

/// A background job that touched the terminal would be stopped.
#[cfg(unix)]
fn is_in_foreground() -> bool {
    rustix::termios::tcgetpgrp(io::stdin())
        .is_ok_and(|foreground| foreground == rustix::process::getpgrp())
}

#[cfg(not(unix))]
fn is_in_foreground() -> bool {
    true
}

/// How wide the terminal is that standard output goes to, where it goes to one.
pub(crate) fn columns() -> Option<usize> {
    let size = io::stdout().is_terminal().then(size);
    size.and_then(Result::ok)
        .map(|(columns, _)| usize::from(columns))
        .filter(|columns| *columns > 0)
}

/// Lines as the terminal needs them at the moment: while keys are read, a line feed does not return to the start of
/// the line.
pub(crate) fn lines(words: &str) -> String {
    match is_raw_mode_enabled() {
        Ok(true) => words.replace('\n', "\r\n") + "\r\n",
        _ => words.to_owned() + "\n",
    }
}
