//! A device behind the faults. It is handed a relay in place of the renderer or recorder, which come back from the
//! relay.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rt_callback::StreamSpec;

use super::script::{Hostility, Script, Told};
use crate::error::DeviceError;
use crate::loan::{Direction, Handle, Opened};
use crate::seam::{DeviceEvent, Progress};

/// How long a stopped device may take to give back what it has.
const RECOVERY: Duration = Duration::from_secs(2);

/// What is lent. When this is dropped, on whatever thread, it goes home by the channel.
pub(super) struct Borrowed<T> {
    pub(super) lent: Option<T>,
    home: Sender<T>,
}

impl<T> Drop for Borrowed<T> {
    fn drop(&mut self) {
        if let Some(lent) = self.lent.take() {
            // Nobody waits for it where the device is gone as well.
            let _ = self.home.send(lent);
        }
    }
}

/// Puts the faults between a device that has this spec and what is lent to it.
pub(super) type Relay<T> = fn(Borrowed<T>, StreamSpec, Hostility) -> Result<T, DeviceError>;

pub(super) struct Hostile<T: Direction> {
    inner: T::Device,
    script: Arc<Mutex<Script>>,
    relay: Relay<T>,
    told: Arc<Told>,
    /// Where what was lent comes back.
    home: Option<Receiver<T>>,
}

impl<T: Direction> Hostile<T> {
    pub(super) fn new(
        inner: T::Device,
        script: &Arc<Mutex<Script>>,
        relay: Relay<T>,
    ) -> Opened<T, Self> {
        Opened::new(Self {
            inner,
            script: Arc::clone(script),
            relay,
            told: Arc::default(),
            home: None,
        })
    }
}

impl<T: Direction> Handle<T> for Hostile<T> {
    fn spec(&self) -> StreamSpec {
        self.inner.spec()
    }

    fn block_frames(&self) -> Option<usize> {
        self.inner.block_frames()
    }

    /// Counts what was handed over, and not what the device behind asked for.
    fn progress(&self) -> Option<Progress> {
        Some(self.told.progress())
    }

    fn start(&mut self, lent: T) -> Result<(), DeviceError> {
        if self.home.is_some() {
            return Err(DeviceError::AlreadyStarted);
        }
        let (home, recovered) = channel();
        self.home = Some(recovered);
        self.told = Arc::default();
        let lent = Some(lent);
        let hostility = Hostility::new(&self.script, &self.told);
        let relay = (self.relay)(Borrowed { lent, home }, self.inner.spec(), hostility)?;
        self.inner.start(relay)
    }

    fn stop(&mut self) -> Result<Option<T>, DeviceError> {
        let Some(home) = self.home.take() else {
            return Ok(None);
        };
        let stopped = self.inner.stop();
        // Dropping the relay drops what is between, which sends home what was lent.
        let stopped = stopped.map(drop);
        let lent = home.recv_timeout(RECOVERY).ok();
        stopped.map(|()| lent)
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        self.told.next().or_else(|| self.inner.poll_event())
    }
}
