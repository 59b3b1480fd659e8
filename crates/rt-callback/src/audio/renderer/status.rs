//! What a block turned out to be.

/// What a block holds. Whatever it says, the whole block has been written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RenderStatus {
    /// Sound, from the first frame to the last or to a declared end.
    Rendered,
    /// The queue ran dry: so many frames are silence (with the last sound's decay in them).
    Underrun {
        /// Device frames without sound.
        missing_frames: usize,
    },
    /// Silence: nothing has been pushed yet, or nothing since the last declared end; or the silence
    /// that leads in to a sound ([`Config::lead_in_frames`](crate::Config::lead_in_frames)).
    Idle,
    /// Silence: the stream is paused, held, or [without a device](crate::Renderer::set_absent).
    Paused,
    /// Silence: the block is no whole number of frames, and nothing was consumed; or a
    /// [`FrameSource`](crate::FrameSource) returned more than it was asked for.
    ShapeMismatch,
}

impl RenderStatus {
    /// Of a block whose first part ended as `self` and whose second part as `next`.
    pub(super) fn followed_by(self, next: Self) -> Self {
        match (self, next) {
            (Self::ShapeMismatch, _) | (_, Self::ShapeMismatch) => Self::ShapeMismatch,
            (
                Self::Underrun {
                    missing_frames: one,
                },
                Self::Underrun {
                    missing_frames: other,
                },
            ) => Self::Underrun {
                missing_frames: one + other,
            },
            (underrun @ Self::Underrun { .. }, _) | (_, underrun @ Self::Underrun { .. }) => {
                underrun
            }
            (one, other) if one == other => one,
            // Silence and sound in one block are a block with sound.
            _ => Self::Rendered,
        }
    }
}

#[cfg(all(test, not(rt_callback_loom)))]
mod tests {
    use super::RenderStatus::{self, Idle, Paused, Rendered, ShapeMismatch};

    #[test]
    fn what_was_wrong_in_a_part_was_wrong_in_the_block() {
        let missing = |missing_frames| RenderStatus::Underrun { missing_frames };
        for (one, other, both) in [
            (Rendered, Rendered, Rendered),
            (Idle, Idle, Idle),
            (Paused, Paused, Paused),
            (Idle, Rendered, Rendered),
            (Rendered, Paused, Rendered),
            (missing(3), missing(4), missing(7)),
            (missing(3), Rendered, missing(3)),
            (Paused, missing(4), missing(4)),
            (missing(3), ShapeMismatch, ShapeMismatch),
            (ShapeMismatch, Idle, ShapeMismatch),
        ] {
            assert_eq!(one.followed_by(other), both, "{one:?} {other:?}");
        }
    }
}
