//! Which instruction sets this machine has.

use super::native;
use crate::Backend;

impl Backend {
    /// The fastest that this machine has. The first call asks the CPU, so make it outside of the audio thread;
    /// constructors do.
    #[must_use]
    pub fn detect() -> Self {
        let mut best = Self::Scalar;
        for backend in Self::ALL {
            if backend.is_available() {
                best = backend;
            }
        }
        best
    }

    /// Whether this machine, and this build, can run it.
    #[must_use]
    pub fn is_available(self) -> bool {
        self == Self::Scalar || native::is_available(self)
    }
}
