//! Between interleaved and planar, with the conversion in one pass: plain loops, compiled again for each instruction set.

use core::num::NonZeroUsize;

use crate::step::Step;

/// All of them.
macro_rules! planes {
    ($attr:meta) => {
        #[$attr]
        pub(in crate::simd) fn take_channel<S: Step>(
            src: &[S::From],
            channels: NonZeroUsize,
            channel: usize,
            plane: &mut [S::To],
        ) {
            planes::take_channel::<S>(src, channels, channel, plane);
        }

        #[$attr]
        pub(in crate::simd) fn put_channel<S: Step>(
            plane: &[S::From],
            channels: NonZeroUsize,
            channel: usize,
            dst: &mut [S::To],
        ) {
            planes::put_channel::<S>(plane, channels, channel, dst);
        }

        #[$attr]
        pub(in crate::simd) fn take_stereo<S: Step>(
            src: &[S::From],
            left: &mut [S::To],
            right: &mut [S::To],
        ) {
            planes::take_stereo::<S>(src, left, right);
        }

        #[$attr]
        pub(in crate::simd) fn put_stereo<S: Step>(
            left: &[S::From],
            right: &[S::From],
            dst: &mut [S::To],
        ) {
            planes::put_stereo::<S>(left, right, dst);
        }
    };
}
pub(in crate::simd) use planes;

/// Every `channels`th sample of `src`, from `channel` on, to a plane.
#[inline(always)]
pub(in crate::simd) fn take_channel<S: Step>(
    src: &[S::From],
    channels: NonZeroUsize,
    channel: usize,
    plane: &mut [S::To],
) {
    for (to, from) in plane
        .iter_mut()
        .zip(src.iter().skip(channel).step_by(channels.get()))
    {
        *to = S::step(*from);
    }
}

/// A plane to every `channels`th sample of `dst`, from `channel` on.
#[inline(always)]
pub(in crate::simd) fn put_channel<S: Step>(
    plane: &[S::From],
    channels: NonZeroUsize,
    channel: usize,
    dst: &mut [S::To],
) {
    for (from, to) in plane
        .iter()
        .zip(dst.iter_mut().skip(channel).step_by(channels.get()))
    {
        *to = S::step(*from);
    }
}

/// Two channels at once, which a strided loop would read twice.
#[inline(always)]
pub(in crate::simd) fn take_stereo<S: Step>(
    src: &[S::From],
    left: &mut [S::To],
    right: &mut [S::To],
) {
    for (([l, r], to_l), to_r) in src.as_chunks::<2>().0.iter().zip(left).zip(right) {
        *to_l = S::step(*l);
        *to_r = S::step(*r);
    }
}

/// Two channels at once, which a strided loop would write twice.
#[inline(always)]
pub(in crate::simd) fn put_stereo<S: Step>(left: &[S::From], right: &[S::From], dst: &mut [S::To]) {
    for ((to, l), r) in dst.as_chunks_mut::<2>().0.iter_mut().zip(left).zip(right) {
        *to = [S::step(*l), S::step(*r)];
    }
}
