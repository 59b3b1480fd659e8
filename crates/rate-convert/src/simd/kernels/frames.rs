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
            let (phases, channels) = (run.phases, run.channels);
            // The last word of a frame overlaps the one before it. Of a frame that is shorter than a word, the word
            // writes into the next frames as well, which are written after it.
            let last = channels.saturating_sub(Word::WIDTH);
            let near = Near::<{ Word::WIDTH }>::new(run.x, channels, last);
            let way = Way::new(phases, 1);
            let mut place = Place::new(phases, run.at, run.remainder);
            let mut done = 0;
            // By turns the frames of which all words are in `x` and in `out`, and one of which some are not. What the
            // second takes would cost the first its registers.
            while done < out.len() {
                let mut to = NearMut::<{ Word::WIDTH }>::new(out, last);
                let q = phases.place_in(place.remainder(phases));
                let mut one = |([behind], [before]): Mirrored<'_, 1>| {
                    let start = (place.at * channels as isize) as usize;
                    let (Some(from), Some(mut to)) = (near.at(start), to.at(done)) else {
                        return false;
                    };
                    let (before, behind) = match KEPT {
                        true => (*before, *behind),
                        false => phases.parts(place.remainder(phases)),
                    };
                    let (before, behind) = (Word::splat(before), Word::splat(behind));
                    if last == 0 {
                        let (here, next) = from.window(0);
                        mixed(Word::load(here), Word::load(next), before, behind)
                            .store(to.window(0));
                    } else {
                        for channel in (0..channels).step_by(Word::WIDTH) {
                            let (here, next) = from.window(channel);
                            mixed(Word::load(here), Word::load(next), before, behind)
                                .store(to.window(channel));
                        }
                    }
                    place.forth(&way);
                    done += channels;
                    true
                };
                let mut inside = true;
                if KEPT {
                    for weights in kept.walk(q, 1) {
                        inside = one(weights);
                        if !inside {
                            break;
                        }
                    }
                } else {
                    while inside {
                        inside = one((&[0.0], &[0.0]));
                    }
                }
                if inside {
                    continue; // at the end of the cycle
                }
                let by = phases.parts(place.remainder(phases));
                let Some(frame) = out.get_mut(done..done + channels) else {
                    return;
                };
                one_frame(run, place.at, by, frame);
                place.forth(&way);
                done += channels;
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
