//! What need not be looked at: lulls, in which silence goes on, and the steady state, in which sound does. And why blocks
//! are silent.

use pcm_convert::SampleFormat;

use crate::audio::renderer::status::RenderStatus;
use crate::link::shared::Changes;

/// Why a stretch of a block is silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    Starved,
    /// A sound has begun of which nothing has been rendered yet.
    Starting,
    Idle,
    Paused,
    /// The source returned more frames than it was asked for.
    Mismatch,
}

/// Silence that lasts until the feeder or a controller changes something.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lull {
    pub(super) changes: Changes,
    pub(super) silence: Silence,
    pub(super) status: RenderStatus,
}

/// What was so at the end of a block that was all sound, and stays so until something is steered or marked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steady {
    /// How often something had been steered or marked.
    pub(super) steered: u64,
    /// The format of blocks into which the frames are copied. Those of others are made.
    pub(super) copied: Option<SampleFormat>,
}

/// The present lull or steady state, if there is one.
#[derive(Debug, Default)]
pub(super) struct Rest {
    pub(super) lull: Option<Lull>,
    pub(super) steady: Option<Steady>,
    pub(super) changed: Changed,
}

/// Which counters the present block may have changed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Changed {
    /// It lies in a lull.
    Silence,
    /// It is steady, and nothing clipped.
    Sound,
    #[default]
    Any,
}

impl Rest {
    pub(super) fn end(&mut self) {
        *self = Self::default();
    }
}
