//! Linear interpolation of any number of channels, at any ratio: one output frame at a time, its channels in words.

/// `linear_frames`.
macro_rules! frames {
    ($attr:meta, $inline:meta) => {
        #[$attr]
        pub(in crate::simd) fn linear_frames(run: &Run<'_>, out: &mut [f32]) {
            match Cycle::new(run.weights, run.phases.cycle) {
                Some(kept) if run.phases.cycle > 0 => frames_of::<true>(run, kept, out),
                _ => frames_of::<false>(run, Cycle::default(), out),
            }
        }

        /// `KEPT`: the weights of a cycle are kept.
        #[inline(never)]
        #[$attr]
        fn frames_of<const KEPT: bool>(run: &Run<'_>, kept: Cycle<'_, 1>, out: &mut [f32]) {
            let channels = run.channels;
            // The last word of a frame overlaps the one before it. Of a frame that is shorter than a word, the word
            // writes into the next frames as well, which are written after it.
            let last = channels.saturating_sub(Word::WIDTH);
            let near = Near::<{ Word::WIDTH }>::new(run.x, channels, last);
            let mut position = Position {
                ahead: run.at as i64,
                remainder: run.remainder,
            };
            let mut rest = out;
            // By turns the frames of which all words are in `x` and in `out`, and one of which some are not. What the
            // second takes would cost the first its registers.
            while !rest.is_empty() {
                let mut q = run.phases.place_in(position.remainder);
                while rest.len() >= last + Word::WIDTH {
                    let start = (position.ahead as isize).wrapping_mul(channels as isize);
                    let Some(found) = near.at(start as usize) else {
                        break;
                    };
                    let (before, behind) = if KEPT {
                        let Some(([behind], [before])) = kept.at(q) else {
                            q = 0;
                            continue;
                        };
                        q += 1;
                        (Word::splat(*before), Word::splat(*behind))
                    } else {
                        let (before, behind) = run.phases.parts(position.remainder);
                        (Word::splat(before), Word::splat(behind))
                    };
                    if last == 0 {
                        let ([here, _], [next, _]) = found.windows();
                        if let Some(to) = rest.first_chunk_mut() {
                            mixed(Word::load(here), Word::load(next), before, behind).store(to);
                        }
                    } else {
                        for channel in (0..channels).step_by(Word::WIDTH) {
                            let channel = channel.min(last);
                            let (here, next) = found.window(channel);
                            let to = rest.get_mut(channel..).and_then(|to| to.first_chunk_mut());
                            if let Some(to) = to {
                                mixed(Word::load(here), Word::load(next), before, behind).store(to);
                            }
                        }
                    }
                    rest = rest.get_mut(channels..).unwrap_or_default();
                    position = run.phases.next(position);
                }
                let Some((frame, more)) = rest.split_at_mut_checked(channels) else {
                    return;
                };
                let by = run.phases.parts(position.remainder);
                one_frame(run, position.ahead as isize, by, frame);
                rest = more;
                position = run.phases.next(position);
            }
        }

        /// The frame between frame `at` and the next one, wherever these are.
        #[inline(never)]
        #[$attr]
        fn one_frame(run: &Run<'_>, at: isize, (before, behind): (f32, f32), out: &mut [f32]) {
            let (before, behind) = (Word::splat(before), Word::splat(behind));
            let (here, next) = (run.frame(at, run.channels), run.frame(at + 1, run.channels));
            for (n, to) in out.chunks_mut(Word::WIDTH).enumerate() {
                let word = |x| Word::load_from(x, (n * Word::WIDTH) as isize);
                mixed(word(here), word(next), before, behind).store_first(to);
            }
        }

        #[$inline]
        #[$attr]
        fn mixed(here: Word, next: Word, before: Word, behind: Word) -> Word {
            let sum = here.part_of(before).plus(next.part_of(behind));
            sum.unless_zero(behind, here)
        }
    };
}
pub(in crate::simd) use frames;
