//! Real-time scheduling of the thread that a callback runs on.

use std::sync::Arc;

use cpal::ErrorKind;

use super::complaints::Complaints;

/// A promotion that is asked for once, in the first callback: only there is it known which thread
/// that is. A refusal is told of and changes nothing.
pub(super) struct Promotion {
    complaints: Arc<Complaints>,
    asked: bool,
}

impl Promotion {
    pub(super) fn new(complaints: Arc<Complaints>) -> Self {
        Self {
            complaints,
            asked: false,
        }
    }

    pub(super) fn once(&mut self) {
        if !std::mem::replace(&mut self.asked, true) && !promote() {
            self.complaints.add(ErrorKind::RealtimeDenied);
        }
    }
}

/// First in, first out, at a low real-time priority: above every ordinary thread, below what the
/// system itself runs that way.
#[cfg(all(unix, not(target_vendor = "apple")))]
fn promote() -> bool {
    use thread_priority::unix::{
        RealtimeThreadSchedulePolicy, ThreadSchedulePolicy, set_thread_priority_and_policy,
        thread_native_id, thread_schedule_policy,
    };
    use thread_priority::{ThreadPriority, ThreadPriorityValue};

    const PRIORITY: u8 = 10;
    // JACK gives its threads a priority of its own.
    if matches!(
        thread_schedule_policy(),
        Ok(ThreadSchedulePolicy::Realtime(
            RealtimeThreadSchedulePolicy::Fifo | RealtimeThreadSchedulePolicy::RoundRobin
        ))
    ) {
        return true;
    }
    let Ok(priority) = ThreadPriorityValue::try_from(PRIORITY) else {
        return false;
    };
    set_thread_priority_and_policy(
        thread_native_id(),
        ThreadPriority::Crossplatform(priority),
        ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::Fifo),
    )
    .is_ok()
}

/// There the audio system sees to it.
#[cfg(not(all(unix, not(target_vendor = "apple"))))]
fn promote() -> bool {
    true
}

/// Whether this process may have its callbacks scheduled in real time. Tried on a thread of its
/// own.
#[must_use]
pub fn may_run_in_real_time() -> bool {
    std::thread::spawn(promote).join().unwrap_or(false)
}
