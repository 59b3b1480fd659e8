//! A filter's reach: checked once, and then walked from both ends without checks.
#![allow(unsafe_code)]

use core::marker::PhantomData;

/// Windows of `W` values at `N` places, from the front and from the back of a filter at each: every step takes the
/// front ones further on and the back ones further back.
#[derive(Clone)]
pub(super) struct Walk<'a, const N: usize, const W: usize> {
    /// The first value of each place's first window.
    places: [*const f32; N],
    /// From a place to its first back window, which is the last one that the front would meet, less the way there.
    apart: usize,
    stride: usize,
    /// How far the front windows are, and how far the back ones will be when they are done.
    front: usize,
    left: usize,
    values: PhantomData<&'a [f32]>,
}

/// A window at each place, of those in front and of those at the back.
pub(super) type Ends<'a, const N: usize, const W: usize> = ([&'a [f32; W]; N], [&'a [f32; W]; N]);

impl<'a, const N: usize, const W: usize> Walk<'a, N, W> {
    /// `steps` steps of `stride` values. In front they begin at a place in each slice; at the back they end `apart` values
    /// behind it (wrapping: before it is fine). `None` where a window would reach beyond its slice.
    #[inline(always)]
    pub(super) fn new(
        x: [&'a [f32]; N],
        at: [usize; N],
        apart: usize,
        steps: usize,
        stride: usize,
    ) -> Option<Self> {
        let way = steps.saturating_sub(1).checked_mul(stride)?;
        let reach = way.checked_add(W)?;
        let mut places = [core::ptr::null(); N];
        for ((place, x), at) in places.iter_mut().zip(x).zip(at) {
            let most = x.len().checked_sub(reach)?;
            if at > most || at.wrapping_add(apart) > most {
                return None;
            }
            *place = x.as_ptr().wrapping_add(at);
        }
        Some(Self {
            places,
            apart,
            stride,
            front: 0,
            left: steps,
            values: PhantomData,
        })
    }

    /// Leaves out some steps.
    #[inline(always)]
    pub(super) fn pass(&mut self, steps: usize) {
        let steps = steps.min(self.left);
        self.front += steps;
        self.left -= steps;
    }
}

impl<'a, const N: usize, const W: usize> Iterator for Walk<'a, N, W> {
    type Item = Ends<'a, N, W>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let (front, back) = (self.front * self.stride, self.left * self.stride);
        self.front += 1;
        // SAFETY: `front` and `left` are below the number of steps, so that `new` found both windows within `x`, which
        // is borrowed for `'a`.
        let window = |place: *const f32, way: usize| unsafe { &*place.wrapping_add(way).cast::<[f32; W]>() };
        Some((
            self.places.map(|place| window(place, front)),
            self.places.map(|place| window(place, self.apart.wrapping_add(back))),
        ))
    }
}
