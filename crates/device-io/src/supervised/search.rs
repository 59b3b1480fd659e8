//! Decides when to try for a device again. It reads no clock, and knows no threads or devices.

use std::time::{Duration, Instant};

/// The first pause between two attempts. Each pause is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LAST_PAUSE: Duration = Duration::from_secs(5);

/// A series of attempts to open a device.
#[derive(Debug, Clone, Copy)]
pub(super) struct Search {
    since: Instant,
    next: Instant,
    pause: Duration,
}

impl Search {
    /// Begins a search. The first attempt is due at once.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            since: now,
            next: now,
            pause: FIRST_PAUSE,
        }
    }

    /// The search after a failed attempt.
    pub(super) fn failed(self, now: Instant) -> Self {
        Self {
            since: self.since,
            next: now + self.pause,
            pause: (self.pause * 2).min(LAST_PAUSE),
        }
    }

    pub(super) fn is_due(self, now: Instant) -> bool {
        now >= self.next
    }

    /// The time until the next attempt.
    pub(super) fn rest(self, now: Instant) -> Duration {
        self.next.saturating_duration_since(now)
    }

    /// Whether the search has not yet taken longer than `patience`.
    pub(super) fn is_within(self, patience: Option<Duration>, now: Instant) -> bool {
        patience.is_none_or(|patience| now.saturating_duration_since(self.since) < patience)
    }
}

/// The attempts to return to the requested device.
#[derive(Debug, Clone, Copy)]
pub(super) struct WayHome {
    search: Search,
    /// Whether the device was there and died. Until the next attempt is due, any other device is better.
    has_died: bool,
}

impl WayHome {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            search: Search::new(now),
            has_died: false,
        }
    }

    pub(super) fn is_due(self, now: Instant) -> bool {
        self.search.is_due(now)
    }

    pub(super) fn is_shunned(self, now: Instant) -> bool {
        self.has_died && !self.is_due(now)
    }

    /// Notes that the device could not be opened.
    pub(super) fn is_missing(&mut self, now: Instant) {
        self.search = self.search.failed(now);
    }

    /// Notes that the device could be opened, but did not start or died at once.
    pub(super) fn died(&mut self, now: Instant) {
        self.search = self.search.failed(now);
        self.has_died = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_to_five_seconds_and_patience_may_have_no_end() {
        let begin = Instant::now();
        let (mut search, mut now) = (Search::new(begin), begin);
        let mut pauses = Vec::new();
        for _ in 0..10 {
            assert!(search.is_due(now));
            search = search.failed(now);
            assert!(!search.is_due(now));
            let rest = search.rest(now);
            pauses.push(rest.as_millis());
            now += rest;
        }
        assert_eq!(
            pauses,
            [50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]
        );
        let waited = now - begin;
        assert!(!search.is_within(Some(waited), now));
        assert!(search.is_within(Some(waited + FIRST_PAUSE), now));
        assert!(search.is_within(Some(Duration::MAX), now) && search.is_within(None, now));
    }

    #[test]
    fn a_home_that_died_is_shunned_until_it_is_due() {
        let now = Instant::now();
        let mut home = WayHome::new(now);
        home.is_missing(now);
        assert!(!home.is_due(now) && !home.is_shunned(now));
        home.died(now);
        assert!(home.is_shunned(now));
        let later = now + 2 * FIRST_PAUSE;
        assert!(home.is_due(later) && !home.is_shunned(later));
    }
}
