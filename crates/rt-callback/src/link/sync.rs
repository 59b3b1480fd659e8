//! The atomics and the rings between the threads, so that `cargo xtask prove loom` can explore them.

#[cfg(not(all(test, rt_callback_loom)))]
pub(crate) use core::{
    hint::spin_loop,
    sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering, fence},
};

#[cfg(all(feature = "futures", not(all(test, rt_callback_loom))))]
pub(crate) use atomic_waker::AtomicWaker;
#[cfg(not(all(test, rt_callback_loom)))]
pub(crate) use rtrb as ring;

#[cfg(all(test, rt_callback_loom))]
pub(crate) use crate::model::ring;
#[cfg(all(feature = "futures", test, rt_callback_loom))]
pub(crate) use crate::model::waker::AtomicWaker;
#[cfg(all(test, rt_callback_loom))]
pub(crate) use crate::model::weakened::{AtomicBool, AtomicU32, AtomicU64, fence};
#[cfg(all(test, rt_callback_loom))]
pub(crate) use loom::{hint::spin_loop, sync::atomic::Ordering};

/// A word that only one thread writes.
pub(crate) trait OwnWord {
    /// The value, for the thread that writes it. Where every step is explored this is none: nobody can tell when it
    /// happens, and loom, which keeps only the last access to a word, would not see that what the thread stores next
    /// could come before what others loaded before this.
    fn own(&self) -> u64;
}

#[cfg(not(all(test, rt_callback_loom)))]
impl OwnWord for AtomicU64 {
    #[inline(always)]
    fn own(&self) -> u64 {
        self.load(Ordering::Relaxed)
    }
}

/// `count`, or so few where every step of a program is explored.
pub(crate) const fn or_modelled(count: usize, few: usize) -> usize {
    if cfg!(all(test, rt_callback_loom)) {
        few
    } else {
        count
    }
}
