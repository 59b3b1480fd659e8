//! What a worker is doing at the moment.

use std::time::Instant;

use crate::supervised::life::Life;
use crate::supervised::parked::StandIn;
use crate::supervised::search::Search;

/// What is being done with the stream.
pub(super) enum Phase<T: StandIn> {
    /// Nothing has been started.
    Opened(Placed<T>),
    Running(Running<T>),
    /// A device is looked for.
    Searching(Search),
    /// Nothing is done until it is resumed or stopped.
    Waiting,
}

/// An opened device.
pub(super) struct Placed<T: StandIn> {
    pub(super) device: T::Device,
    /// What it was opened by; `None` is the default one.
    pub(super) id: Option<String>,
    pub(super) is_started: bool,
}

pub(super) struct Running<T: StandIn> {
    pub(super) placed: Placed<T>,
    pub(super) life: Box<Life>,
    pub(super) since: Instant,
    pub(super) origin: Origin,
}

/// What led to a device, until it is clear that it lives.
#[derive(Clone, Copy)]
pub(super) enum Origin {
    /// That is clear, or it is the first.
    Settled,
    Search(Search),
    /// The device that was asked for, taken in place of another that lived.
    Home,
}
