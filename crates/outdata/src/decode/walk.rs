//! What every kind of file is to the rest: a walk, stretch by stretch.

use std::io;

use rt_callback::StreamSpec;

use super::tags::Tags;

/// What there is to know about a file without decoding it all.
#[derive(Debug, Clone, Default)]
pub(crate) struct About {
    /// As people call it: `FLAC`, `Ogg`.
    pub(crate) container: String,
    pub(crate) codec: String,
    /// The frames that its header promises.
    pub(crate) promised_frames: Option<u64>,
    pub(crate) tags: Tags,
}

/// What comes next.
pub(super) enum Stretch {
    /// Samples of this kind, appended to the buffer.
    Samples(StreamSpec),
    /// This many frames were damaged; 0 where nobody can know. Silence stands for them, before what was appended to
    /// the buffer.
    Lost(StreamSpec, u64),
    /// Something worth a word.
    Note(String),
    End,
}

/// A file that is walked, stretch by stretch.
pub(super) trait Walk: Send {
    fn about(&self) -> About;

    fn next(&mut self, bytes: &mut Vec<u8>) -> io::Result<Stretch>;
}
