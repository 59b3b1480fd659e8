//! Why blocks are silent, and silence in which nothing has to be looked at.

use crate::audio::renderer::status::RenderStatus;
use crate::link::shared::Changes;

/// Why a stretch of a block is silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    Starved,
    /// Nothing has sounded yet of what has begun.
    Starting,
    Idle,
    Paused,
    /// The source returned more than it was asked for.
    Mismatch,
}

/// Silence that lasts for as long as nobody changes anything, so that nothing has to be looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lull {
    pub(super) changes: Changes,
    pub(super) silence: Silence,
    pub(super) status: RenderStatus,
}

/// Whether the renderer rests.
#[derive(Debug, Default)]
pub(super) struct Rest {
    pub(super) lull: Option<Lull>,
    /// The present block lies in that lull.
    pub(super) is_resting: bool,
}

impl Rest {
    /// The lull, if it goes on: nothing has been changed since it began.
    pub(super) fn going_on(&self, changes: Changes) -> Option<Lull> {
        self.lull.filter(|lull| lull.changes == changes)
    }

    pub(super) fn end(&mut self) {
        *self = Self::default();
    }
}
