//! Linear interpolation, mono or stereo, for ratios up to two input frames per output frame: neighbouring outputs
//! find their frames within one or two words, by a permutation.

/// `linear`; `$frames` does the other runs.
macro_rules! linear {
    ($attr:meta, $inline:meta, $frames:path) => {
        #[$attr]
        pub(in crate::simd) fn linear(run: &Run<'_>, out: &mut [f32]) {
            let kept = run.phases.cycle > 0;
            let (frames, part) = run.phases.step;
            // Input frames per output frame at most.
            match (run.channels, frames + u32::from(part > 0)) {
                (1, 1) if run.phases.doubles() => linear_doubled::<1>(run, out),
                (2, 1) if run.phases.doubles() => linear_doubled::<2>(run, out),
                (1, 1) if kept => linear_some::<1, false, true>(run, out),
                (1, 2) if kept => linear_some::<1, true, true>(run, out),
                (2, 1) if kept => linear_some::<2, false, true>(run, out),
                (2, 2) if kept => linear_some::<2, true, true>(run, out),
                (1, 1) => linear_some::<1, false, false>(run, out),
                (1, 2) => linear_some::<1, true, false>(run, out),
                (2, 1) => linear_some::<2, false, false>(run, out),
                (2, 2) => linear_some::<2, true, false>(run, out),
                (1 | 2, _) => phases::generic(run, out),
                _ => $frames(run, out),
            }
        }

        /// 1:2, `C` samples to a frame. (Not inlined, so that a call does not set up the frame of the largest of
        /// them.)
        #[inline(never)]
        #[$attr]
        fn linear_doubled<const C: usize>(run: &Run<'_>, out: &mut [f32]) {
            let (mut at, mut done) = (run.at, 0);
            // One output at a time: the first, where it stands between two frames, and all whose frame is in the
            // history.
            let mut odd = run.remainder != 0;
            while odd || at < 0 {
                let rest = out.get_mut(done..).unwrap_or_default();
                let Some(frame) = rest.first_chunk_mut::<C>() else {
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
            // Outputs go in pairs: a frame, and the mean after it. Of a last half pair there is only the frame.
            let samples = out.len() / (2 * C) * C;
            let Some((out, last)) = out.split_at_mut_checked(2 * samples) else {
                return;
            };
            let frame = x.get(samples..).unwrap_or(&[]);
            last.iter_mut().zip(frame).for_each(|(out, &x)| *out = x);
            let (Some(here), Some(next)) = (x.get(..samples), x.get(C..C + samples)) else {
                return;
            };
            let words = here.as_chunks().0.iter().zip(next.as_chunks().0);
            for ((here, next), out) in words.zip(out.as_chunks_mut().0) {
                double::<C>(Word::load(here), Word::load(next), out);
            }
            if samples % Word::WIDTH == 0 {
                return;
            }
            // The last words overlap those before them. Where there are none before them, they are stored in part.
            if let (Some(here), Some(next), Some(out)) =
                (here.last_chunk(), next.last_chunk(), out.last_chunk_mut())
            {
                double::<C>(Word::load(here), Word::load(next), out);
            } else {
                let (here, next) = (Word::load_from(here, 0), Word::load_from(next, 0));
                let (low, high) = doubled::<C>(here, next);
                low.store_first(out);
                high.store_first(out.get_mut(Word::WIDTH..).unwrap_or_default());
            }
        }

        /// Each frame, and after it the mean of it and the next one.
        #[$inline]
        #[$attr]
        fn doubled<const C: usize>(here: Word, next: Word) -> (Word, Word) {
            let half = Word::splat(0.5);
            Word::weave::<C>(here, here.part_of(half).plus(next.part_of(half)))
        }

        #[$inline]
        #[$attr]
        fn double<const C: usize>(here: Word, next: Word, out: &mut [f32; 2 * Word::WIDTH]) {
            let (low, high) = doubled::<C>(here, next);
            if let [low_out, high_out] = out.as_chunks_mut().0 {
                low.store(low_out);
                high.store(high_out);
            }
        }

        /// `C` samples to a frame. `WIDE`: the frames of one word of outputs may span two words. `KEPT`: the weights
        /// of a cycle are kept.
        #[inline(never)]
        #[$attr]
        fn linear_some<const C: usize, const WIDE: bool, const KEPT: bool>(
            run: &Run<'_>,
            out: &mut [f32],
        ) {
            const NONE: (&[f32; Word::WIDTH], &[f32; Word::WIDTH]) =
                (&[0.0; Word::WIDTH], &[0.0; Word::WIDTH]);
            let phases = run.phases;
            let cycle = if KEPT { phases.cycle } else { usize::MAX };
            let kept = if KEPT {
                Cycle::new(run.weights, cycle)
            } else {
                None
            };
            if KEPT && kept.is_none() {
                return;
            }
            let lanes = LinearLanes::<C>::new(phases);
            let outputs = const { Word::WIDTH / C };
            let way = Way::new(phases, outputs);
            let near = Near::<{ Word::WIDTH }>::new(run.x, C, if WIDE { Word::WIDTH } else { 0 });
            let mut place = Place::new(phases, run.at, run.remainder);
            let mut q = if KEPT {
                phases.place_in(run.remainder)
            } else {
                0
            };
            let mut done = 0;
            loop {
                let mut steps = 0;
                let mut one = |to: &mut [f32; Word::WIDTH], weights| {
                    let Some(found) = near.at((place.at * C as isize) as usize) else {
                        return false;
                    };
                    let (here, next) = found.windows();
                    let (here, next) = (both::<WIDE>(here), both::<WIDE>(next));
                    lanes
                        .between::<WIDE, KEPT>(weights, place.left, here, next)
                        .store(to);
                    place.forth(&way);
                    steps += 1;
                    true
                };
                let words = out.get_mut(done..).unwrap_or_default().as_chunks_mut().0;
                match kept {
                    Some(kept) => {
                        for (to, weights) in words.iter_mut().zip(kept.walk(q, outputs)) {
                            if !one(to, weights) {
                                break;
                            }
                        }
                    }
                    None => {
                        for to in words {
                            if !one(to, NONE) {
                                break;
                            }
                        }
                    }
                }
                done += steps * Word::WIDTH;
                q += steps * outputs;
                q -= if q >= cycle { cycle } else { 0 };
                let left = out.len() - done;
                if left == 0 {
                    return;
                }
                let start = place.at * C as isize;
                if left >= Word::WIDTH && near.at(start as usize).is_some() {
                    continue;
                }
                if left < Word::WIDTH && done > 0 {
                    // The last word overlaps the one before it.
                    let outputs = (Word::WIDTH - left) / C;
                    place.back(&Way::new(phases, outputs));
                    q = if q < outputs {
                        q.wrapping_add(cycle)
                    } else {
                        q
                    }
                    .wrapping_sub(outputs);
                    done = out.len() - Word::WIDTH;
                }
                // At an end of the input or of the output.
                let start = place.at * C as isize;
                let here = edge::<C, WIDE>(run, start);
                let next = edge::<C, WIDE>(run, start + C as isize);
                let weights = match kept {
                    Some(kept) => kept.at(q).unwrap_or(NONE),
                    None => NONE,
                };
                let y = lanes.between::<WIDE, KEPT>(weights, place.left, here, next);
                let to = out.get_mut(done..).unwrap_or_default();
                let Some(to) = to.first_chunk_mut() else {
                    return y.store_first(to);
                };
                y.store(to);
                done += Word::WIDTH;
                place.forth(&way);
                q = q.wrapping_add(outputs);
                q -= if q >= cycle { cycle } else { 0 };
                if done == out.len() {
                    return;
                }
            }
        }

        /// What the words of a run have in common.
        struct LinearLanes<const C: usize> {
            /// If the first output stands on a frame: the sample that each lane reads, and how far its output stands
            /// past that frame.
            samples: Ints,
            remainders: Ints,
            /// Which weight of a word each lane takes, counted from the front and counted from the end.
            front: Ints,
            end: Ints,
            to: u32,
            /// `to`, and 1 / `to`.
            divisor: Word,
            inverse: Word,
        }

        impl<const C: usize> LinearLanes<C> {
            #[$inline]
            #[$attr]
            fn new(phases: &Phases) -> Self {
                let to = phases.to();
                let of = |lane: usize| lane / C;
                let samples = |l| (usize::from(phases.frames[of(l)]) * C + l % C) as i32;
                Self {
                    samples: Ints::load(&core::array::from_fn(samples)),
                    remainders: Ints::load(&core::array::from_fn(|l| {
                        phases.remainders[of(l)] as i32
                    })),
                    front: Ints::load(&core::array::from_fn(|l| of(l) as i32)),
                    end: Ints::load(&core::array::from_fn(|l| (Word::WIDTH - 1 - of(l)) as i32)),
                    to,
                    divisor: Word::splat(to as f32),
                    inverse: Word::splat(1.0 / to as f32),
                }
            }

            /// A word of outputs. `here` are the samples from the first output's frame on, `next` those from the
            /// frame after it on: two words each, of which only the first counts if not `WIDE`.
            #[$inline]
            #[$attr]
            fn between<const WIDE: bool, const KEPT: bool>(
                &self,
                (behind, before): (&[f32; Word::WIDTH], &[f32; Word::WIDTH]),
                left: u32,
                here: [Word; 2],
                next: [Word; 2],
            ) -> Word {
                let (before, behind) = if KEPT {
                    self.kept(behind, before)
                } else {
                    self.computed(self.to - 1 - left)
                };
                let index =
                    Ints::where_greater(self.remainders, left as i32, self.samples, C as i32);
                let (here, next) = (pick::<WIDE>(here, index), pick::<WIDE>(next, index));
                let sum = here.part_of(before).plus(next.part_of(behind));
                sum.unless_zero(behind, here)
            }

            /// The weights of the frames before and behind each output, from those of a cycle.
            #[$inline]
            #[$attr]
            fn kept(
                &self,
                behind: &[f32; Word::WIDTH],
                before: &[f32; Word::WIDTH],
            ) -> (Word, Word) {
                let behind = match C {
                    1 => Word::load(behind),
                    _ => Word::load(behind).permute(self.front),
                };
                (Word::load(before).permute(self.end), behind)
            }

            /// The same weights, computed.
            #[$inline]
            #[$attr]
            fn computed(&self, remainder: u32) -> (Word, Word) {
                let behind = Ints::sum_below(self.remainders, remainder as i32, self.to as i32);
                let before = self.divisor.minus(behind);
                (
                    before.over(self.divisor, self.inverse),
                    behind.over(self.divisor, self.inverse),
                )
            }
        }

        /// Two words (if `WIDE`, or one twice).
        #[$inline]
        #[$attr]
        fn both<const WIDE: bool>([low, high]: [&[f32; Word::WIDTH]; 2]) -> [Word; 2] {
            let low = Word::load(low);
            [low, if WIDE { Word::load(high) } else { low }]
        }

        /// The values at `index`.
        #[$inline]
        #[$attr]
        fn pick<const WIDE: bool>([low, high]: [Word; 2], index: Ints) -> Word {
            match WIDE {
                true => Word::permute_two(low, high, index),
                false => low.permute(index),
            }
        }

        /// Two words (if `WIDE`, or one twice) of [`known`] samples.
        #[$inline]
        #[$attr]
        fn edge<const C: usize, const WIDE: bool>(run: &Run<'_>, start: isize) -> [Word; 2] {
            let low = known::<C>(run, start);
            match WIDE {
                true => [low, known::<C>(run, start + const { Word::WIDTH as isize })],
                false => [low; 2],
            }
        }

        /// Samples of `x` from `start` on, which may be negative: then they begin in the history. Zeros where there are
        /// none.
        #[$inline]
        #[$attr]
        fn known<const C: usize>(run: &Run<'_>, start: isize) -> Word {
            let inside = Word::load_from(run.x, start);
            if start >= 0 {
                return inside;
            }
            // Loads exactly what the last call wrote: a longer load would wait until those stores have reached the
            // cache.
            let history = match *run.history {
                [older, newer, ..] if C == 1 => Word::first_two([older, newer]),
                [a, b, c, d, ..] if C == 2 => Word::first_four([a, b, c, d]),
                _ => Word::splat(0.0),
            };
            inside.or(history.shifted(start + 2 * C as isize, -start))
        }
    };
}
pub(in crate::simd) use linear;
