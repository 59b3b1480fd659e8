//! What becomes of one sample: the definition that every kernel is tested against.

use core::marker::PhantomData;

use crate::encoding::{Encoding, Kind, Raw};
use crate::policy::NEAREST;

/// One sample from format to format, through the smallest common type that loses nothing: the rounding
/// of a narrower target is then the only one.
#[inline(always)]
pub(crate) fn convert_one<A: Encoding, B: Encoding>(raw: A::Raw) -> B::Raw {
    if A::FORMAT as u8 == B::FORMAT as u8 {
        return B::Raw::narrow(raw.widen());
    }
    match (A::KIND, B::KIND) {
        (Kind::Int, Kind::Int) => B::from_i32(A::to_i32(raw)),
        (Kind::Int | Kind::Long, Kind::Int | Kind::Long) => B::from_i64(A::to_i64(raw)),
        // From the integer itself: rounded once.
        (Kind::Long, Kind::Float | Kind::Double) => B::from_i64(A::to_i64(raw)),
        (Kind::Int, Kind::Float) => B::from_f32::<NEAREST>(A::to_f32(raw)),
        (Kind::Float, _) => B::from_f32::<NEAREST>(A::to_f32(raw)),
        (Kind::Int, Kind::Double) | (Kind::Double, _) => B::from_f64::<NEAREST>(A::to_f64(raw)),
    }
}

/// One sample between interleaved and planar.
pub(crate) trait Step {
    type From: Raw;
    type To: Raw;
    fn step(raw: Self::From) -> Self::To;
}

/// As [`convert_one`].
pub(crate) struct Convert<A, B>(PhantomData<(A, B)>);

impl<A: Encoding, B: Encoding> Step for Convert<A, B> {
    type From = A::Raw;
    type To = B::Raw;
    #[inline(always)]
    fn step(raw: A::Raw) -> B::Raw {
        convert_one::<A, B>(raw)
    }
}

/// To `f32`.
pub(crate) struct Decode<F>(PhantomData<F>);

impl<F: Encoding> Step for Decode<F> {
    type From = F::Raw;
    type To = [u8; 4];
    #[inline(always)]
    fn step(raw: F::Raw) -> [u8; 4] {
        F::to_f32(raw).to_ne_bytes()
    }
}

/// From `f32`.
pub(crate) struct Encode<F, const R: u8>(PhantomData<F>);

impl<F: Encoding, const R: u8> Step for Encode<F, R> {
    type From = [u8; 4];
    type To = F::Raw;
    #[inline(always)]
    fn step(raw: [u8; 4]) -> F::Raw {
        F::from_f32::<R>(f32::from_ne_bytes(raw))
    }
}
