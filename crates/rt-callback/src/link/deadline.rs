//! The deadline of a blocking call, which polls.

use std::time::{Duration, Instant};

/// How long a waiting call sleeps between two looks.
const TICK: Duration = Duration::from_millis(5);

/// The time until which a call waits. `None` is for ever; a timeout that overflows the clock is so too.
#[derive(Clone, Copy)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    pub(crate) const NEVER: Self = Self(None);

    pub(crate) fn after(timeout: Duration) -> Self {
        Self(Instant::now().checked_add(timeout))
    }

    /// Sleeps until it is time to look again. Returns false at once if the deadline has passed.
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
