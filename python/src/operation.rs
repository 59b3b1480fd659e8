//! What may have to wait: a future of the engine, which Python looks at until it is done.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use pyo3::prelude::*;

use crate::errors::DeviceError;
use crate::lock;

/// Where a stream plays.
pub(crate) trait Place: Send + Sync {
    /// Why nothing moves any more, if that is so.
    fn ended(&self) -> Option<String>;

    /// The device's present rate.
    fn rate_hz(&self) -> u32;
}

/// It has nothing of Python's, since it is worked on and dropped with its lock held.
type Work = Pin<Box<dyn Future<Output = PyResult<u64>> + Send>>;

/// A call that waits for room, or for the end. Dropping it, or `close`, gives it up; what it has queued stays queued.
#[pyclass(frozen, module = "outdata")]
pub(crate) struct Operation {
    work: Mutex<Option<Work>>,
    place: Arc<dyn Place>,
}

impl Operation {
    pub(crate) fn new(
        place: &Arc<dyn Place>,
        work: impl Future<Output = PyResult<u64>> + Send + 'static,
    ) -> Self {
        Self {
            work: Mutex::new(Some(Box::pin(work))),
            place: Arc::clone(place),
        }
    }
}

#[pymethods]
impl Operation {
    /// Looks once: the result, or None as long as there is none. An operation that is done or given up has none.
    fn poll(&self) -> PyResult<Option<u64>> {
        lock::with(&self.work, |slot| {
            let Some(work) = slot.as_mut() else {
                return Ok(None);
            };
            // Nobody is woken: Python looks again.
            match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(result) => {
                    *slot = None;
                    result.map(Some)
                }
                Poll::Pending => match self.place.ended() {
                    None => Ok(None),
                    Some(why) => {
                        *slot = None;
                        Err(DeviceError::new_err(why))
                    }
                },
            }
        })
    }

    fn close(&self) {
        lock::with(&self.work, |slot| *slot = None);
    }
}
