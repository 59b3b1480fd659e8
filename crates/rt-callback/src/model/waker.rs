//! The functions of `atomic-waker` that the engine uses, over a lock of loom. That a waker is not lost when it is
//! registered while another thread wakes is that crate's own guarantee.

use core::task::Waker;

use loom::sync::Mutex;

#[derive(Debug)]
pub(crate) struct AtomicWaker(Mutex<Option<Waker>>);

impl Default for AtomicWaker {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl AtomicWaker {
    pub(crate) fn register(&self, waker: &Waker) {
        *self.0.lock().unwrap() = Some(waker.clone());
    }

    pub(crate) fn take(&self) -> Option<Waker> {
        self.0.lock().unwrap().take()
    }

    pub(crate) fn wake(&self) {
        if let Some(waker) = self.take() {
            waker.wake();
        }
    }
}
