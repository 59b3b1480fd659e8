//! The table of the kernel that mixes whole frames in a vector: a lane of the vector is an output
//! sample, and one permutation of the input a slot fetches what that slot adds to it.

// Not every build has kernels that read it.
#![allow(dead_code)]

use crate::plan::terms::TermsRef;

/// Slots in a table: the most terms an output may have.
pub(crate) const SLOTS: usize = 6;

/// What every lane adds in every slot. `WIDTH` is the lanes of a vector, 8 or 16.
#[derive(Clone, Debug)]
pub(crate) struct Lanes {
    /// Which lane of the input vector.
    pub(crate) indices: [[u8; 16]; SLOTS],
    /// Times what.
    pub(crate) gains: [[f32; 16]; SLOTS],
    /// Whether at all: a bit for each lane.
    pub(crate) masks: [u16; SLOTS],
    /// Slots in use.
    pub(crate) slots: usize,
    /// Frames in a vector.
    pub(crate) frames: usize,
}

impl Lanes {
    /// `None` where a frame is wider than a vector or an output has too many terms.
    pub(crate) fn new(
        inputs: usize,
        outputs: usize,
        terms: TermsRef<'_>,
        width: usize,
    ) -> Option<Self> {
        let frames = width.min(16).checked_div(inputs.max(outputs))?;
        if frames == 0 {
            return None;
        }
        let mut lanes = Self {
            indices: [[0; 16]; SLOTS],
            gains: [[0.0; 16]; SLOTS],
            masks: [0; SLOTS],
            slots: 0,
            frames,
        };
        for frame in 0..frames {
            for output in 0..outputs {
                let lane = frame * outputs + output;
                for (slot, (input, gain)) in terms.pairs(output).enumerate() {
                    *lanes.indices.get_mut(slot)?.get_mut(lane)? = (frame * inputs + input) as u8;
                    *lanes.gains.get_mut(slot)?.get_mut(lane)? = gain;
                    *lanes.masks.get_mut(slot)? |= 1 << lane;
                    lanes.slots = lanes.slots.max(slot + 1);
                }
            }
        }
        Some(lanes)
    }
}
