//! The bytes of an unfinished frame.

use alloc::boxed::Box;
use alloc::vec;

/// The bytes of one frame that have been pushed so far.
#[derive(Debug, Default)]
pub(super) struct Partial {
    bytes: Box<[u8]>,
    len: usize,
}

impl Partial {
    /// Allocates room for a frame.
    pub(super) fn new(frame_bytes: usize) -> Self {
        Self {
            bytes: vec![0; frame_bytes].into_boxed_slice(),
            len: 0,
        }
    }

    /// How many bytes have been pushed.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    /// How many bytes the frame lacks.
    pub(super) fn missing(&self) -> usize {
        self.bytes.len().saturating_sub(self.len)
    }

    /// Takes as many of `bytes` as the frame lacks, and returns how many.
    #[cold]
    pub(super) fn take(&mut self, bytes: &[u8]) -> usize {
        let room = self.bytes.get_mut(self.len..).unwrap_or_default();
        let count = room.len().min(bytes.len());
        for (to, from) in room.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.len += count;
        count
    }

    /// The whole frame.
    pub(super) fn frame(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(all(test, not(rt_callback_loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_frame_takes_what_it_lacks_and_no_more() {
        let mut partial = Partial::new(4);
        partial.take(&[1, 2, 3]);
        assert_eq!((partial.len(), partial.missing()), (3, 1));
        partial.take(&[4, 5]);
        assert_eq!((partial.frame(), partial.missing()), (&[1, 2, 3, 4][..], 0));
        partial.clear();
        assert_eq!((partial.len(), partial.missing()), (0, 4));
    }
}
