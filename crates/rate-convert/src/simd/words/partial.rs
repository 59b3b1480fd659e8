//! Loads and stores of less than a word, for instruction sets without masks. They go lane by lane: only the ends of a
//! run need them.
// x86 has masks.
#![allow(dead_code)]

/// Samples of `x` from `start` on, which may be negative; zeros where there are none.
#[inline]
pub(in crate::simd) fn load_from<const W: usize>(x: &[f32], start: isize) -> [f32; W] {
    let whole = usize::try_from(start).ok().and_then(|start| x.get(start..));
    if let Some(whole) = whole.and_then(|x| x.first_chunk()) {
        return *whole;
    }
    core::array::from_fn(|lane| {
        let at = usize::try_from(start.saturating_add_unsigned(lane));
        at.ok().and_then(|at| x.get(at)).copied().unwrap_or(0.0)
    })
}

/// As many values as there is room for, from the first on.
#[inline]
pub(in crate::simd) fn store_first<const W: usize>(lanes: [f32; W], to: &mut [f32]) {
    to.iter_mut().zip(lanes).for_each(|(to, lane)| *to = lane);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_zero_where_there_are_no_samples() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0];
        for len in 0..=x.len() {
            for start in -6..=6_isize {
                let want = core::array::from_fn(|lane| {
                    let at = start + lane as isize;
                    let known = (0..len as isize).contains(&at);
                    if known { (at + 1) as f32 } else { 0.0 }
                });
                assert_eq!(load_from::<4>(&x[..len], start), want, "{start} of {len}");
            }
            for start in [isize::MIN, isize::MAX] {
                assert_eq!(load_from::<4>(&x[..len], start), [0.0; 4]);
            }
        }
    }

    #[test]
    fn no_more_is_stored_than_there_is_room_for() {
        for len in 0..=6 {
            let mut to = [9.0; 6];
            store_first([1.0, 2.0, 3.0, 4.0], &mut to[..len]);
            for (at, value) in to.into_iter().enumerate() {
                let stored = at < len.min(4);
                assert_eq!(value, if stored { (at + 1) as f32 } else { 9.0 });
            }
        }
    }
}
