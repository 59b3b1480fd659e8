//! The sequence lock, or its stand-in where loom explores the engine.

#[cfg(not(all(test, rt_callback_loom)))]
pub(crate) use crate::link::seqlock::SeqLock;
#[cfg(all(test, rt_callback_loom))]
pub(crate) use crate::model::register::SeqLock;
