//! A filter's reach: checked once, and then walked from both ends without checks.
#![allow(unsafe_code)]
// Not every family of processors walks in all of these ways.
#![allow(dead_code)]

use core::marker::PhantomData;

use super::shapes::LANES;

/// Windows of `W` values at `N` places. Each place has a front window, which moves on by `stride` values a step, and
/// a back window, which moves back by as many.
#[derive(Clone, Copy)]
pub(super) struct Reach<'a, const N: usize, const W: usize> {
    /// Where each front window begins at the first step.
    places: [*const f32; N],
    /// How far after that each back window begins at the last step.
    apart: usize,
    steps: usize,
    stride: usize,
    values: PhantomData<&'a [f32]>,
}

/// A window at each place: the front ones, and the back ones.
pub(super) type Ends<'a, const N: usize, const W: usize> = ([&'a [f32; W]; N], [&'a [f32; W]; N]);

impl<'a, const N: usize, const W: usize> Reach<'a, N, W> {
    /// The front windows begin at a place in each slice, and the back windows end up `apart` values after it. `None`
    /// where a window would reach beyond its slice.
    #[inline(always)]
    pub(super) fn new(
        x: [&'a [f32]; N],
        at: [usize; N],
        apart: usize,
        steps: usize,
        stride: usize,
    ) -> Option<Self> {
        let way = steps.saturating_sub(1).checked_mul(stride)?;
        let reach = way.checked_add(W)?.checked_add(apart)?;
        let mut places = [core::ptr::null(); N];
        for ((place, x), at) in places.iter_mut().zip(x).zip(at) {
            if at > x.len().checked_sub(reach)? {
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

    /// The windows after `step` steps. That is below `steps`: the ranges of [`Walk`], the only callers, see to it.
    #[inline(always)]
    fn ends(self, step: usize) -> Ends<'a, N, W> {
        debug_assert!(step < self.steps);
        let front = step * self.stride;
        let back = self.apart + (self.steps - 1 - step) * self.stride;
        // SAFETY: `new` found both windows of each step within the slice, which is borrowed for `'a`.
        let window = |place: *const f32, way: usize| unsafe { &*place.add(way).cast() };
        (
            self.places.map(|place| window(place, front)),
            self.places.map(|place| window(place, back)),
        )
    }
}

/// Two filters with the same coefficients over the same samples. The second trails some steps behind the first, so
/// that each window of samples is read once for both. Coefficients are in `C` windows, samples in windows at `N`
/// places.
#[derive(Clone, Copy)]
pub(super) struct Walk<'a, const C: usize, const CW: usize, const N: usize, const W: usize> {
    coefficients: Reach<'a, C, CW>,
    samples: Reach<'a, N, W>,
    /// By how many steps the second trails: there are as many more steps of samples than of coefficients.
    lag: usize,
}

impl<'a, const C: usize, const CW: usize, const N: usize, const W: usize> Walk<'a, C, CW, N, W> {
    /// `None` where either reach is `None`, or where there are fewer steps of samples than of coefficients.
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

    /// The steps in which only the leading filter takes part.
    #[inline(always)]
    pub(super) fn leading(self) -> impl Iterator<Item = (Ends<'a, C, CW>, Ends<'a, N, W>)> {
        (0..self.lag.min(self.coefficients.steps))
            .map(move |step| (self.coefficients.ends(step), self.samples.ends(step)))
    }

    /// The steps in which both take part; the leading one's coefficients come first.
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

    /// The steps in which only the trailing filter takes part.
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

/// Weights that repeat. For any place in them there is a window from there on, and one that ends as far before their
/// end.
#[derive(Clone, Copy, Default)]
pub(super) struct Cycle<'a, const W: usize> {
    weights: &'a [f32],
    len: usize,
}

impl<'a, const W: usize> Cycle<'a, W> {
    /// `weights` are `len` values with [`LANES`] more before and after them; `None` where there are fewer.
    #[inline(always)]
    pub(super) fn new(weights: &'a [f32], len: usize) -> Option<Self> {
        const { assert!(W <= LANES) };
        let whole = weights.len().checked_sub(2 * LANES)? >= len;
        whole.then_some(Self { weights, len })
    }

    /// The windows at every `stride`-th place from `place` to the end: see [`Self::at`].
    #[inline(always)]
    pub(super) fn walk(self, place: usize, stride: usize) -> impl Iterator<Item = Mirrored<'a, W>> {
        let steps = self.len.saturating_sub(place).div_ceil(stride);
        (0..steps).map(move |step| self.windows(place + step * stride))
    }

    /// The window that begins with a place, and the one that ends with the place as far before the end; `None` past
    /// the end.
    #[inline(always)]
    pub(super) fn at(self, place: usize) -> Option<Mirrored<'a, W>> {
        match place < self.len {
            true => Some(self.windows(place)),
            false => None,
        }
    }

    /// `place` is below the length: both callers see to it.
    #[inline(always)]
    fn windows(self, place: usize) -> Mirrored<'a, W> {
        debug_assert!(place < self.len);
        let first = self.weights.as_ptr();
        // SAFETY: `new` found `len` and twice LANES values, `place` is below `len`, and W is not more than LANES: the
        // one window begins within `len`, and the other ends between its second value and the one behind it.
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

impl<'a, const W: usize> Found<'a, W> {
    /// The window `way` behind the first one, but no more than `more`, and the one that begins `next` behind it.
    #[inline(always)]
    pub(super) fn window(&self, way: usize) -> Mirrored<'a, W> {
        let way = self.start + way.min(self.near.more);
        // SAFETY: `start + more + next + W` is at most the length, since `start` is below `within`.
        let window = |at: usize| unsafe { &*self.near.first.add(at).cast() };
        (window(way), window(way + self.near.next))
    }
}

/// Room for samples, and how far windows reach from wherever they begin.
pub(super) struct NearMut<'a, const W: usize> {
    x: &'a mut [f32],
    more: usize,
    /// They may begin below this.
    within: usize,
}

impl<'a, const W: usize> NearMut<'a, W> {
    #[inline(always)]
    pub(super) fn new(x: &'a mut [f32], more: usize) -> Self {
        let within = (x.len() + 1).saturating_sub(W.saturating_add(more));
        Self { x, more, within }
    }

    /// `None` where a window would reach beyond the room.
    #[inline(always)]
    pub(super) fn at(&mut self, start: usize) -> Option<FoundMut<'_, 'a, W>> {
        (start < self.within).then_some(FoundMut { near: self, start })
    }
}

/// A place at which there are all windows.
pub(super) struct FoundMut<'n, 'a, const W: usize> {
    near: &'n mut NearMut<'a, W>,
    start: usize,
}

impl<const W: usize> FoundMut<'_, '_, W> {
    /// The window `way` behind the place, but no more than `more`.
    #[inline(always)]
    pub(super) fn window(&mut self, way: usize) -> &mut [f32; W] {
        let at = self.start + way.min(self.near.more);
        // SAFETY: `start + more + W` is at most the length, since `start` is below `within`.
        unsafe { &mut *self.near.x.as_mut_ptr().add(at).cast() }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]

    extern crate std;

    use super::*;
    use std::vec::Vec;

    const W: usize = 3;

    /// Each value is its own index.
    fn numbers(len: usize) -> Vec<f32> {
        (0..len).map(|n| n as f32).collect()
    }

    fn window(at: usize) -> [f32; W] {
        core::array::from_fn(|i| (at + i) as f32)
    }

    #[test]
    fn a_walk_is_refused_exactly_where_a_window_would_leave_its_slice() {
        for len in 0..20 {
            let x = numbers(len);
            for (at, other) in (0..9).flat_map(|at| [(at, 0), (0, at), (at, at)]) {
                for apart in 0..9 {
                    for (steps, stride) in [(1, 1), (2, 1), (3, 2), (4, 3), (5, 0)] {
                        let way = (steps - 1) * stride;
                        let last = at.max(other) + apart + way + W;
                        let reach = Reach::<2, W>::new([&x; 2], [at, other], apart, steps, stride);
                        assert_eq!(reach.is_some(), last <= len, "{last} of {len}");
                        let Some(walk) = Walk::new(reach, reach) else {
                            continue;
                        };
                        let mut step = 0;
                        for (lead, trail, samples) in walk.both() {
                            let back = apart + way - step * stride;
                            for (front, end) in [lead, trail, samples] {
                                let way = step * stride;
                                assert_eq!(
                                    front.map(|w| *w),
                                    [window(at + way), window(other + way)]
                                );
                                assert_eq!(
                                    end.map(|w| *w),
                                    [window(at + back), window(other + back)]
                                );
                            }
                            step += 1;
                        }
                        assert_eq!(step, steps);
                    }
                }
            }
        }
        for huge in [usize::MAX, usize::MAX / 2] {
            let x = numbers(9);
            assert!(Reach::<1, W>::new([&x], [huge], 0, 1, 1).is_none());
            assert!(Reach::<1, W>::new([&x], [1], huge, 1, 1).is_none());
            assert!(Reach::<1, W>::new([&x], [1], 0, huge, 1).is_none());
            assert!(Reach::<1, W>::new([&x], [1], 0, 2, huge).is_none());
        }
    }

    #[test]
    fn the_second_filter_meets_each_window_as_many_steps_later() {
        let (coefficients, x) = (numbers(16), numbers(60));
        for (steps, lag) in [(4, 0), (4, 1), (4, 4), (4, 6), (1, 9), (7, 8)] {
            let c = Reach::<1, 1>::new([&coefficients], [0], 0, steps, 1);
            let walk = Walk::new(c, Reach::<1, W>::new([&x], [5], 20, steps + lag, 1));
            let Some(walk) = walk else {
                panic!("{steps} and {lag} are within");
            };
            // What each filter met: coefficient and sample.
            let (mut first, mut second) = (Vec::new(), Vec::new());
            for (([[c]], _), ([x], _)) in walk.leading() {
                first.push((*c, *x));
            }
            for (([[lead]], _), ([[trail]], _), ([x], _)) in walk.both() {
                first.push((*lead, *x));
                second.push((*trail, *x));
            }
            for (([[c]], _), ([x], _)) in walk.trailing() {
                second.push((*c, *x));
            }
            for (met, lag) in [(first, 0), (second, lag)] {
                let want = (0..steps).map(|step| (step as f32, window(5 + lag + step)));
                assert!(met.into_iter().eq(want), "{steps} {lag}");
            }
            let shorter = Reach::<1, W>::new([&x], [5], 20, steps - 1, 1);
            assert!(Walk::new(c, shorter).is_none());
        }
    }

    #[test]
    fn a_cycle_gives_a_window_and_its_mirror_image_at_every_place() {
        for len in 1..20 {
            let weights = numbers(len + 2 * LANES);
            assert!(Cycle::<W>::new(&weights[1..], len).is_none());
            let Some(cycle) = Cycle::<W>::new(&weights, len) else {
                panic!("{len} are whole");
            };
            for place in 0..len + 2 {
                let want = |place| (window(LANES + place), window(LANES + len + 1 - W - place));
                let got = cycle
                    .at(place)
                    .map(|(onwards, mirrored)| (*onwards, *mirrored));
                assert_eq!(got, (place < len).then(|| want(place)));
                let walked = cycle
                    .walk(place, 4)
                    .map(|(onwards, mirrored)| (*onwards, *mirrored));
                assert!(walked.eq((place..len).step_by(4).map(want)));
            }
        }
    }

    #[test]
    fn windows_to_write_are_refused_exactly_where_one_would_leave_the_room() {
        for len in 0..20 {
            for (more, start) in (0..5).flat_map(|more| (0..24).map(move |start| (more, start))) {
                let mut x = numbers(len);
                let mut near = NearMut::<W>::new(&mut x, more);
                let found = near.at(start);
                assert_eq!(found.is_some(), start + more + W <= len, "{start} of {len}");
                let Some(mut found) = found else { continue };
                for way in 0..9 {
                    found.window(way).fill(-1.0);
                }
                let written = |at: usize| (start..start + more + W).contains(&at);
                let want = |at| if written(at) { -1.0 } else { at as f32 };
                assert!(x.iter().enumerate().all(|(at, x)| *x == want(at)));
            }
            let mut x = numbers(len);
            let mut huge = NearMut::<W>::new(&mut x, usize::MAX);
            assert!(huge.at(0).is_none() && huge.at(usize::MAX).is_none());
        }
    }

    #[test]
    fn near_windows_are_refused_exactly_where_one_would_leave_the_samples() {
        for len in 0..20 {
            let x = numbers(len);
            for (next, more) in [(0, 0), (1, 0), (2, 5), (0, 4)] {
                let near = Near::<W>::new(&x, next, more);
                for start in (0..24).chain([usize::MAX - 2, usize::MAX]) {
                    let end = start.saturating_add(next + more + W);
                    let found = near.at(start);
                    assert_eq!(found.is_some(), end <= len, "{start} of {len}");
                    if let Some((here, next_ones)) = found.map(Found::windows) {
                        assert_eq!(here.map(|w| *w), [window(start), window(start + more)]);
                        let next = start + next;
                        assert_eq!(next_ones.map(|w| *w), [window(next), window(next + more)]);
                    }
                }
            }
        }
    }
}
