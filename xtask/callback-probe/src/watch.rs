//! Who watches the callback.

use crate::allocator::counted;
use crate::strict::Strict;
use crate::twins::{self, Twin};

pub(crate) struct Watch {
    strict: Option<Strict>,
    twin: Option<Twin>,
    pub(crate) callbacks: u64,
}

/// The callback that a twin breaks.
const BROKEN_CALLBACK: u64 = 500;

impl Watch {
    pub(crate) fn new(strict: Option<Strict>, twin: Option<Twin>) -> Self {
        Self {
            strict,
            twin,
            callbacks: 0,
        }
    }

    /// Runs what is the audio thread's.
    pub(crate) fn callback(&mut self, mut callback: impl FnMut() + Send) {
        self.callbacks += 1;
        let broken = self.twin.filter(|_| self.callbacks == BROKEN_CALLBACK);
        let mut callback = move || {
            callback();
            if let Some(twin) = broken {
                twins::act(twin);
            }
        };
        if let Some(strict) = &mut self.strict {
            if let Err(error) = strict.run(&mut callback) {
                eprintln!("callback {}: {error}", self.callbacks);
                std::process::exit(44);
            }
        } else {
            guarded(&mut callback);
        }
    }
}

/// RTSan looks at what is called from here, in a build with it.
#[cfg_attr(rtsan, sanitize(realtime = "nonblocking"))]
pub(crate) fn guarded(callback: &mut dyn FnMut()) {
    counted(callback);
}
