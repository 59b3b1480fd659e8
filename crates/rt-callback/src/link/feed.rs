//! How much has been queued, and whether that was interrupted: one word, so that both are known at one
//! instant.

use crate::link::sync::{AtomicU64, Ordering};

/// What is queued was interrupted after the feeder last looked.
const CUT: u64 = 1;
/// What is being pushed was being pushed when the stream was held.
const HELD: u64 = 2;
/// One frame: the count stands above the flags.
const FRAME: u64 = 4;

/// The count of source frames that have been queued, with two flags below it.
///
/// A frame is counted here *before* its bytes are in the queue. An interruption takes the count and leaves its
/// flag in one step. A feeder that must not go on after an interruption counts frames only where there is no
/// flag, in one step as well. So every frame either lies before the interruption, which drops it, or is pushed
/// by a feeder that may push it.
///
/// The word is whole by itself. Its orderings are for what goes with a flag: the length of the fade, which comes before an
/// interruption, and where something new begins, which comes before the flag of a hold is taken away.
#[derive(Debug)]
pub(crate) struct Feed {
    word: AtomicU64,
    /// Where the first thing begins that was pushed after the stream was held: written with the flag, and by the
    /// feeder before it takes the flag away.
    held_until: AtomicU64,
}

/// An interruption, found by the feeder: it drops every frame before this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CutAt(pub(crate) u64);

fn cut_of(word: u64) -> Option<CutAt> {
    (word & CUT != 0).then_some(CutAt(word / FRAME))
}

impl Feed {
    pub(crate) fn new() -> Self {
        Self {
            word: AtomicU64::new(0),
            held_until: AtomicU64::new(0),
        }
    }

    /// Source frames that have been queued.
    pub(crate) fn frames(&self) -> u64 {
        self.word.load(Ordering::Relaxed) / FRAME
    }

    /// Any thread: interrupts what has been queued, and returns where it ends.
    pub(crate) fn interrupt(&self) -> u64 {
        self.word.fetch_or(CUT, Ordering::Release) / FRAME
    }

    /// Any thread: holds what is being pushed. That it was held stays with it, although the hold may be lifted: only a
    /// stream that is held can be discarded, so only the latest hold matters, and to take the flag away might take
    /// that of another thread's.
    pub(crate) fn hold(&self) {
        self.held_until.fetch_max(self.frames(), Ordering::Relaxed);
        self.word.fetch_or(HELD, Ordering::Relaxed);
    }

    /// Any thread: interrupts what was held, and returns where it ends.
    pub(crate) fn discard(&self) -> u64 {
        let discarded = |word| (word & HELD != 0).then_some((word | CUT) & !HELD);
        match self
            .word
            .fetch_update(Ordering::Release, Ordering::Acquire, discarded)
        {
            Ok(word) => word / FRAME,
            Err(_) => self.held_until.load(Ordering::Relaxed),
        }
    }

    /// The feeder: looks whether what it is pushing has been interrupted.
    pub(crate) fn cut(&self) -> Option<CutAt> {
        cut_of(self.word.load(Ordering::Relaxed))
    }

    /// The feeder: begins something new, which no interruption and no hold so far concerns. Returns the
    /// interruption that came before it and had not been seen.
    pub(crate) fn begin(&self) -> Option<CutAt> {
        let begun = |word| {
            if word & HELD != 0 {
                self.held_until.fetch_max(word / FRAME, Ordering::Relaxed);
            }
            (word & (CUT | HELD) != 0).then_some(word & !(CUT | HELD))
        };
        let found = self
            .word
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, begun);
        found.ok().and_then(cut_of)
    }

    /// The feeder: counts frames that it is about to queue. Those of something that `is_begun` are refused,
    /// with the interruption, where one has come since. Others come behind an interruption that comes just
    /// now, which is returned.
    pub(crate) fn count(&self, frames: usize, is_begun: bool) -> Result<Option<CutAt>, CutAt> {
        let more = (frames as u64).wrapping_mul(FRAME);
        let word = self.word.load(Ordering::Relaxed);
        if !is_begun && word & (CUT | HELD) == 0 {
            // In two steps, which wait for nothing. A flag that is left between them is lost: to the same effect,
            // since what is pushed here comes behind it.
            self.word.store(word.wrapping_add(more), Ordering::Relaxed);
            return Ok(None);
        }
        let counted = |word: u64| {
            let refused = is_begun && word & CUT != 0;
            (!refused).then_some((word & !CUT).wrapping_add(more))
        };
        self.word
            .fetch_update(Ordering::Acquire, Ordering::Relaxed, counted)
            .map(cut_of)
            .map_err(|word| CutAt(word / FRAME))
    }
}

#[cfg(all(test, not(rt_callback_loom)))]
mod tests {
    use super::*;

    #[test]
    fn an_interruption_stops_what_was_begun_before_it_and_nothing_else() {
        let feed = Feed::new();
        assert_eq!(feed.begin(), None);
        assert_eq!(feed.count(10, true), Ok(None));
        assert_eq!(feed.interrupt(), 10);
        assert_eq!(feed.count(5, true), Err(CutAt(10)), "begun before");
        assert_eq!(feed.begin(), Some(CutAt(10)));
        assert_eq!(feed.count(5, true), Ok(None), "begun after");
        assert_eq!(feed.interrupt(), 15);
        assert_eq!(feed.count(5, false), Ok(Some(CutAt(15))), "comes behind it");
        assert_eq!(feed.cut(), None);
        assert_eq!(feed.frames(), 20);
    }

    #[test]
    fn what_is_held_is_discarded_with_all_that_was_pushed_into_it() {
        let feed = Feed::new();
        assert_eq!(feed.count(10, true), Ok(None));
        feed.hold();
        assert_eq!(feed.count(5, true), Ok(None));
        assert_eq!(feed.discard(), 15);
        assert_eq!(feed.count(1, true), Err(CutAt(15)));
        assert_eq!(feed.begin(), Some(CutAt(15)));
        feed.hold();
        assert_eq!(feed.begin(), None, "something else is begun");
        assert_eq!(feed.count(7, true), Ok(None));
        assert_eq!(feed.discard(), 15, "and is kept");
        assert_eq!(feed.cut(), None);
    }
}
