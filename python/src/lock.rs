//! Locks. Each is taken with the interpreter held, for a moment, by code that never waits; so none can be in a circle.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, also after a panic: what is guarded is consistent between two calls.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
