//! Locks. No Python runs while one is held: it could collect garbage, and a finaliser may call anything, or let another
//! thread run that waits for the same lock with the interpreter held, for ever.
//!
//! What is done with a lock is therefore `Send`. Whatever leads to Python (`Python`, `Bound`, `PyRef`) is not, so the
//! compiler refuses it. Who holds a lock for longer than a moment, or waits for one that is held so, has let go of the
//! interpreter before.

use std::sync::{Mutex, PoisonError};

/// Does something with what is guarded, also after a panic: it is consistent between two calls.
pub(crate) fn with<T, R: Send>(mutex: &Mutex<T>, work: impl FnOnce(&mut T) -> R + Send) -> R {
    work(&mut mutex.lock().unwrap_or_else(PoisonError::into_inner))
}
