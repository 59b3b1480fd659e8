//! From any typed sample to any other.

use core::fmt;
use core::marker::PhantomData;

use crate::backend::{self, Backend, Selected, cast};
use crate::sample::{Sample, sealed::Sealed};

/// Converts slices of `A` to slices of `B` on one backend, chosen when it is made.
///
/// - Integer to integer never passes through a float: a wider target is exact, a narrower one rounds to
///   nearest, ties to even, and clips at the top (24-bit 8388607 -> 16-bit 32767).
/// - Float to integer is [`Sample::from_f32`] or [`Sample::from_f64`], integer to float
///   [`Sample::to_f32`] or [`Sample::to_f64`].
/// - Any type to itself is a copy, bit for bit.
/// - Between `f32` and `f64` NaN becomes 0 and an infinity 1.0 of its sign, except that a `f64` to `f32`
///   conversion passes both on, as every decoding to `f32` does.
pub struct Converter<A, B> {
    selected: Selected,
    types: PhantomData<fn(A) -> B>,
}

impl<A: Sample, B: Sample> Converter<A, B> {
    /// On the fastest backend of this machine.
    pub fn new() -> Self {
        Self {
            selected: Selected::detect(),
            types: PhantomData,
        }
    }

    /// On the backend named, or `None` where it is not available. The results are the same on all.
    pub fn with_backend(backend: Backend) -> Option<Self> {
        Some(Self {
            selected: Selected::new(backend)?,
            types: PhantomData,
        })
    }

    /// The backend in use.
    pub fn backend(&self) -> Backend {
        self.selected.get()
    }

    /// Converts the shorter of the two lengths and returns it; the rest of `dst` is left alone.
    pub fn convert(&self, src: &[A], dst: &mut [B]) -> usize {
        let n = src.len().min(dst.len());
        let (src, dst) = (cast::as_raw(src), cast::as_raw_mut(dst));
        backend::convert::<<A as Sealed>::Encoding, <B as Sealed>::Encoding>(
            self.selected,
            src,
            dst,
        );
        n
    }
}

/// Converts the shorter of the two lengths and returns it: [`Converter::convert`] on the fastest backend.
pub fn convert<A: Sample, B: Sample>(src: &[A], dst: &mut [B]) -> usize {
    Converter::new().convert(src, dst)
}

impl<A: Sample, B: Sample> Default for Converter<A, B> {
    fn default() -> Self {
        Self::new()
    }
}

impl<A, B> Clone for Converter<A, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A, B> Copy for Converter<A, B> {}

impl<A: Sample, B: Sample> fmt::Debug for Converter<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Converter({} -> {}, {})",
            A::FORMAT,
            B::FORMAT,
            self.selected.get()
        )
    }
}
