//! The search for another device after one was lost, and the return to the requested one.

use std::time::Instant;

use super::Worker;
use super::phase::{Origin, Phase, Placed};
use crate::error::DeviceError;
use crate::loan::Handle;
use crate::seam::DeviceEvent;
use crate::supervised::bury::bury;
use crate::supervised::parked::StandIn;
use crate::supervised::policy::Policy;
use crate::supervised::search::Search;
use crate::supervised::state::locked;

impl<T: StandIn> Worker<T> {
    /// Tries once to open a device to go on with.
    pub(super) fn search(&mut self, search: Search) {
        let reopened = self.reopen();
        let now = Instant::now();
        let (is_started, is_parked) = {
            let state = locked(&self.state);
            (state.is_started, !state.parked.is_nothing())
        };
        match reopened {
            Ok(placed) => self.is_reopened(placed, Origin::Search(search)),
            Err(_) if is_started && !is_parked => {
                self.phase = Phase::Waiting;
                let words = "the device did not give the stream back";
                self.tell(DeviceEvent::Failed(words.into()));
            }
            Err(error) if search.is_within(self.supervision.patience, now) => {
                log::debug!("no device yet: {error}");
                self.phase = Phase::Searching(search.failed(now));
                self.stand_in();
                self.tell_waiting();
            }
            Err(error) => {
                self.phase = Phase::Waiting;
                let lent = self.recall();
                self.park(lent);
                self.tell(DeviceEvent::Failed(error.to_string()));
            }
        }
    }

    fn is_reopened(&mut self, placed: Placed<T>, origin: Origin) {
        let event = DeviceEvent::Reopened {
            device: placed.id.clone(),
            spec: placed.device.spec(),
        };
        if placed.is_started {
            self.is_running(placed, origin);
        } else {
            self.is_opened(placed);
        }
        self.tell(event);
    }

    /// Opens the requested device, else the default one. The order is reversed after the requested device has died.
    fn reopen(&mut self) -> Result<Placed<T>, DeviceError> {
        let asked = self.request.clone();
        if T::asked_device(&asked).is_none() {
            return self.reopen_on(&asked);
        }
        let default = T::on_default(&asked);
        if self.home.is_shunned(Instant::now()) {
            self.reopen_on(&default).or_else(|_| self.reopen_on(&asked))
        } else {
            self.reopen_on(&asked).or_else(|_| self.reopen_on(&default))
        }
    }

    fn reopen_on(&mut self, request: &T::Request) -> Result<Placed<T>, DeviceError> {
        let placed = self.open_on(request)?;
        // This is checked only now: opening may take very long, and the application may stop the stream meanwhile.
        if locked(&self.state).is_started {
            self.start_parked(placed)
        } else {
            Ok(placed)
        }
    }

    /// Whether to look for the requested device now: the stream is on the default one only because the requested one
    /// was gone.
    pub(super) fn looks_for_home(&self, now: Instant) -> bool {
        let is_on_default =
            matches!(&self.phase, Phase::Running(running) if running.placed.id.is_none());
        is_on_default
            && T::asked_device(&self.request).is_some()
            && self.supervision.returns
            && self.supervision.policy == Policy::Follow
            && self.home.is_due(now)
    }

    /// Opens the requested device while the stream plays on, and moves there if it opens.
    pub(super) fn look_for_home(&mut self) {
        match self.open_on(&self.request.clone()) {
            Ok(home) => self.move_to(home, Origin::Home),
            Err(error) => {
                log::debug!("not back yet: {error}");
                self.home.is_missing(Instant::now());
            }
        }
    }

    /// Moves the stream from its device to another one, which has been opened.
    pub(super) fn move_to(&mut self, other: Placed<T>, origin: Origin) {
        if !self.take_from_device() {
            drop(bury::<T>(other.device));
            return;
        }
        match self.start_parked(other) {
            Ok(other) => self.is_reopened(other, origin),
            Err(error) => {
                log::debug!("it opens, but does not start: {error}");
                self.search(Search::new(Instant::now()));
            }
        }
    }
}
