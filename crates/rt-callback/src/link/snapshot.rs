//! Words that are read as they were written together: the sequence lock, or what a model takes it for.

#[cfg(not(all(test, rt_callback_loom)))]
pub(crate) use crate::link::seqlock::SeqLock;
#[cfg(all(test, rt_callback_loom))]
pub(crate) use crate::model::register::SeqLock;
