//! Watching a running device: whether it lives, and whether it is still the right one.

use std::time::{Duration, Instant};

use super::Worker;
use super::phase::{Origin, Phase, Running};
use crate::loan::Handle;
use crate::seam::DeviceEvent;
use crate::supervised::bury::bury;
use crate::supervised::life::Death;
use crate::supervised::parked::StandIn;
use crate::supervised::policy::Policy;
use crate::supervised::search::{Followed, Search, WayHome};
use crate::supervised::state::locked;

/// How many events to take at one look. Some devices never stop sending them.
const EVENTS: usize = 1_000;
/// A device has recovered when it has called this often and lived this long. If it dies sooner, it counts as a failed
/// attempt.
const RECOVERED: (u64, Duration) = (3, Duration::from_secs(1));

impl<T: StandIn> Worker<T> {
    /// Looks at a running device, and acts if it has died or another one is right.
    pub(super) fn look_after(&mut self, now: Instant) {
        let Phase::Running(running) = &mut self.phase else {
            return;
        };
        let Running {
            placed,
            life,
            since,
            origin,
        } = running;
        for event in std::iter::from_fn(|| placed.device.poll_event()).take(EVENTS) {
            if life.hear(&event, now) {
                let _ = self.events.send(event);
            }
        }
        let progress = placed.device.progress();
        locked(&self.state).progress = progress;
        let death = life.look(progress, now);
        let (blocks, age) = RECOVERED;
        let is_old = now.saturating_duration_since(*since) >= age;
        let is_named = placed.id.is_some();
        if is_old && (progress.is_none() || life.blocks() >= blocks) {
            *origin = Origin::Settled;
            if is_named {
                self.home = WayHome::new(now);
            }
        }
        let origin = *origin;
        match death {
            Some(Death::Ended(words)) => self.end(words),
            Some(death) => {
                self.tell(match death {
                    Death::Lost(words) | Death::Ended(words) => DeviceEvent::Lost(words),
                    Death::Invalidated(words) => DeviceEvent::Invalidated(words),
                    Death::Stalled(silent) => DeviceEvent::Stalled(silent),
                    Death::Spinning(errors) => DeviceEvent::Spinning { errors },
                });
                if is_named && !matches!(origin, Origin::Settled) {
                    self.home.died(now);
                }
                self.give_up(match origin {
                    Origin::Search(search) => search.failed(now),
                    Origin::Settled | Origin::Home => Search::new(now),
                });
            }
            None if self.looks_for_home(now) => self.look_for_home(),
            None => self.watch_default(now),
        }
    }

    /// Moves to another device if that has become the default and can be opened. The stream plays on until then.
    fn watch_default(&mut self, now: Instant) {
        let is_on_default =
            matches!(&self.phase, Phase::Running(running) if running.placed.id.is_none());
        let interval = self.supervision.default_interval;
        let is_due = |followed: &mut Followed| followed.is_due(interval, now);
        if !is_on_default || !self.default.as_mut().is_some_and(is_due) {
            return;
        }
        let default = T::default_id(self.backend.as_ref());
        let Some((default, followed)) = default.zip(self.default.as_mut()) else {
            return;
        };
        if !followed.is_left_for(&default, now) {
            return;
        }
        match self.open_on(&T::on_default(&self.request)) {
            Ok(placed) => {
                self.tell(DeviceEvent::DefaultChanged(default));
                self.move_to(placed, Origin::Search(Search::new(now)));
            }
            Err(error) => {
                log::debug!("the default device is {default}, but does not open: {error}");
                if let Some(followed) = &mut self.default {
                    followed.is_refused(default, Instant::now());
                }
            }
        }
    }

    /// Takes the renderer or recorder from the running device and parks it. Returns false, and reports it, if the
    /// device does not give it back.
    pub(super) fn take_from_device(&mut self) -> bool {
        let Phase::Running(running) = std::mem::replace(&mut self.phase, Phase::Waiting) else {
            return false;
        };
        self.silent_since = Some(running.life.last_moved());
        let lent = bury::<T>(running.placed.device).ok().flatten();
        let is_recovered = lent.is_some();
        self.park(lent);
        if !is_recovered {
            let words = "the device did not give the stream back";
            self.tell(DeviceEvent::Failed(words.into()));
        }
        is_recovered
    }

    /// Ends the stream of an input that has delivered all there was, whatever the policy: to open it again would be to
    /// hear the same again.
    fn end(&mut self, words: String) {
        self.tell(DeviceEvent::Lost(words.clone()));
        if self.take_from_device() {
            // Behind the end nothing is missing.
            self.silent_since = None;
            locked(&self.state).is_at_end = true;
            self.tell(DeviceEvent::Failed(words));
        }
    }

    /// Takes the stream from its device, and acts by the policy.
    fn give_up(&mut self, search: Search) {
        if !self.take_from_device() {
            return;
        }
        let now = Instant::now();
        let patience = self.supervision.patience;
        match self.supervision.policy {
            Policy::Follow if search.is_untried() || search.is_within(patience, now) => {
                self.phase = Phase::Searching(search);
                self.stand_in();
            }
            Policy::Follow => {
                let words = "every device that was tried died again at once";
                self.tell(DeviceEvent::Failed(words.into()));
            }
            Policy::Pause => {
                self.stand_in();
                self.tell(DeviceEvent::Held);
            }
            Policy::Fail => self.tell(DeviceEvent::Failed("the device is gone".into())),
        }
    }
}
