//! The state that the application and the worker share.

use rt_callback::StreamSpec;

use super::parked::{Parked, StandIn};
use crate::seam::Progress;

pub(super) use crate::lock::locked;

/// The shared state, behind a lock. No audio thread touches it.
pub(super) struct State<T: StandIn> {
    pub(super) spec: StreamSpec,
    pub(super) block_frames: Option<usize>,
    pub(super) progress: Option<Progress>,
    /// Why there is no device and none is looked for, in words.
    pub(super) failure: Option<String>,
    /// Whether it has failed because an input has delivered all there was.
    pub(super) is_at_end: bool,
    /// Whether a renderer or recorder was handed over, and has been neither given back nor lost.
    pub(super) is_started: bool,
    /// The renderer or recorder while it is in no device. So the application gets it even if the worker is stuck.
    pub(super) parked: Parked<T>,
}

impl<T: StandIn> State<T> {
    pub(super) fn clear_failure(&mut self) {
        self.failure = None;
        self.is_at_end = false;
    }
}
