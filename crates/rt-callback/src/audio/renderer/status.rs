//! The status of a rendered block.

/// What a rendered block holds. The whole block has been written in every case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RenderStatus {
    /// Sound, from the first frame to the last or to a declared end.
    Rendered,
    /// The queue ran dry. The missing frames are silence, with the decay of the last sound in them.
    Underrun {
        /// How many device frames are without sound.
        missing_frames: usize,
    },
    /// Silence: nothing has been pushed yet, or nothing since the last declared end, or a sound is not due yet
    /// (thresholds, [`Config::lead_in_frames`](crate::Config::lead_in_frames)).
    Idle,
    /// Silence: the stream is paused, held, or [without a device](crate::Renderer::set_absent).
    Paused,
    /// Silence, because the block is no whole number of frames (no frame was consumed), or because a
    /// [`FrameSource`](crate::FrameSource) returned more frames than it was asked for.
    ShapeMismatch,
}

impl RenderStatus {
    /// The status of a block whose first part has the status `self` and whose second part `next`.
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
            // A block with silence and sound counts as sound.
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
