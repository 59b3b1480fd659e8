//! The sequence lock in one step, with the properties that its own models show. A read returns the words of one write,
//! not an older one than the read before, and sees everything that came before that write. The models of the lock go
//! word by word; in all others that would only multiply the executions.

extern crate std;

use alloc::vec::Vec;
use std::sync::Mutex;

use loom::sync::atomic::{AtomicU64, Ordering};

#[derive(Debug)]
pub(crate) struct SeqLock<const WORDS: usize> {
    /// All writes. The lock is never contended, because loom switches threads only at its own operations.
    written: Mutex<Vec<[u64; WORDS]>>,
    latest: AtomicU64,
}

impl<const WORDS: usize> Default for SeqLock<WORDS> {
    fn default() -> Self {
        Self {
            written: Mutex::new(alloc::vec![[0; WORDS]]),
            latest: AtomicU64::new(0),
        }
    }
}

impl<const WORDS: usize> SeqLock<WORDS> {
    pub(crate) fn write(&self, words: &[u64; WORDS]) {
        self.write_some::<0, WORDS>(words);
    }

    pub(crate) fn write_some<const BEGIN: usize, const END: usize>(&self, words: &[u64; WORDS]) {
        self.publish(|next| next[BEGIN..END].copy_from_slice(&words[BEGIN..END]));
    }

    pub(crate) fn write_at<const COUNT: usize>(&self, begin: usize, words: &[u64; COUNT]) {
        self.publish(|next| next[begin..begin + COUNT].copy_from_slice(words));
    }

    fn publish(&self, store: impl FnOnce(&mut [u64; WORDS])) {
        let mut written = self.written.lock().unwrap();
        let mut next = *written.last().unwrap();
        store(&mut next);
        let number = written.len();
        written.push(next);
        drop(written);
        self.latest.store(number as u64, Ordering::Release);
    }

    #[cfg(all(feature = "futures", feature = "std"))]
    pub(crate) fn sequence(&self) -> u64 {
        2 * self.latest.load(Ordering::Acquire)
    }

    pub(crate) fn read(&self) -> [u64; WORDS] {
        let number = self.latest.load(Ordering::Acquire);
        self.written.lock().unwrap()[number as usize]
    }
}
