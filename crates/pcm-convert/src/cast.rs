//! Typed samples seen as the bytes they are. The one place where a slice changes its type.
#![allow(unsafe_code)]

use core::slice;

use crate::encoding::{Encoding, Raw};
use crate::sample::{RawOf, Sample, sealed::Sealed};

/// What makes the casts below sound, checked when they are compiled.
struct SameLayout<S>(S);

impl<S: Sample> SameLayout<S> {
    const CHECKED: () = {
        assert!(size_of::<S>() == size_of::<RawOf<S>>());
        assert!(size_of::<S>() == <<S as Sealed>::Encoding as Encoding>::Raw::BYTES);
        assert!(align_of::<RawOf<S>>() == 1);
    };
}

/// The bytes of each sample.
#[inline(always)]
pub(crate) fn as_raw<S: Sample>(samples: &[S]) -> &[RawOf<S>] {
    let () = SameLayout::<S>::CHECKED;
    // SAFETY: `Sample` is sealed; its implementors are numbers without padding, so every byte is
    // initialized. Size is equal and the alignment of byte arrays is 1 (checked above), and length,
    // lifetime and shared borrow are kept.
    unsafe { slice::from_raw_parts(samples.as_ptr().cast(), samples.len()) }
}

/// The bytes of each sample, writable.
#[inline(always)]
pub(crate) fn as_raw_mut<S: Sample>(samples: &mut [S]) -> &mut [RawOf<S>] {
    let () = SameLayout::<S>::CHECKED;
    // SAFETY: as in `as_raw`; and any bytes are a legal value of every implementor, so whatever is written
    // through the result leaves valid samples. The unique borrow is passed on.
    unsafe { slice::from_raw_parts_mut(samples.as_mut_ptr().cast(), samples.len()) }
}

/// All bytes of all samples, writable.
#[inline(always)]
pub(crate) fn as_bytes_mut<S: Sample>(samples: &mut [S]) -> &mut [u8] {
    let () = SameLayout::<S>::CHECKED;
    let bytes = size_of_val(samples);
    // SAFETY: as in `as_raw_mut`; `bytes` is the size of the very slice.
    unsafe { slice::from_raw_parts_mut(samples.as_mut_ptr().cast(), bytes) }
}

/// All bytes of all samples.
#[inline(always)]
pub(crate) fn as_bytes<S: Sample>(samples: &[S]) -> &[u8] {
    let () = SameLayout::<S>::CHECKED;
    // SAFETY: as in `as_raw`; the length is the size of the very slice.
    unsafe { slice::from_raw_parts(samples.as_ptr().cast(), size_of_val(samples)) }
}

/// The same memory as samples of another type of the same size.
#[inline(always)]
pub(crate) fn retype<A: Sample, B: Sample>(samples: &mut [A]) -> &mut [B] {
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
    // every implementor of the sealed `Sample`; the unique borrow is passed on.
    unsafe { slice::from_raw_parts_mut(samples.as_mut_ptr().cast(), samples.len()) }
}
