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

    /// Whether nothing has been tried yet.
    pub(super) fn is_untried(self) -> bool {
        self.pause == FIRST_PAUSE
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

/// A default device that is followed, and the attempts to move to another one.
#[derive(Debug)]
pub(super) struct Followed {
    /// The default device that the stream was opened on.
    id: String,
    /// When it was last asked which device is the default.
    asked: Instant,
    /// Another default device, which could not be opened.
    refused: Option<(String, Search)>,
}

impl Followed {
    pub(super) fn new(id: String, now: Instant) -> Self {
        Self {
            id,
            asked: now,
            refused: None,
        }
    }

    /// Whether to ask again which device is the default. Notes that it is asked then.
    pub(super) fn is_due(&mut self, interval: Duration, now: Instant) -> bool {
        let is_due = now.saturating_duration_since(self.asked) >= interval;
        if is_due {
            self.asked = now;
        }
        is_due
    }

    /// Whether to try to move now to this device, which is the default.
    pub(super) fn is_left_for(&mut self, default: &str, now: Instant) -> bool {
        if self.refused.as_ref().is_some_and(|(id, _)| id != default) {
            self.refused = None;
        }
        let is_due = |(_, search): &(String, Search)| search.is_due(now);
        default != self.id && self.refused.as_ref().is_none_or(is_due)
    }

    /// Notes that this device could not be opened.
    pub(super) fn is_refused(&mut self, default: String, now: Instant) {
        let search = match self.refused.take() {
            Some((_, search)) => search,
            None => Search::new(now),
        };
        self.refused = Some((default, search.failed(now)));
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
    fn a_default_device_that_does_not_open_is_tried_more_and_more_seldom() {
        let begin = Instant::now();
        let at = |ms| begin + Duration::from_millis(ms);
        let mut followed = Followed::new("one".into(), begin);
        assert!(!followed.is_due(FIRST_PAUSE, at(49)) && followed.is_due(FIRST_PAUSE, at(50)));
        assert!(!followed.is_due(FIRST_PAUSE, at(99)));
        assert!(!followed.is_left_for("one", at(50)));
        let mut tried = Vec::new();
        for ms in (0..2_000).step_by(10) {
            if followed.is_left_for("two", at(ms)) {
                tried.push(ms);
                followed.is_refused("two".into(), at(ms));
            }
        }
        assert_eq!(tried, [0, 50, 150, 350, 750, 1_550]);
        // Another one is tried at once, and so is one that was not the default meanwhile.
        assert!(followed.is_left_for("three", at(2_000)));
        followed.is_refused("three".into(), at(2_000));
        assert!(!followed.is_left_for("three", at(2_010)));
        assert!(!followed.is_left_for("one", at(2_020)));
        assert!(followed.is_left_for("three", at(2_030)));
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
