//! Hostile devices: a device gets a relay in place of the renderer or recorder. The relay makes the faults, and gives
//! the renderer or recorder back.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rt_callback::StreamSpec;

use super::script::{Hostility, Script, Told};
use crate::error::DeviceError;
use crate::loan::{Direction, Handle, Opened};
use crate::seam::{DeviceEvent, Progress};

/// How long to wait for a stopped device to give back what was lent.
const RECOVERY: Duration = Duration::from_secs(2);

/// A renderer or recorder that is lent. When this is dropped, on any thread, it returns by the channel.
pub(super) struct Borrowed<T> {
    pub(super) lent: Option<T>,
    home: Sender<T>,
}

impl<T> Drop for Borrowed<T> {
    fn drop(&mut self) {
        if let Some(lent) = self.lent.take() {
            // This fails if the device's handle has been dropped too.
            let _ = self.home.send(lent);
        }
    }
}

/// Makes a relay with the faults, for a device of this spec.
pub(super) type Relay<T> = fn(Borrowed<T>, StreamSpec, Hostility) -> Result<T, DeviceError>;

pub(super) struct Hostile<T: Direction> {
    inner: T::Device,
    script: Arc<Mutex<Script>>,
    relay: Relay<T>,
    told: Arc<Told>,
    /// The channel by which what was lent returns.
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

    /// The blocks of the relay, not those of the device behind it.
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
        // Dropping the relay returns what was lent.
        let stopped = stopped.map(drop);
        let lent = home.recv_timeout(RECOVERY).ok();
        stopped.map(|()| lent)
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        self.told.next().or_else(|| self.inner.poll_event())
    }
}
