//! Which instruction sets this machine, and this build, can run.

use super::backend::Backend;
use super::native;

impl Backend {
    /// The widest that this processor has. The first call asks the CPU, so make it outside of the audio thread;
    /// constructors do.
    pub fn detect() -> Self {
        let mut best = Self::Scalar;
        for backend in Self::ALL {
            if backend.is_available() {
                best = backend;
            }
        }
        best
    }

    /// Whether this processor has it and the build does not forbid it.
    #[inline]
    pub fn is_available(self) -> bool {
        self == Self::Scalar || native::is_available(self)
    }
}
