//! From any typed sample to any other.

use core::fmt;
use core::marker::PhantomData;

use crate::bytes;
use crate::cast::{self, Sealed};
use crate::encoding::{Encoding, Kind};
use crate::policy::NEAREST;
use crate::sample::{Sample, copy};
use crate::simd::{self, Backend, Selected};

/// Converts slices of `A` to slices of `B` on one backend, chosen when it is made.
///
/// - Integer to integer as if there were no float between: a wider target is exact, a narrower one rounds to
///   nearest, ties to even, and clips at the top (24-bit 8388607 -> 16-bit 32767).
/// - Float to integer is [`Sample::from_f32`] or [`Sample::from_f64`], integer to float
///   [`Sample::to_f32`] or [`Sample::to_f64`].
/// - Any type to itself is a copy, bit for bit.
/// - To another type all is made finite ([the rule](crate#what-is-not-finite)).
///
/// ```
/// use pcm_convert::{Converter, I24};
///
/// let converter = Converter::<i32, I24>::new();
/// let mut packed = [I24::default(); 2];
/// assert_eq!(converter.convert(&[i32::MAX, 256], &mut packed), 2);
/// assert_eq!(packed.map(i32::from), [8_388_607, 1]);
/// ```
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
        if A::FORMAT == B::FORMAT {
            return copy(cast::as_bytes(src), cast::as_bytes_mut(dst)) / size_of::<A>().max(1);
        }
        let n = src.len().min(dst.len());
        if let Some(float) = A::as_f32(src) {
            simd::encode::<<B as Sealed>::Encoding, NEAREST>(
                self.selected,
                float,
                cast::as_raw_mut(dst),
            );
            return n;
        }
        if <A as Sealed>::Encoding::KIND != Kind::Double
            && let Some(float) = B::as_f32_mut(dst)
        {
            simd::decode::<<A as Sealed>::Encoding>(self.selected, cast::as_raw(src), float);
            return n;
        }
        let (src, dst) = (cast::as_raw(src), cast::as_raw_mut(dst));
        simd::convert::<<A as Sealed>::Encoding, <B as Sealed>::Encoding>(self.selected, src, dst);
        n
    }
}

/// Converts the shorter of the two lengths and returns it: [`Converter::convert`] on the fastest backend.
///
/// ```
/// let mut out = [0_i16; 2];
/// assert_eq!(pcm_convert::convert(&[0_u8, 255], &mut out), 2);
/// assert_eq!(out, [-32_768, 32_512]);
/// ```
pub fn convert<A: Sample, B: Sample>(src: &[A], dst: &mut [B]) -> usize {
    Converter::new().convert(src, dst)
}

/// Converts every sample where it is and gives the slice back under its new type: `i32` to `f32`, `f32` to
/// `u32`, `i16` to `u16`, `MuLaw` to `u8`, `I24` to `U24`. That both types have the same size, and the target no
/// stricter alignment, is checked when it is compiled; for other sizes see
/// [`bytes::convert_in_place`](crate::bytes::convert_in_place).
///
/// ```
/// let mut block = [i32::MIN, 0, 1 << 30];
/// let float: &mut [f32] = pcm_convert::convert_in_place(&mut block);
/// assert_eq!(float, [-1.0, 0.0, 0.5]);
/// ```
pub fn convert_in_place<A: Sample, B: Sample>(samples: &mut [A]) -> &mut [B] {
    let n = samples.len();
    bytes::convert_in_place(A::FORMAT, B::FORMAT, cast::as_bytes_mut(samples), n);
    cast::retype(samples)
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
