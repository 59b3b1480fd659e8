//! Which instruction sets this machine has, and which is the fastest.

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

    /// The fastest for [`Sinc`](crate::Sinc), which loads as much as it multiplies: where the processor works 512 bits
    /// in two halves, they bring nothing, and cost more wherever a load crosses a cache line.
    pub(crate) fn detect_for_sinc() -> Self {
        match Self::detect() {
            #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
            Self::Avx512 if super::processor::works_in_halves() => Self::Avx2,
            fastest => fastest,
        }
    }

    /// Whether this machine, and this build, can run it.
    #[must_use]
    pub fn is_available(self) -> bool {
        self == Self::Scalar || native::is_available(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_is_there() {
        let chosen = Backend::detect_for_sinc();
        assert!(chosen.is_available());
        assert_eq!(chosen, Backend::detect_for_sinc(), "asked again");
        assert_eq!(chosen.is_fused(), Backend::detect().is_fused());
    }
}
