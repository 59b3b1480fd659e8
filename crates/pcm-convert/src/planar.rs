//! Interleaved to planar and back, fused with the conversion: one pass over the data.

use core::num::NonZeroUsize;

use crate::cast::{self, RawOf, Sealed};
use crate::sample::Sample;
use crate::simd::{self, Selected};
use crate::step::{Convert, Step};

/// Splits interleaved `src` into one plane a channel, converting each sample as
/// [`Converter::convert`](crate::Converter::convert) does. There are as many channels as planes; each plane is
/// anything that is a mutable slice. Returns how many frames were converted: what `src` and the shortest
/// plane have room for; 0 when there are no planes.
pub fn deinterleave<A: Sample, B: Sample, P: AsMut<[B]>>(src: &[A], planes: &mut [P]) -> usize {
    take::<Convert<<A as Sealed>::Encoding, <B as Sealed>::Encoding>, B, P>(
        Selected::detect(),
        cast::as_raw(src),
        planes,
    )
}

/// Joins one plane a channel into interleaved `dst`, converting each sample. Returns how many frames were
/// converted: what the shortest plane and `dst` have room for; 0 when there are no planes.
pub fn interleave<A: Sample, B: Sample, P: AsRef<[A]>>(planes: &[P], dst: &mut [B]) -> usize {
    put::<A, Convert<<A as Sealed>::Encoding, <B as Sealed>::Encoding>, P>(
        Selected::detect(),
        planes,
        cast::as_raw_mut(dst),
    )
}

pub(crate) fn take<S: Step<To = RawOf<B>>, B: Sample, P: AsMut<[B]>>(
    selected: Selected,
    src: &[S::From],
    planes: &mut [P],
) -> usize {
    let Some(channels) = NonZeroUsize::new(planes.len()) else {
        return 0;
    };
    let shortest = planes
        .iter_mut()
        .map(|p| p.as_mut().len())
        .min()
        .unwrap_or(0);
    let frames = (src.len() / channels).min(shortest);
    if let [left, right] = planes {
        let left = cast::as_raw_mut(left.as_mut())
            .get_mut(..frames)
            .unwrap_or_default();
        let right = cast::as_raw_mut(right.as_mut())
            .get_mut(..frames)
            .unwrap_or_default();
        simd::take_stereo::<S>(selected, src, left, right);
        return frames;
    }
    for (channel, plane) in planes.iter_mut().enumerate() {
        let plane = cast::as_raw_mut(plane.as_mut())
            .get_mut(..frames)
            .unwrap_or_default();
        simd::take_channel::<S>(selected, src, channels, channel, plane);
    }
    frames
}

pub(crate) fn put<A: Sample, S: Step<From = RawOf<A>>, P: AsRef<[A]>>(
    selected: Selected,
    planes: &[P],
    dst: &mut [S::To],
) -> usize {
    let Some(channels) = NonZeroUsize::new(planes.len()) else {
        return 0;
    };
    let shortest = planes.iter().map(|p| p.as_ref().len()).min().unwrap_or(0);
    let frames = (dst.len() / channels).min(shortest);
    if let [left, right] = planes {
        let left = cast::as_raw(left.as_ref())
            .get(..frames)
            .unwrap_or_default();
        let right = cast::as_raw(right.as_ref())
            .get(..frames)
            .unwrap_or_default();
        simd::put_stereo::<S>(selected, left, right, dst);
        return frames;
    }
    for (channel, plane) in planes.iter().enumerate() {
        let plane = cast::as_raw(plane.as_ref())
            .get(..frames)
            .unwrap_or_default();
        simd::put_channel::<S>(selected, plane, channels, channel, dst);
    }
    frames
}
