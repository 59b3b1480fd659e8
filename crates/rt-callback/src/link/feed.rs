//! How many frames have been queued, and whether they were interrupted. Both are in one word, so that they are read and
//! changed together.

use crate::link::sync::{AtomicU64, Ordering};

/// Flag: an interruption has come since the feeder last looked.
const CUT: u64 = 1;
/// Flag: the open utterance or call was open when the stream was held.
const HELD: u64 = 2;
/// One frame in the count, which stands above the flags.
const FRAME: u64 = 4;

/// The count of source frames that have been queued, with two flags below it.
///
/// The feeder counts a frame here *before* its bytes are in the queue. An interruption reads the count and sets its
/// flag in one step. A feeder that must not go on after an interruption adds frames only if the flag is not set, in one
/// step as well. So every frame either lies before the interruption, which drops it, or may be pushed.
///
/// The word needs no ordering for itself. The orderings are for two other stores: the length of the fade, before the
/// flag of an interruption is set, and `held_until`, before the flag of a hold is cleared.
#[derive(Debug)]
pub(crate) struct Feed {
    word: AtomicU64,
    /// The frame before which a discard drops everything, if the flag of the hold has been cleared: the beginning of
    /// the first utterance or call after the hold. The hold writes it, and so does the feeder before it clears the
    /// flag.
    held_until: AtomicU64,
}

/// An interruption that the feeder found. It drops every frame before this one.
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

    /// How many source frames have been queued.
    pub(crate) fn frames(&self) -> u64 {
        self.word.load(Ordering::Relaxed) / FRAME
    }

    /// For any thread: interrupts what has been queued, and returns the frame at which that ends.
    pub(crate) fn interrupt(&self) -> u64 {
        self.word.fetch_or(CUT, Ordering::Release) / FRAME
    }

    /// For any thread: flags the open utterance or call as held.
    ///
    /// Lifting the hold leaves the flag set, because clearing it could clear the flag of another thread's hold. That is
    /// harmless: only a held stream can be discarded, so only the latest hold matters.
    pub(crate) fn hold(&self) {
        self.held_until.fetch_max(self.frames(), Ordering::Relaxed);
        self.word.fetch_or(HELD, Ordering::Relaxed);
    }

    /// For any thread: interrupts what was held, and returns the frame at which that ends.
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

    /// For the feeder: whether the open utterance or call has been interrupted.
    pub(crate) fn cut(&self) -> Option<CutAt> {
        cut_of(self.word.load(Ordering::Relaxed))
    }

    /// For the feeder: begins an utterance or a call, which no earlier interruption or hold concerns. Returns an
    /// interruption that the feeder had not seen yet.
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

    /// For the feeder: counts frames that it is about to queue.
    ///
    /// With `is_begun` they belong to an open utterance or a waiting call. An interruption since its beginning refuses
    /// them, and is the error. Without `is_begun` the frames come behind any interruption, and one that has just come
    /// is returned.
    pub(crate) fn count(&self, frames: usize, is_begun: bool) -> Result<Option<CutAt>, CutAt> {
        let more = (frames as u64).wrapping_mul(FRAME);
        let word = self.word.load(Ordering::Relaxed);
        if !is_begun && word & (CUT | HELD) == 0 {
            // Load and store are wait-free, unlike `fetch_update`. They lose a flag that is set between them. That
            // changes nothing, because the frames of this call come behind it.
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
