//! Loom's atomics, with any single ordering weakened from outside. By this, `cargo xtask prove --broken loom` shows for
//! each ordering that a model fails without it.
//!
//! The explored code is not changed: a use is identified by its position in the source. If `RT_CALLBACK_ORDERINGS`
//! names a file, every model appends its uses to it. `RT_CALLBACK_WEAKENED` is the use of one of these lines, and what
//! it becomes.

extern crate std;

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use core::panic::Location;
use std::io::Write;
use std::sync::{Mutex, OnceLock};

use loom::sync::atomic::{self, Ordering};

use crate::link::sync::OwnWord;

/// A use of an ordering: file, line, column, which ordering of the call (the second is that of a failure), and its
/// name.
type Use = (&'static str, u32, u32, usize, &'static str);

static USED: Mutex<BTreeSet<(String, Use)>> = Mutex::new(BTreeSet::new());

/// The use that is weakened, as text, and what it becomes.
fn weakened() -> Option<&'static (String, String)> {
    static WEAKENED: OnceLock<Option<(String, String)>> = OnceLock::new();
    WEAKENED
        .get_or_init(|| {
            let words = std::env::var("RT_CALLBACK_WEAKENED").ok()?;
            let (at, to) = words.rsplit_once(' ').unwrap();
            Some((at.to_string(), to.to_string()))
        })
        .as_ref()
}

fn is_recording() -> bool {
    static RECORDING: OnceLock<bool> = OnceLock::new();
    *RECORDING.get_or_init(|| std::env::var_os("RT_CALLBACK_ORDERINGS").is_some())
}

fn written(&(file, line, column, which, ordering): &Use) -> String {
    format!("{file} {line} {column} {which} {ordering}")
}

fn name(ordering: Ordering) -> &'static str {
    match ordering {
        Ordering::Acquire => "Acquire",
        Ordering::Release => "Release",
        Ordering::AcqRel => "AcqRel",
        Ordering::SeqCst => "SeqCst",
        _ => "Relaxed",
    }
}

/// The `which`th ordering of the call at `caller`, weakened if it is the one.
fn ordering(ordering: Ordering, which: usize, caller: &'static Location<'static>) -> Ordering {
    let weakened = weakened();
    if ordering == Ordering::Relaxed || weakened.is_none() && !is_recording() {
        return ordering;
    }
    let (file, line, column) = (caller.file(), caller.line(), caller.column());
    let this = (file, line, column, which, name(ordering));
    if is_recording() {
        let model = std::thread::current()
            .name()
            .unwrap_or_default()
            .to_string();
        USED.lock().unwrap().insert((model, this));
    }
    match weakened {
        Some((at, to)) if *at == written(&this) => match to.as_str() {
            "Acquire" => Ordering::Acquire,
            "Release" => Ordering::Release,
            _ => Ordering::Relaxed,
        },
        _ => ordering,
    }
}

/// Appends the uses to the file of `RT_CALLBACK_ORDERINGS`.
pub(super) fn record() {
    let used = core::mem::take(&mut *USED.lock().unwrap());
    if let Some(path) = std::env::var_os("RT_CALLBACK_ORDERINGS") {
        let lines = used
            .iter()
            .map(|(model, used)| format!("{model} {}\n", written(used)));
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.append(true).create(true).open(path).unwrap();
        file.write_all(lines.collect::<String>().as_bytes())
            .unwrap();
    }
}

/// A fence, unless it is weakened to relaxed.
#[track_caller]
pub(crate) fn fence(order: Ordering) {
    let order = ordering(order, 0, Location::caller());
    if order != Ordering::Relaxed {
        atomic::fence(order);
    }
}

macro_rules! weakened {
    ($name:ident, $value:ty $(, $fetch:ident)*) => {
        #[derive(Debug, Default)]
        pub(crate) struct $name {
            explored: atomic::$name,
            /// The value that was stored last, for words that only one thread writes.
            latest: Mutex<$value>,
        }

        #[allow(dead_code)]
        impl $name {
            pub(crate) fn new(value: $value) -> Self {
                Self {
                    explored: atomic::$name::new(value),
                    latest: Mutex::new(value),
                }
            }

            $(#[track_caller]
            pub(crate) fn $fetch(&self, value: $value, order: Ordering) -> $value {
                let order = ordering(order, 0, Location::caller());
                self.explored.$fetch(value, order)
            })*

            #[track_caller]
            pub(crate) fn load(&self, order: Ordering) -> $value {
                self.explored.load(ordering(order, 0, Location::caller()))
            }

            #[track_caller]
            pub(crate) fn store(&self, value: $value, order: Ordering) {
                let order = ordering(order, 0, Location::caller());
                self.explored.store(value, order);
                *self.latest.lock().unwrap() = value;
            }

            #[track_caller]
            pub(crate) fn swap(&self, value: $value, order: Ordering) -> $value {
                let order = ordering(order, 0, Location::caller());
                self.explored.swap(value, order)
            }

            #[track_caller]
            pub(crate) fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                let caller = Location::caller();
                let (success, failure) = (ordering(success, 0, caller), ordering(failure, 1, caller));
                self.explored.compare_exchange(current, new, success, failure)
            }

            #[track_caller]
            pub(crate) fn fetch_update(
                &self,
                set: Ordering,
                fetch: Ordering,
                change: impl FnMut($value) -> Option<$value>,
            ) -> Result<$value, $value> {
                let caller = Location::caller();
                let (set, fetch) = (ordering(set, 0, caller), ordering(fetch, 1, caller));
                self.explored.fetch_update(set, fetch, change)
            }
        }
    };
}

weakened!(AtomicBool, bool);
weakened!(AtomicU32, u32, fetch_max);
weakened!(AtomicU64, u64, fetch_add, fetch_and, fetch_max, fetch_or);

impl OwnWord for AtomicU64 {
    fn own(&self) -> u64 {
        *self.latest.lock().unwrap()
    }
}
