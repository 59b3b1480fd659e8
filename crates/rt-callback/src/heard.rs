//! What has been heard: what was rendered, less what is still on its way through the device.

use crate::event::UtteranceId;
use crate::shared::SeqLock;

/// A position in the stream as a listener hears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Heard {
    /// Source frames of the stream.
    pub frames: u64,
    /// The utterance that is heard, or that was heard last.
    pub utterance: Option<UtteranceId>,
    /// Source frames of that utterance.
    pub utterance_frames: u64,
}

/// Blocks that are remembered.
const BLOCKS: usize = 64;
const WORDS: usize = 4;

/// The positions at the ends of the latest blocks, written by the renderer.
#[derive(Debug)]
pub(crate) struct History {
    blocks: [SeqLock<WORDS>; BLOCKS],
}

/// The position at the end of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct At {
    device_frame: u64,
    heard: Heard,
}

impl At {
    fn to_words(self) -> [u64; WORDS] {
        let utterance = self.heard.utterance;
        [
            self.device_frame,
            self.heard.frames,
            utterance.map_or(0, |utterance| utterance.0.saturating_add(1)),
            self.heard.utterance_frames,
        ]
    }

    fn from_words([device_frame, frames, utterance, utterance_frames]: [u64; WORDS]) -> Self {
        Self {
            device_frame,
            heard: Heard {
                frames,
                utterance: utterance.checked_sub(1).map(UtteranceId),
                utterance_frames,
            },
        }
    }
}

impl Default for History {
    fn default() -> Self {
        Self {
            blocks: core::array::from_fn(|_| SeqLock::default()),
        }
    }
}

impl History {
    /// Remembers where the block that ends at `device_frame` has come to.
    pub(crate) fn write(&self, block: u64, device_frame: u64, heard: Heard) {
        let at = At {
            device_frame,
            heard,
        };
        if let Some(slot) = self.blocks.get(block as usize % BLOCKS) {
            slot.write(&at.to_words());
        }
    }

    /// The position at a device frame: between two blocks in proportion; before the first that is
    /// remembered as at that one's end, and behind the last as at its.
    pub(crate) fn at(&self, device_frame: u64) -> Heard {
        let (mut before, mut behind) = (None::<At>, None::<At>);
        for slot in &self.blocks {
            let at = At::from_words(slot.read());
            if at.device_frame <= device_frame {
                before = before
                    .filter(|before| before.device_frame >= at.device_frame)
                    .or(Some(at));
            } else {
                behind = behind
                    .filter(|behind| behind.device_frame <= at.device_frame)
                    .or(Some(at));
            }
        }
        match (before, behind) {
            (Some(before), Some(behind)) => between(before, behind, device_frame),
            (Some(at), None) | (None, Some(at)) => at.heard,
            (None, None) => Heard::default(),
        }
    }
}

fn between(before: At, behind: At, device_frame: u64) -> Heard {
    let (first, last) = (before.heard, behind.heard);
    let passed = u128::from(device_frame - before.device_frame);
    let all = u128::from(behind.device_frame - before.device_frame).max(1);
    let read = u128::from(last.frames.saturating_sub(first.frames));
    let step = (read * passed / all) as u64;
    let frames = first.frames + step;
    let last_begin = last.frames.saturating_sub(last.utterance_frames);
    if last.utterance == first.utterance || frames > last_begin {
        Heard {
            frames,
            utterance: last.utterance,
            utterance_frames: last.utterance_frames.min(frames.saturating_sub(last_begin)),
        }
    } else {
        Heard {
            frames,
            utterance: first.utterance,
            utterance_frames: first.utterance_frames + step,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(frames: u64, utterance: u64, utterance_frames: u64) -> Heard {
        Heard {
            frames,
            utterance: Some(UtteranceId(utterance)),
            utterance_frames,
        }
    }

    #[test]
    fn positions_between_blocks_are_in_proportion() {
        let history = History::default();
        history.write(1, 480, heard(240, 0, 240));
        history.write(2, 960, heard(480, 1, 100));
        assert_eq!(history.at(0), Heard::default());
        assert_eq!(history.at(480), heard(240, 0, 240));
        assert_eq!(history.at(600), heard(300, 0, 300), "the first goes on");
        assert_eq!(history.at(860), heard(430, 1, 50));
        assert_eq!(history.at(9_999), heard(480, 1, 100));
    }

    #[test]
    fn only_the_latest_blocks_are_remembered() {
        let history = History::default();
        for block in 1..=200 {
            history.write(block, 10 * block, heard(5 * block, 0, 5 * block));
        }
        assert_eq!(history.at(2_000).frames, 1_000);
        assert_eq!(history.at(1_995).frames, 997);
        assert_eq!(history.at(5).frames, 5 * (200 - 63));
    }
}
