//! Real-time scheduling of the thread on which a callback runs.

use std::sync::Arc;

use cpal::ErrorKind;

use super::complaints::Complaints;

/// Requests real-time scheduling once, in the first callback, because only there the thread is known. A refusal is
/// reported and changes nothing.
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

/// Requests first-in-first-out scheduling at a low real-time priority: above ordinary threads, and below the real-time
/// threads of the system itself.
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

/// On these platforms the audio system sets the priority.
#[cfg(not(all(unix, not(target_vendor = "apple"))))]
fn promote() -> bool {
    true
}

/// Whether this process may have its callbacks scheduled in real time. Tries it on a thread of its own.
#[must_use]
pub fn may_run_in_real_time() -> bool {
    std::thread::spawn(promote).join().unwrap_or(false)
}
