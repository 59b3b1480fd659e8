//! Runs of `W` samples at equal distances: their whole reach is checked once, and each is then read or written without a
//! check, which would cost a good part of what is done with it.
#![allow(unsafe_code)]
// Not every build has kernels by words.
#![allow(dead_code)]

/// `N` rows to be read, and those that begin up to `last` samples after them.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a, const N: usize, const W: usize> {
    x: &'a [f32],
    stride: usize,
    last: usize,
}

/// `N` rows to be written. They may overlap.
pub(super) struct RowsMut<'a, const N: usize, const W: usize> {
    x: &'a mut [f32],
    stride: usize,
}

/// Samples from the start of the first row to the end of the last.
#[inline(always)]
fn reach<const N: usize, const W: usize>(stride: usize) -> Option<usize> {
    const { assert!(N > 0) };
    (N - 1).checked_mul(stride)?.checked_add(W)
}

/// How many steps there are of which each has its `reach` within so many samples; none if a step is of no samples.
#[inline(always)]
fn steps(samples: usize, reach: usize, step: usize) -> usize {
    let rest = samples.checked_sub(reach);
    let more = rest.and_then(|rest| rest.checked_div(step));
    more.map_or(0, |more| more + 1)
}

impl<'a, const N: usize, const W: usize> Rows<'a, N, W> {
    /// From the start of `x` on. `None` where one would leave it.
    #[inline(always)]
    pub(super) fn new(x: &'a [f32], stride: usize, last: usize) -> Option<Self> {
        let reach = reach::<N, W>(stride)?.checked_add(last)?;
        (reach <= x.len()).then_some(Self { x, stride, last })
    }

    /// As many times `N` rows as `x` holds, each time those behind the ones before.
    #[inline(always)]
    pub(super) fn all(x: &'a [f32], stride: usize, last: usize) -> impl Iterator<Item = Self> {
        let reach = reach::<N, W>(stride).and_then(|reach| reach.checked_add(last));
        let step = N.saturating_mul(stride);
        let count = reach.map_or(0, |reach| steps(x.len(), reach, step));
        (0..count).map(move |n| {
            // SAFETY: `reach` samples from each step below `count` on are in `x`.
            let x = unsafe { x.get_unchecked(n * step..) };
            Self { x, stride, last }
        })
    }

    /// Those that begin `start` samples after the first ones, which is no more than `last`.
    #[inline(always)]
    pub(super) fn get(self, start: usize) -> [&'a [f32; W]; N] {
        let start = start.min(self.last);
        // SAFETY: `new` and `all` found `W` samples from `last + (N - 1) * stride` on, and row `n`, below `N`, is no further.
        let row = |n: usize| unsafe {
            let first = self.x.as_ptr().add(start);
            &*first
                .add(n / 4 * (4 * self.stride))
                .add(n % 4 * self.stride)
                .cast()
        };
        // A loop, as `array::from_fn` is not always inlined.
        let mut rows = [row(0); N];
        for (n, to) in rows.iter_mut().enumerate() {
            *to = row(n);
        }
        rows
    }
}

impl<'a, const N: usize, const W: usize> RowsMut<'a, N, W> {
    /// From the start of `x` on. `None` where one would leave it.
    #[inline(always)]
    pub(super) fn new(x: &'a mut [f32], stride: usize) -> Option<Self> {
        (reach::<N, W>(stride)? <= x.len()).then_some(Self { x, stride })
    }

    /// Row `n`, or the last.
    #[inline(always)]
    pub(super) fn row(&mut self, n: usize) -> &mut [f32; W] {
        let at = n.min(N - 1) * self.stride;
        // SAFETY: `new` found `W` samples from `(N - 1) * stride` on, and `at` is no more than that.
        unsafe { &mut *self.x.as_mut_ptr().add(at).cast() }
    }
}

/// Steps through two slices at once: at each, `W` samples to be read and `W` to be written. Those of a step may overlap
/// those of the next.
pub(super) struct Steps<'a, const W: usize> {
    x: &'a [f32],
    y: &'a mut [f32],
    read: usize,
    written: usize,
    done: usize,
    count: usize,
}

impl<'a, const W: usize> Steps<'a, W> {
    /// Of `read` samples of `x` and `written` of `y`, as many as leave neither; none if a step is of no samples.
    #[inline(always)]
    pub(super) fn new(x: &'a [f32], read: usize, y: &'a mut [f32], written: usize) -> Self {
        let count = steps(x.len(), W, read).min(steps(y.len(), W, written));
        Self {
            x,
            y,
            read,
            written,
            done: 0,
            count,
        }
    }

    #[inline(always)]
    pub(super) fn next(&mut self) -> Option<(&[f32; W], &mut [f32; W])> {
        let step = self.done;
        if step == self.count {
            return None;
        }
        self.done += 1;
        // SAFETY: `new` found `W` samples in both slices at each step below `count`.
        Some(unsafe {
            (
                &*self.x.as_ptr().add(step * self.read).cast(),
                &mut *self.y.as_mut_ptr().add(step * self.written).cast(),
            )
        })
    }

    /// How many were taken.
    #[inline(always)]
    pub(super) fn done(&self) -> usize {
        self.done
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::vec::Vec;

    #[test]
    fn rows_are_refused_exactly_where_one_would_leave_the_samples() {
        for len in 0..40 {
            let mut x: Vec<f32> = (0..len).map(|n| n as f32).collect();
            for (stride, last) in (0..12).flat_map(|stride| (0..5).map(move |last| (stride, last)))
            {
                let within = RowsMut::<5, 3>::new(&mut x, stride);
                assert_eq!(within.is_some(), 4 * stride + 3 <= len);
                let rows = Rows::<5, 3>::new(&x, stride, last);
                let within = 4 * stride + last + 3 <= len;
                assert_eq!(rows.is_some(), within, "{stride} and {last} of {len}");
                let Some(rows) = rows else { continue };
                for start in 0..9 {
                    for (n, row) in rows.get(start).into_iter().enumerate() {
                        let at = n * stride + start.min(last);
                        assert_eq!(row, &[at, at + 1, at + 2].map(|at| at as f32));
                    }
                }
            }
            for huge in [usize::MAX, usize::MAX / 4, usize::MAX / 4 + 1] {
                assert!(Rows::<5, 3>::new(&x, huge, 0).is_none());
                assert!(Rows::<5, 3>::new(&x, 0, huge).is_none());
                assert!(RowsMut::<5, 3>::new(&mut x, huge).is_none());
            }
        }
    }

    #[test]
    fn all_rows_are_as_many_as_the_samples_hold() {
        for len in 0..60 {
            let x: Vec<f32> = (0..len).map(|n| n as f32).collect();
            for (stride, last) in (1..6).flat_map(|stride| (0..5).map(move |last| (stride, last))) {
                let mut first = 0;
                for rows in Rows::<3, 4>::all(&x, stride, last) {
                    let [.., row] = rows.get(last);
                    let at = first + 2 * stride + last;
                    assert_eq!(row, &[at, at + 1, at + 2, at + 3].map(|at| at as f32));
                    first += 3 * stride;
                }
                let next = x.get(first..).unwrap_or_default();
                assert!(
                    Rows::<3, 4>::new(next, stride, last).is_none(),
                    "{stride} and {last} of {len}"
                );
            }
            assert_eq!(Rows::<3, 4>::all(&x, 0, 0).count(), 0);
            assert_eq!(Rows::<3, 4>::all(&x, usize::MAX / 2, 0).count(), 0);
        }
    }

    #[test]
    fn steps_end_exactly_where_one_would_leave_a_slice() {
        for (len, room) in (0..20).flat_map(|len| (0..20).map(move |room| (len, room))) {
            let x: Vec<f32> = (0..len).map(|n| n as f32).collect();
            for (read, written) in
                (0..6).flat_map(|read| (0..6).map(move |written| (read, written)))
            {
                let mut y: Vec<f32> = std::vec![-1.0; room];
                let mut steps = Steps::<4>::new(&x, read, &mut y, written);
                let mut want = 0;
                while read.min(written) > 0 && want * read + 4 <= len && want * written + 4 <= room
                {
                    want += 1;
                }
                while let Some((from, to)) = steps.next() {
                    *to = *from;
                }
                assert_eq!(steps.done(), want, "{read} of {len}, {written} of {room}");
                for (n, y) in y.into_iter().enumerate() {
                    // Of the last step that has it.
                    let step = (0..want)
                        .rev()
                        .find(|step| (step * written..step * written + 4).contains(&n));
                    assert_eq!(
                        y,
                        step.map_or(-1.0, |step| (step * read + n - step * written) as f32)
                    );
                }
            }
        }
    }

    #[test]
    fn a_later_row_is_written_over_an_earlier_one() {
        let mut x = [0.0; 8];
        let mut rows = RowsMut::<3, 4>::new(&mut x, 2);
        for n in 0..3 {
            if let Some(rows) = &mut rows {
                *rows.row(n) = [n as f32 + 1.0; 4];
            }
        }
        assert_eq!(x, [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 3.0]);
    }
}
