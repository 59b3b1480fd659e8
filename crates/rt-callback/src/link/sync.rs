//! The atomics and the rings between the threads, so that `cargo xtask test loom` can explore them.

#[cfg(not(all(test, rt_callback_loom)))]
pub(crate) use core::{
    hint::spin_loop,
    sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering, fence},
};
#[cfg(not(all(test, rt_callback_loom)))]
pub(crate) use rtrb as ring;

#[cfg(all(test, rt_callback_loom))]
pub(crate) use crate::model::ring;
#[cfg(all(test, rt_callback_loom))]
pub(crate) use loom::{
    hint::spin_loop,
    sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering, fence},
};
