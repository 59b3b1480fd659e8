//! The declared ends that were passed, and notices for the renderer.

use crate::link::counters::End;

/// The declared ends that have been passed.
#[derive(Debug, Default)]
pub(super) struct Ends {
    last: End,
    /// Whether something has been dropped since the last end.
    is_cut: bool,
}

impl Ends {
    pub(super) fn last(&self) -> End {
        self.last
    }

    pub(super) fn note_dropped(&mut self) {
        self.is_cut = true;
    }

    /// Passes an end. The sound before it ended at device frame `at_frame`.
    pub(super) fn pass(&mut self, at_frame: u64, is_cut: bool) {
        self.last = End {
            number: self.last.number + 1,
            at_frame,
            is_cut: core::mem::take(&mut self.is_cut) || is_cut,
        };
    }
}

/// What the renderer has to know before it goes on.
#[derive(Debug, Default)]
pub(super) struct Notices {
    /// A declared end or an interruption's end was passed.
    pub(super) ended: bool,
    /// The sound was cut off before its fade had reached zero.
    pub(super) falls: bool,
    /// A source change took effect, or a sound ended, so that the next frames may be made in another way.
    pub(super) turned: bool,
}

#[cfg(all(test, not(rt_callback_loom)))]
mod tests {
    use super::*;

    #[test]
    fn an_end_tells_of_what_was_dropped_since_the_one_before() {
        let mut ends = Ends::default();
        ends.note_dropped();
        ends.pass(480, false);
        assert_eq!((ends.last().number, ends.last().at_frame), (1, 480));
        assert!(ends.last().is_cut);
        ends.pass(960, false);
        assert!(!ends.last().is_cut);
        ends.pass(960, true);
        assert_eq!((ends.last().number, ends.last().is_cut), (3, true));
    }
}
