//! What the engine uses of `atomic-waker`, over a lock of loom's. That a waker which is registered while another
//! thread wakes is not lost is that crate's business.

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
