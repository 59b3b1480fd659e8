//! Linear interpolation, mono or stereo, for ratios up to two input frames per output frame: neighbouring outputs
//! find their frames within one or two vectors, by a permutation.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86")]
use core::arch::x86::{__m256, __m512};
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::{__m256, __m512};

use super::LANES;
use super::linear::{Phases, Run, generic, part_of};
use super::x86_vectors::Vector;

macro_rules! entry_point {
    ($name:ident, $some:ident, $doubled:ident, $vector:ty, $features:literal) => {
        #[target_feature(enable = $features)]
        pub(super) fn $name(run: &Run<'_>, out: &mut [f32]) {
            let kept = run.phases.cycle > 0;
            let (frames, part) = run.phases.step;
            // Input frames per output frame at most.
            match (run.channels, frames + u32::from(part > 0)) {
                (1, 1) if run.phases.doubles() => $doubled::<1>(run, out),
                (2, 1) if run.phases.doubles() => $doubled::<2>(run, out),
                (1, 1) if kept => $some::<1, false, true>(run, out),
                (1, 2) if kept => $some::<1, true, true>(run, out),
                (2, 1) if kept => $some::<2, false, true>(run, out),
                (2, 2) if kept => $some::<2, true, true>(run, out),
                (1, 1) => $some::<1, false, false>(run, out),
                (1, 2) => $some::<1, true, false>(run, out),
                (2, 1) => $some::<2, false, false>(run, out),
                (2, 2) => $some::<2, true, false>(run, out),
                _ => generic(run, out),
            }
        }

        // Apart, so that a call does not set up the frame of the largest of them.
        #[inline(never)]
        #[target_feature(enable = $features)]
        fn $some<const C: usize, const WIDE: bool, const KEPT: bool>(
            run: &Run<'_>,
            out: &mut [f32],
        ) {
            // SAFETY: the features are there.
            unsafe { some::<$vector, C, WIDE, KEPT>(run, out) }
        }

        #[inline(never)]
        #[target_feature(enable = $features)]
        fn $doubled<const C: usize>(run: &Run<'_>, out: &mut [f32]) {
            // SAFETY: the features are there.
            unsafe { doubled::<$vector, C>(run, out) }
        }
    };
}

entry_point!(linear_avx2, some_avx2, doubled_avx2, __m256, "avx2,fma");
entry_point!(
    linear_avx512,
    some_avx512,
    doubled_avx512,
    __m512,
    "avx512f,avx2,fma"
);

/// 1:2, `C` samples to a frame.
///
/// # Safety
/// The CPU has `V`'s instructions.
#[inline(always)]
unsafe fn doubled<V: Vector, const C: usize>(run: &Run<'_>, out: &mut [f32]) {
    let (mut at, mut done) = (run.at, 0);
    // Between two frames; then frames that are in the history, and what follows each.
    let mut odd = run.remainder != 0;
    while odd || at < 0 {
        let Some(frame) = out
            .get_mut(done..)
            .and_then(|out| out.first_chunk_mut::<C>())
        else {
            return;
        };
        for (c, out) in frame.iter_mut().enumerate() {
            let x = sample::<C>(run, at, c);
            *out = match odd {
                true => part_of(x, 0.5) + part_of(sample::<C>(run, at + 1, c), 0.5),
                false => x,
            };
        }
        done += C;
        at += isize::from(odd);
        odd = !odd;
    }
    let x = run.x.get(at.max(0) as usize * C..).unwrap_or(&[]);
    let out = out.get_mut(done..).unwrap_or_default();
    // What is left of a pair is a frame.
    let samples = out.len() / (2 * C) * C;
    let Some((out, last)) = out.split_at_mut_checked(2 * samples) else {
        return;
    };
    let frame = x.get(samples..).unwrap_or(&[]);
    last.iter_mut().zip(frame).for_each(|(out, &x)| *out = x);
    if samples + C > x.len() {
        return;
    }
    let (x, to) = (x.as_ptr(), out.as_mut_ptr());
    // SAFETY: `samples + C` samples are in `x` and twice `samples` in `out`; loads and stores are within them, or masked.
    unsafe {
        if samples < V::WIDTH {
            let count = samples as isize;
            let next = V::load_between(x.wrapping_add(C), 0, count);
            let (low, high) = double::<V, C>(V::load_between(x, 0, count), next);
            low.store_first(to, 2 * samples);
            let more = (2 * samples).saturating_sub(V::WIDTH);
            return high.store_first(to.wrapping_add(V::WIDTH), more);
        }
        let mut from = 0;
        loop {
            let (low, high) = double::<V, C>(V::load(x.add(from)), V::load(x.add(from + C)));
            low.store(to.add(2 * from));
            high.store(to.add(2 * from + V::WIDTH));
            if from + V::WIDTH == samples {
                return;
            }
            // The last vectors overlap those before them.
            from = (from + V::WIDTH).min(samples - V::WIDTH);
        }
    }
}

/// One sample of a frame.
#[inline(always)]
fn sample<const C: usize>(run: &Run<'_>, at: isize, channel: usize) -> f32 {
    let samples = if at < 0 { run.history } else { run.x };
    let at = if at < 0 { at.wrapping_add(2) } else { at } as usize;
    samples.get(at * C + channel).copied().unwrap_or(0.0)
}

/// Frames, and the means between each and the next, by turns.
///
/// # Safety
/// The CPU has `V`'s instructions.
#[inline(always)]
unsafe fn double<V: Vector, const C: usize>(here: V, next: V) -> (V, V) {
    // SAFETY: the caller's promise.
    unsafe {
        let half = V::splat(0.5);
        V::weave::<C>(here, here.part_of(half).plus(next.part_of(half)))
    }
}

/// `C` samples to a frame; `WIDE` when the frames of one vector of outputs may span two; `KEPT` when `run.weights` are.
///
/// # Safety
/// The CPU has `V`'s instructions.
#[inline(always)]
unsafe fn some<V: Vector, const C: usize, const WIDE: bool, const KEPT: bool>(
    run: &Run<'_>,
    out: &mut [f32],
) {
    let phases = run.phases;
    let cycle = if KEPT { phases.cycle } else { usize::MAX };
    if KEPT && run.weights.len() < Phases::index(cycle + LANES) {
        return;
    }
    let kept = run.weights.as_ptr().wrapping_add(Phases::index(0));
    // Those of the output `q` of the cycle, and less than a vector before those of as many before its end.
    let weights_at = |q: usize| match KEPT {
        true => [
            kept.wrapping_add(q),
            kept.wrapping_add(cycle + 1 - V::WIDTH).wrapping_sub(q),
        ],
        false => [kept; 2],
    };
    // SAFETY: the caller's promise.
    let lanes = unsafe { Lanes::<V, C>::new(phases) };
    let outputs = V::WIDTH / C;
    let way = Way::new(phases, outputs);
    // Samples from the first output's frame on that the loads of a vector reach, and where it may begin.
    let reach = if WIDE { 2 * V::WIDTH + C } else { V::WIDTH + C };
    let within = (run.x.len() + 1).saturating_sub(reach);
    let mut place = Place {
        at: run.at,
        remainder: run.remainder,
    };
    let mut q = if KEPT {
        phases.place_in(run.remainder)
    } else {
        0
    };
    let mut done = 0;
    loop {
        let whole = (out.len() - done) / V::WIDTH;
        let mut vectors = whole.min((cycle - q).div_ceil(outputs));
        let mut weights = weights_at(q);
        let begin = done;
        let mut start = place.at * C as isize;
        while vectors > 0 && (start as usize) < within {
            // SAFETY: loads are within `x` and, up to the cycle's last output, within the weights; stores within `out`.
            unsafe {
                let x = run.x.as_ptr().add(start as usize);
                let here = load::<V, WIDE>(x);
                let next = load::<V, WIDE>(x.add(C));
                let y = lanes.between::<WIDE, KEPT>(weights, place.remainder, here, next);
                y.store(out.as_mut_ptr().add(done));
            }
            let [behind, before] = weights;
            weights = [behind.wrapping_add(outputs), before.wrapping_sub(outputs)];
            done += V::WIDTH;
            vectors -= 1;
            place.forth(&way);
            start = place.at * C as isize;
        }
        q += (done - begin) / C;
        q -= if q >= cycle { cycle } else { 0 };
        let left = out.len() - done;
        if left == 0 {
            return;
        }
        if left >= V::WIDTH && (start as usize) < within {
            continue;
        }
        // At an end of the input or of the output.
        if left < V::WIDTH && done > 0 {
            // The last vector overlaps the one before it.
            let outputs = (V::WIDTH - left) / C;
            place.back(&Way::new(phases, outputs));
            q = if q < outputs {
                q.wrapping_add(cycle)
            } else {
                q
            }
            .wrapping_sub(outputs);
            done = out.len() - V::WIDTH;
        }
        // SAFETY: loads are masked to `x` and to the history; stores are within `out`, or masked.
        unsafe {
            let start = place.at * C as isize;
            let here = edge::<V, C, WIDE>(run, start);
            let next = edge::<V, C, WIDE>(run, start + C as isize);
            let y = lanes.between::<WIDE, KEPT>(weights_at(q), place.remainder, here, next);
            let to = out.as_mut_ptr().add(done);
            if out.len() < V::WIDTH {
                return y.store_first(to, out.len());
            }
            y.store(to);
        }
        done += V::WIDTH;
        place.forth(&way);
        q = q.wrapping_add(outputs);
        q -= if q >= cycle { cycle } else { 0 };
        if done == out.len() {
            return;
        }
    }
}

/// Where the first output of a vector stands.
struct Place {
    at: isize,
    remainder: u32,
}

/// A way of at most [`LANES`] outputs.
struct Way {
    frames: isize,
    remainder: u32,
    to: u32,
}

impl Way {
    #[inline(always)]
    fn new(phases: &Phases, outputs: usize) -> Self {
        let at = outputs % (LANES + 1);
        Self {
            frames: phases.frames[at] as isize,
            remainder: phases.remainders[at],
            to: phases.to(),
        }
    }
}

impl Place {
    #[inline(always)]
    fn forth(&mut self, way: &Way) {
        let remainder = self.remainder + way.remainder;
        let (less, under) = remainder.overflowing_sub(way.to);
        self.remainder = if under { remainder } else { less };
        self.at += way.frames + isize::from(!under);
    }

    #[inline(always)]
    fn back(&mut self, way: &Way) {
        let (less, under) = self.remainder.overflowing_sub(way.remainder);
        self.remainder = if under {
            less.wrapping_add(way.to)
        } else {
            less
        };
        self.at -= way.frames + isize::from(under);
    }
}

/// What the vectors of a run have in common.
struct Lanes<V: Vector, const C: usize> {
    /// Sample of each lane when the first output stands on a frame, and how far behind its frame the output is.
    samples: V::Ints,
    remainders: V::Ints,
    /// Which of a vector of weights each lane takes, from the front and from the end.
    front: V::Ints,
    end: V::Ints,
    to: u32,
    /// `to`, and 1 / `to`.
    divisor: V,
    inverse: V,
}

impl<V: Vector, const C: usize> Lanes<V, C> {
    /// # Safety
    /// The CPU has `V`'s instructions.
    #[inline(always)]
    unsafe fn new(phases: &Phases) -> Self {
        // SAFETY: the caller's promise.
        unsafe {
            let lane = |lane: usize| lane / C;
            let to = phases.to();
            Self {
                samples: V::ints(|l| (usize::from(phases.frames[lane(l)]) * C + l % C) as i32),
                remainders: V::ints(|l| phases.remainders[lane(l)] as i32),
                front: V::ints(|l| lane(l) as i32),
                end: V::ints(|l| (V::WIDTH - 1 - lane(l)) as i32),
                to,
                divisor: V::splat(to as f32),
                inverse: V::splat(1.0 / to as f32),
            }
        }
    }

    /// The weights of the frames before and behind each output, from those of a cycle.
    ///
    /// # Safety
    /// The CPU has `V`'s instructions; `weights` are readable for a vector each: those of the outputs, and up to those
    /// of as many before the cycle's end.
    #[inline(always)]
    unsafe fn kept(&self, [behind, before]: [*const f32; 2]) -> (V, V) {
        // SAFETY: the caller's promise.
        unsafe {
            let behind = V::load(behind);
            let behind = if C == 1 {
                behind
            } else {
                behind.permute(self.front)
            };
            (V::load(before).permute(self.end), behind)
        }
    }

    /// A vector of outputs, out of the samples from the first one's frame on and those from the next frame on: two
    /// vectors each (if not `WIDE`, only the first counts).
    ///
    /// # Safety
    /// The CPU has `V`'s instructions; if `KEPT`, `weights` are as in [`Self::kept`].
    #[inline(always)]
    unsafe fn between<const WIDE: bool, const KEPT: bool>(
        &self,
        weights: [*const f32; 2],
        remainder: u32,
        here: [V; 2],
        next: [V; 2],
    ) -> V {
        // SAFETY: the caller's promise.
        unsafe {
            let (before, behind) = if KEPT {
                self.kept(weights)
            } else {
                self.computed(remainder)
            };
            let most = (self.to - 1 - remainder) as i32;
            let index = V::where_greater(self.remainders, most, self.samples, C as i32);
            let (here, next) = (pick::<V, WIDE>(here, index), pick::<V, WIDE>(next, index));
            let sum = here.part_of(before).plus(next.part_of(behind));
            sum.unless_zero(behind, here)
        }
    }

    /// The same weights, computed.
    ///
    /// # Safety
    /// The CPU has `V`'s instructions.
    #[inline(always)]
    unsafe fn computed(&self, remainder: u32) -> (V, V) {
        // SAFETY: the caller's promise.
        unsafe {
            let behind = V::sum_below(self.remainders, remainder as i32, self.to as i32);
            let before = self.divisor.minus(behind);
            (
                before.over(self.divisor, self.inverse),
                behind.over(self.divisor, self.inverse),
            )
        }
    }
}

/// Two vectors (if `WIDE`, or one twice).
///
/// # Safety
/// The CPU has `V`'s instructions, and `x` is readable for them.
#[inline(always)]
unsafe fn load<V: Vector, const WIDE: bool>(x: *const f32) -> [V; 2] {
    // SAFETY: the caller's promise.
    unsafe {
        let low = V::load(x);
        match WIDE {
            true => [low, V::load(x.add(V::WIDTH))],
            false => [low; 2],
        }
    }
}

/// The values at `index`.
///
/// # Safety
/// The CPU has `V`'s instructions.
#[inline(always)]
unsafe fn pick<V: Vector, const WIDE: bool>([low, high]: [V; 2], index: V::Ints) -> V {
    // SAFETY: the caller's promise.
    unsafe {
        match WIDE {
            true => V::permute_two(low, high, index),
            false => low.permute(index),
        }
    }
}

/// Two vectors (if `WIDE`, or one twice) of [`known`] samples.
///
/// # Safety
/// The CPU has `V`'s instructions.
#[inline(always)]
unsafe fn edge<V: Vector, const C: usize, const WIDE: bool>(run: &Run<'_>, start: isize) -> [V; 2] {
    // SAFETY: the caller's promise.
    unsafe {
        let low = known::<V, C>(run, start);
        match WIDE {
            true => [low, known::<V, C>(run, start + V::WIDTH as isize)],
            false => [low; 2],
        }
    }
}

/// Samples of `x` from `start` on, which may be negative: then they begin in the history. Zeros where there are none.
///
/// # Safety
/// The CPU has `V`'s instructions.
#[inline(always)]
unsafe fn known<V: Vector, const C: usize>(run: &Run<'_>, start: isize) -> V {
    // SAFETY: masked to `x`; the history is as long as it says.
    unsafe {
        let x = run.x.as_ptr().wrapping_offset(start);
        let inside = V::load_between(x, -start, run.x.len() as isize - start);
        if start >= 0 {
            return inside;
        }
        // Exactly what the last call wrote: a longer load would have to wait until that is in the cache.
        let history = match *run.history {
            [older, newer, ..] if C == 1 => V::first_two([older, newer]),
            [a, b, c, d, ..] if C == 2 => V::first_four([a, b, c, d]),
            _ => V::splat(0.0),
        };
        inside.or(history.shifted(start + 2 * C as isize, -start))
    }
}
