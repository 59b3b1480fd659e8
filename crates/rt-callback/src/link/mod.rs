//! What crosses the threads: queues, latest-wins words, and snapshots of counters.
//!
//! Every half uses this module, and no half waits for another in it.

pub(crate) mod controls;
pub(crate) mod counters;
#[cfg(feature = "std")]
pub(crate) mod deadline;
pub(crate) mod feed;
pub(crate) mod heard;
pub(crate) mod queue;
pub(crate) mod report;
pub(crate) mod seqlock;
pub(crate) mod shared;
pub(crate) mod since;
pub(crate) mod snapshot;
pub(crate) mod source_time;
pub(crate) mod stamp;
pub(crate) mod sync;
pub(crate) mod timed;
#[cfg(feature = "futures")]
pub(crate) mod waiting;
