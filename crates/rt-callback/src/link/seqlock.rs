//! A sequence lock: words that one thread writes and others read as one consistent set.

use crate::link::sync::{AtomicU64, Ordering, OwnWord, fence, spin_loop};

/// Words that one thread writes and others read as one consistent set.
///
/// The writer never waits. The sequence number is odd during a write, and a reader that meets a write reads again. The
/// orderings are those of Hans-J. Boehm, "Can seqlocks get along with programming language memory models?", MSPC 2012.
#[derive(Debug)]
pub(crate) struct SeqLock<const WORDS: usize> {
    pub(crate) sequence: AtomicU64,
    pub(crate) words: [AtomicU64; WORDS],
}

impl<const WORDS: usize> Default for SeqLock<WORDS> {
    fn default() -> Self {
        Self {
            sequence: AtomicU64::new(0),
            words: core::array::from_fn(|_| AtomicU64::new(0)),
        }
    }
}

impl<const WORDS: usize> SeqLock<WORDS> {
    /// Publishes all words. Only one thread may call this.
    #[inline]
    pub(crate) fn write(&self, words: &[u64; WORDS]) {
        self.write_some::<0, WORDS>(words);
    }

    /// Publishes the words from `BEGIN` up to `END`, and leaves the others as they are. (Inlined, so that these are not
    /// even made.)
    #[inline(always)]
    pub(crate) fn write_some<const BEGIN: usize, const END: usize>(&self, words: &[u64; WORDS]) {
        const { assert!(BEGIN <= END && END <= WORDS) }
        self.publish(|slots| {
            for n in BEGIN..END {
                if let (Some(slot), Some(word)) = (slots.get(n), words.get(n)) {
                    slot.store(*word, Ordering::Relaxed);
                }
            }
        });
    }

    /// Publishes some words in their places from `begin` on, and leaves the others as they are.
    pub(crate) fn write_at<const COUNT: usize>(&self, begin: usize, words: &[u64; COUNT]) {
        self.publish(|slots| {
            for (slot, word) in slots.iter().skip(begin).zip(words) {
                slot.store(*word, Ordering::Relaxed);
            }
        });
    }

    #[inline(always)]
    fn publish(&self, store: impl FnOnce(&[AtomicU64; WORDS])) {
        let sequence = self.sequence.own();
        self.sequence
            .store(sequence.wrapping_add(1), Ordering::Relaxed);
        fence(Ordering::Release);
        store(&self.words);
        self.sequence
            .store(sequence.wrapping_add(2), Ordering::Release);
    }

    /// The sequence number, which every write changes.
    #[cfg(all(feature = "futures", feature = "std", not(all(test, rt_callback_loom))))]
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence.load(Ordering::Acquire)
    }

    /// Reads the words of one write, never a mixture of two.
    pub(crate) fn read(&self) -> [u64; WORDS] {
        loop {
            let before = self.sequence.load(Ordering::Acquire);
            let mut words = [0; WORDS];
            for (word, slot) in words.iter_mut().zip(&self.words) {
                *word = slot.load(Ordering::Relaxed);
            }
            fence(Ordering::Acquire);
            if before.is_multiple_of(2) && self.sequence.load(Ordering::Relaxed) == before {
                return words;
            }
            spin_loop();
        }
    }
}

#[cfg(all(test, not(rt_callback_loom)))]
mod tests {
    extern crate std;
    use super::*;
    use std::sync::Arc;

    const WORDS: usize = 20;

    #[test]
    fn a_snapshot_is_never_a_mixture_of_two_writes() {
        let lock = Arc::new(SeqLock::<WORDS>::default());
        let writer = {
            let lock = Arc::clone(&lock);
            std::thread::spawn(move || {
                for value in 1..=200_000 {
                    lock.write(&[value; WORDS]);
                }
            })
        };
        let mut last = 0;
        while last < 200_000 {
            let words = lock.read();
            assert!(words.iter().all(|word| *word == words[0]), "{words:?}");
            assert!(words[0] >= last);
            last = words[0];
        }
        writer.join().unwrap();
    }
}
