//! What the crates log goes to Python's `logging`. A record waits until a thread that holds the interpreter comes by: no
//! other thread ever asks for it.

use std::collections::VecDeque;
use std::sync::{Mutex, Once};

use log::{Level, LevelFilter, Log, Metadata, Record};
use pyo3::prelude::*;

use crate::lock;

/// More than a program that looks once in a while lets pile up.
const MOST_RECORDS: usize = 256;

static RECORDS: Mutex<VecDeque<(Level, String, String)>> = Mutex::new(VecDeque::new());

struct Bridge;

impl Log for Bridge {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= Level::Info
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            // Where in a crate something is logged may change.
            let krate = record.target().split("::").next().unwrap_or_default();
            let name = format!("outdata.{krate}");
            let kept = (record.level(), name, record.args().to_string());
            lock::with(&RECORDS, |records| {
                if records.len() == MOST_RECORDS {
                    records.pop_front();
                }
                records.push_back(kept);
            });
        }
    }

    fn flush(&self) {}
}

/// From here on records are kept for Python, unless the process has another logger (the tool's).
pub(crate) fn keep() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if log::set_logger(&Bridge).is_ok() {
            log::set_max_level(LevelFilter::Info);
        }
    });
}

/// Hands over what has been logged.
pub(crate) fn hand_over(py: Python<'_>) -> PyResult<()> {
    loop {
        let Some((level, name, words)) = lock::with(&RECORDS, VecDeque::pop_front) else {
            return Ok(());
        };
        let number = match level {
            Level::Error => 40,
            Level::Warn => 30,
            Level::Info => 20,
            Level::Debug | Level::Trace => 10,
        };
        let logger = py.import("logging")?.call_method1("getLogger", (name,))?;
        logger.call_method1("log", (number, "%s", words))?;
    }
}
