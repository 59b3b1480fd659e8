//! For the calls that wait by looking now and then.

use std::time::{Duration, Instant};

/// How often a waiting call looks again.
const TICK: Duration = Duration::from_millis(5);

/// Until when a call waits; a time too far away to be told is never.
#[derive(Clone, Copy)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    pub(crate) const NEVER: Self = Self(None);

    pub(crate) fn after(timeout: Duration) -> Self {
        Self(Instant::now().checked_add(timeout))
    }

    /// Waits until it is time to look again; false, at once, where the time is over.
    pub(crate) fn wait(self) -> bool {
        let left = match self.0 {
            Some(end) => end.saturating_duration_since(Instant::now()),
            None => Duration::MAX,
        };
        if !left.is_zero() {
            std::thread::sleep(TICK.min(left));
        }
        !left.is_zero()
    }
}
