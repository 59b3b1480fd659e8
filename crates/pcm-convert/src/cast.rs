//! Typed samples seen as the bytes they are. The one place where a slice changes its type.
#![allow(unsafe_code)]
// `Sample` names `Sealed` as its supertrait, so it must be `pub`, though nobody can reach it.
#![allow(unreachable_pub)]

use core::slice;

use crate::encoding::{Encoding, Raw};

/// Seals `Sample`, and ties each type to the definition of its format.
///
/// Its implementors are plain numbers without padding, of exactly the size of `Encoding::Raw`, and any bytes are a
/// legal value: the casts below rely on it and check the sizes.
pub trait Sealed: Sized {
    /// The native-endian format of the type.
    type Encoding: Encoding;

    /// The slice itself, where the type is `f32`.
    #[inline(always)]
    fn as_f32(_: &[Self]) -> Option<&[f32]> {
        None
    }

    /// The slice itself, where the type is `f32`.
    #[inline(always)]
    fn as_f32_mut(_: &mut [Self]) -> Option<&mut [f32]> {
        None
    }
}

/// The bytes of one `S`.
pub(crate) type RawOf<S> = <<S as Sealed>::Encoding as Encoding>::Raw;

/// What makes the casts below sound, checked when they are compiled.
struct SameLayout<S>(S);

impl<S: Sealed> SameLayout<S> {
    const CHECKED: () = {
        assert!(size_of::<S>() == size_of::<RawOf<S>>());
        assert!(size_of::<S>() == <RawOf<S> as Raw>::BYTES);
        assert!(align_of::<RawOf<S>>() == 1);
    };
}

/// The bytes of each sample.
#[inline(always)]
pub(crate) fn as_raw<S: Sealed>(samples: &[S]) -> &[RawOf<S>] {
    let () = SameLayout::<S>::CHECKED;
    // SAFETY: the implementors of `Sealed` are numbers without padding, so every byte is initialized. Size is equal
    // and the alignment of byte arrays is 1 (checked above), and length, lifetime and shared borrow are kept.
    unsafe { slice::from_raw_parts(samples.as_ptr().cast(), samples.len()) }
}

/// The bytes of each sample, writable.
#[inline(always)]
pub(crate) fn as_raw_mut<S: Sealed>(samples: &mut [S]) -> &mut [RawOf<S>] {
    let () = SameLayout::<S>::CHECKED;
    // SAFETY: as in `as_raw`; and any bytes are a legal value of every implementor, so whatever is written
    // through the result leaves valid samples. The unique borrow is passed on.
    unsafe { slice::from_raw_parts_mut(samples.as_mut_ptr().cast(), samples.len()) }
}

/// All bytes of all samples.
#[inline(always)]
pub(crate) fn as_bytes<S: Sealed>(samples: &[S]) -> &[u8] {
    RawOf::<S>::flat(as_raw(samples))
}

/// All bytes of all samples, writable.
#[inline(always)]
pub(crate) fn as_bytes_mut<S: Sealed>(samples: &mut [S]) -> &mut [u8] {
    RawOf::<S>::flat_mut(as_raw_mut(samples))
}

/// Bytes as the whole samples that they are, or `None` where their alignment is not the type's.
#[inline(always)]
pub(crate) fn aligned<S: Sealed>(bytes: &[u8]) -> Option<&[S]> {
    let () = SameLayout::<S>::CHECKED;
    let samples: *const S = bytes.as_ptr().cast();
    let is_aligned = samples.is_aligned();
    // SAFETY: it is aligned, so many samples lie within the bytes, and any bytes are a legal value of every
    // implementor of `Sealed`. Lifetime and shared borrow are kept.
    is_aligned.then(|| unsafe { slice::from_raw_parts(samples, bytes.len() / size_of::<S>()) })
}

/// The same, writable.
#[inline(always)]
pub(crate) fn aligned_mut<S: Sealed>(bytes: &mut [u8]) -> Option<&mut [S]> {
    let () = SameLayout::<S>::CHECKED;
    let samples: *mut S = bytes.as_mut_ptr().cast();
    let is_aligned = samples.is_aligned();
    // SAFETY: as in `aligned`; and every sample is bytes without padding. The unique borrow is passed on.
    is_aligned.then(|| unsafe { slice::from_raw_parts_mut(samples, bytes.len() / size_of::<S>()) })
}

/// The same memory as samples of another type of the same size.
#[inline(always)]
pub(crate) fn retype<A: Sealed, B: Sealed>(samples: &mut [A]) -> &mut [B] {
    let () = SameLayout::<A>::CHECKED;
    let () = SameLayout::<B>::CHECKED;
    const {
        assert!(
            size_of::<A>() == size_of::<B>(),
            "in place, both types must have the same size"
        );
        assert!(
            align_of::<A>() >= align_of::<B>(),
            "in place, the target must not need more alignment"
        );
    }
    // SAFETY: sizes are equal and the alignment is enough (checked above); any bytes are a legal value of
    // every implementor of `Sealed`; the unique borrow is passed on.
    unsafe { slice::from_raw_parts_mut(samples.as_mut_ptr().cast(), samples.len()) }
}
