//! Parking: where a renderer or recorder is while it is in no device.

use rt_callback::{Recorder, Renderer};

use super::policy::Absent;
use crate::loan::{Direction, Lent};
use crate::seam::{BlockLength, DeviceEvent};
use crate::software::{Paced, Sink};

/// A renderer or recorder that is in no device. Any thread can take it.
#[derive(Default)]
pub(super) enum Parked<T: Lent> {
    /// Nothing is parked.
    #[default]
    Nothing,
    Still(T),
    /// It runs on a clock of its own, in place of a device.
    Ticking(Paced<T>),
}

impl<T: StandIn> Parked<T> {
    /// Takes what is parked. `None` if nothing is, or if the user's code in a block does not end.
    pub(super) fn recall(self) -> Option<T> {
        match self {
            Self::Nothing => None,
            Self::Still(lent) => Some(lent),
            Self::Ticking(paced) => {
                let mut lent = paced.recall()?;
                lent.set_present();
                Some(lent)
            }
        }
    }

    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    pub(super) fn is_ticking(&self) -> bool {
        matches!(self, Self::Ticking(_))
    }

    /// Makes what stands still run without a device, if it can.
    pub(super) fn tick(self, absent: Absent) -> Self {
        match self {
            Self::Still(lent) => lent.stand_in(absent),
            parked => parked,
        }
    }

    pub(super) fn poll_panics(&mut self) -> Option<DeviceEvent> {
        match self {
            Self::Ticking(paced) => paced.poll_panics(),
            _ => None,
        }
    }
}

/// What a renderer or recorder does while there is no device.
pub(super) trait StandIn: Direction {
    /// Goes on without a device, as `absent` says.
    fn stand_in(self, absent: Absent) -> Parked<Self>;

    /// Notes that there may be a device again.
    fn set_present(&mut self);
}

impl StandIn for Renderer {
    /// Runs on a thread that asks for blocks in real time. The first is asked for after a block's time, so that a
    /// device that is found at once costs no sound.
    fn stand_in(mut self, absent: Absent) -> Parked<Self> {
        let spec = *self.device();
        let block_frames = BlockLength::default().frames(spec.rate_hz) as usize;
        let unheard: Sink = Box::new(|_| Ok(()));
        self.set_absent(absent == Absent::Hold);
        match Paced::start_after(self, spec, block_frames, block_frames as u64, unheard) {
            Ok(paced) => Parked::Ticking(paced),
            Err((lease, error)) => {
                log::warn!("no clock in place of a device: {error}");
                let mut renderer = lease.recall();
                renderer.iter_mut().for_each(Self::set_present);
                renderer.map_or(Parked::Nothing, Parked::Still)
            }
        }
    }

    fn set_present(&mut self) {
        self.set_absent(false);
    }
}

impl StandIn for Recorder {
    /// Stands still. The reader learns of the gap when frames come again.
    fn stand_in(self, _absent: Absent) -> Parked<Self> {
        Parked::Still(self)
    }

    fn set_present(&mut self) {}
}
