//! A filter's reach: checked once, and then walked from both ends without checks.
#![allow(unsafe_code)]
// Not every family of processors walks in all of these ways.
#![allow(dead_code)]

use core::marker::PhantomData;

use super::LANES;

/// Windows of `W` values at `N` places: in front, where they move on by `stride` values a step, and at the back, where they
/// move back by as many.
#[derive(Clone, Copy)]
pub(super) struct Reach<'a, const N: usize, const W: usize> {
    /// The first value of each front window at first, and how far behind it the back window's is at last.
    places: [*const f32; N],
    apart: usize,
    steps: usize,
    stride: usize,
    values: PhantomData<&'a [f32]>,
}

/// A window at each place, of those in front and of those at the back.
pub(super) type Ends<'a, const N: usize, const W: usize> = ([&'a [f32; W]; N], [&'a [f32; W]; N]);

impl<'a, const N: usize, const W: usize> Reach<'a, N, W> {
    /// Front windows begin at a place in each slice; back ones end `apart` values behind it (wrapping: before it is fine).
    /// `None` where a window would reach beyond its slice.
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
            *place = x.get(at..)?.as_ptr();
        }
        Some(Self {
            places,
            apart,
            steps,
            stride,
            values: PhantomData,
        })
    }

    /// The windows after some steps: below `steps`, as whoever calls this in this file has seen to.
    #[inline(always)]
    fn ends(self, step: usize) -> Ends<'a, N, W> {
        let front = step.wrapping_mul(self.stride);
        let left = self.steps.wrapping_sub(1).wrapping_sub(step);
        let back = left.wrapping_mul(self.stride).wrapping_add(self.apart);
        // SAFETY: `new` found both windows of each step within the slice, which is borrowed for `'a`.
        let window = |place: *const f32, way: usize| unsafe { &*place.add(way).cast() };
        (
            self.places.map(|place| window(place, front)),
            self.places.map(|place| window(place, back)),
        )
    }
}

/// A filter that meets samples twice, first by one that leads, then by one that trails some steps behind: coefficients in
/// `C` windows, samples in windows at `N` places, and each window of samples is read once for both.
#[derive(Clone, Copy)]
pub(super) struct Walk<'a, const C: usize, const CW: usize, const N: usize, const W: usize> {
    coefficients: Reach<'a, C, CW>,
    samples: Reach<'a, N, W>,
    /// By how many steps it trails: as many more as there are of samples.
    lag: usize,
}

impl<'a, const C: usize, const CW: usize, const N: usize, const W: usize> Walk<'a, C, CW, N, W> {
    /// `None` where either is, or where there are fewer steps of samples than of coefficients.
    #[inline(always)]
    pub(super) fn new(
        coefficients: Option<Reach<'a, C, CW>>,
        samples: Option<Reach<'a, N, W>>,
    ) -> Option<Self> {
        let (coefficients, samples) = (coefficients?, samples?);
        Some(Self {
            coefficients,
            samples,
            lag: samples.steps.checked_sub(coefficients.steps)?,
        })
    }

    /// While only the leading filter is there.
    #[inline(always)]
    pub(super) fn leading(self) -> impl Iterator<Item = (Ends<'a, C, CW>, Ends<'a, N, W>)> {
        (0..self.lag.min(self.coefficients.steps))
            .map(move |step| (self.coefficients.ends(step), self.samples.ends(step)))
    }

    /// While both are, the leading one's coefficients first.
    #[inline(always)]
    pub(super) fn both(
        self,
    ) -> impl Iterator<Item = (Ends<'a, C, CW>, Ends<'a, C, CW>, Ends<'a, N, W>)> {
        (self.lag..self.coefficients.steps).map(move |step| {
            (
                self.coefficients.ends(step),
                self.coefficients.ends(step - self.lag),
                self.samples.ends(step),
            )
        })
    }

    /// While only the trailing one is.
    #[inline(always)]
    pub(super) fn trailing(self) -> impl Iterator<Item = (Ends<'a, C, CW>, Ends<'a, N, W>)> {
        (self.lag.max(self.coefficients.steps)..self.samples.steps).map(move |step| {
            (
                self.coefficients.ends(step - self.lag),
                self.samples.ends(step),
            )
        })
    }
}

/// Weights that repeat, and from any place in them a window onwards and one as far before their end.
#[derive(Clone, Copy)]
pub(super) struct Cycle<'a, const W: usize> {
    weights: &'a [f32],
    len: usize,
}

impl<'a, const W: usize> Cycle<'a, W> {
    /// `weights` are `len`, and [`LANES`] before and behind them. `None` where they are not.
    #[inline(always)]
    pub(super) fn new(weights: &'a [f32], len: usize) -> Option<Self> {
        const { assert!(W <= LANES) };
        let whole = weights.len().checked_sub(2 * LANES)? >= len;
        whole.then_some(Self { weights, len })
    }

    /// At each place, `stride` after `stride` up to the end: see [`Self::at`].
    #[inline(always)]
    pub(super) fn walk(self, place: usize, stride: usize) -> impl Iterator<Item = Mirrored<'a, W>> {
        let steps = self.len.saturating_sub(place).div_ceil(stride);
        (0..steps).map(move |step| self.windows(place + step * stride))
    }

    /// The window that begins with a place, and the one that ends with the place as far before the end; `None` behind it.
    #[inline(always)]
    pub(super) fn at(self, place: usize) -> Option<Mirrored<'a, W>> {
        match place < self.len {
            true => Some(self.windows(place)),
            false => None,
        }
    }

    /// `place` is below the length, as whoever calls this in this file has seen to.
    #[inline(always)]
    fn windows(self, place: usize) -> Mirrored<'a, W> {
        let first = self.weights.as_ptr();
        // SAFETY: `new` found `len` and twice LANES values, and W is not more than LANES: the one begins before the end of
        // `len`, and the other from its second value up to the one behind it.
        unsafe {
            let onwards = first.add(LANES + place);
            let mirrored = first.add(LANES + self.len + 1 - W - place);
            (&*onwards.cast(), &*mirrored.cast())
        }
    }
}

/// A window of weights, and its mirror image's.
pub(super) type Mirrored<'a, const W: usize> = (&'a [f32; W], &'a [f32; W]);

/// Samples, and how far windows reach from wherever they begin.
#[derive(Clone, Copy)]
pub(super) struct Near<'a, const W: usize> {
    first: *const f32,
    /// From the first window to the second, and from these two to another two.
    next: usize,
    more: usize,
    /// They may begin below this.
    within: usize,
    values: PhantomData<&'a [f32]>,
}

impl<'a, const W: usize> Near<'a, W> {
    #[inline(always)]
    pub(super) fn new(x: &'a [f32], next: usize, more: usize) -> Self {
        let reach = W.saturating_add(next).saturating_add(more);
        Self {
            first: x.as_ptr(),
            next,
            more,
            within: (x.len() + 1).saturating_sub(reach),
            values: PhantomData,
        }
    }

    /// `None` where a window would reach beyond the samples.
    #[inline(always)]
    pub(super) fn at(self, start: usize) -> Option<Found<'a, W>> {
        (start < self.within).then_some(Found { near: self, start })
    }
}

/// A place at which there are all windows.
pub(super) struct Found<'a, const W: usize> {
    near: Near<'a, W>,
    start: usize,
}

impl<'a, const W: usize> Found<'a, W> {
    /// The window that begins here and the one `more` behind it, and those that begin `next` behind these.
    #[inline(always)]
    pub(super) fn windows(self) -> Ends<'a, 2, W> {
        let Near {
            first, next, more, ..
        } = self.near;
        // SAFETY: `start + more + next + W` is at most the length, since `start` is below `within`.
        let window = |way: usize| unsafe { &*first.add(self.start + way).cast() };
        (
            [window(0), window(more)],
            [window(next), window(next + more)],
        )
    }
}
