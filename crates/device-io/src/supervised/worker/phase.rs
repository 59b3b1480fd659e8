//! The phases of a worker.

use std::time::Instant;

use crate::supervised::life::Life;
use crate::supervised::parked::StandIn;
use crate::supervised::search::Search;

/// What the worker is doing.
pub(super) enum Phase<T: StandIn> {
    /// The device is open, and nothing has been started.
    Opened(Placed<T>),
    Running(Running<T>),
    /// The worker searches for a device.
    Searching(Search),
    /// The worker waits for an order.
    Waiting,
}

/// An opened device.
pub(super) struct Placed<T: StandIn> {
    pub(super) device: T::Device,
    /// The id by which it was opened. `None` is the default device.
    pub(super) id: Option<String>,
    pub(super) is_started: bool,
}

pub(super) struct Running<T: StandIn> {
    pub(super) placed: Placed<T>,
    pub(super) life: Box<Life>,
    pub(super) since: Instant,
    pub(super) origin: Origin,
}

/// How a device was found, until it is clear that it lives.
#[derive(Clone, Copy)]
pub(super) enum Origin {
    /// The device lives, or it is the first.
    Settled,
    Search(Search),
    /// The requested device, to which the stream returned from one that lived.
    Home,
}
