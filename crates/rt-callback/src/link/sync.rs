//! The atomics and the rings between the threads, or their models for `cargo xtask prove loom`.

#[cfg(all(not(all(test, rt_callback_loom)), not(feature = "portable-atomic")))]
pub(crate) use core::sync::atomic::AtomicU64;
#[cfg(not(all(test, rt_callback_loom)))]
pub(crate) use core::{
    hint::spin_loop,
    sync::atomic::{AtomicBool, AtomicU32, Ordering, fence},
};
#[cfg(all(not(all(test, rt_callback_loom)), feature = "portable-atomic"))]
pub(crate) use portable_atomic::AtomicU64;

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
    /// Loads the value, for the thread that writes it.
    ///
    /// Under loom this load is no step to explore: no other thread can tell when it happens. Loom keeps only the last
    /// access to a word. With this load as that access, loom would miss the orders in which the thread's next store
    /// comes before earlier loads of others.
    fn own(&self) -> u64;
}

#[cfg(not(all(test, rt_callback_loom)))]
impl OwnWord for AtomicU64 {
    #[inline(always)]
    fn own(&self) -> u64 {
        self.load(Ordering::Relaxed)
    }
}

/// `count`, or `few` under loom, which explores every step.
pub(crate) const fn or_modelled(count: usize, few: usize) -> usize {
    if cfg!(all(test, rt_callback_loom)) {
        few
    } else {
        count
    }
}
