//! The marks that have been read and do not sound yet.

use heapless::Deque;

use crate::event::MarkId;

/// How many marks may wait inside the resampler's look-ahead.
const CAPACITY: usize = 16;

/// The marks that have been read and do not sound yet, each with its device frame in the segment.
#[derive(Debug, Default)]
pub(super) struct Marks(Deque<(u64, MarkId), CAPACITY>);

impl Marks {
    /// Adds a mark. Returns false if too many wait: the mark is lost.
    pub(super) fn push(&mut self, at_frame: u64, mark: MarkId) -> bool {
        self.0.push_back((at_frame, mark)).is_ok()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next mark before device frame `end` of the segment.
    #[inline]
    pub(super) fn pop_before(&mut self, end: u64) -> Option<(u64, MarkId)> {
        let (at_frame, _) = *self.0.front()?;
        if at_frame < end {
            self.0.pop_front()
        } else {
            None
        }
    }

    /// The next mark, at any frame.
    pub(super) fn pop(&mut self) -> Option<MarkId> {
        self.0.pop_front().map(|(_, mark)| mark)
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(all(test, not(rt_callback_loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_mark_comes_with_its_frame_and_the_seventeenth_is_lost() {
        let mut marks = Marks::default();
        for n in 0..16 {
            assert!(marks.push(10 * n, MarkId(n)));
        }
        assert!(!marks.push(160, MarkId(16)));
        assert_eq!(marks.pop_before(0), None);
        assert_eq!(marks.pop_before(11), Some((0, MarkId(0))));
        assert_eq!(marks.pop_before(11), Some((10, MarkId(1))));
        assert_eq!(marks.pop_before(11), None);
        assert_eq!(marks.pop(), Some(MarkId(2)));
        marks.clear();
        assert_eq!(marks.pop(), None);
    }
}
