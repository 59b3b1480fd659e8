//! The table of the kernel that sums one output or two in registers: which inputs they have, four
//! neighbours at a time.

// Not every build has kernels that read it.
#![allow(dead_code)]

use crate::layout::MAX_CHANNELS;
use crate::plan::terms::TermsRef;

/// Four neighbouring inputs, and the gains of each to the two outputs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quad {
    /// The first of them. It and the next three are within the frame, if that has as many.
    pub(crate) start: u8,
    /// Which of the gains are terms: a bit for each, in their order.
    pub(crate) terms: u8,
    /// Whether all of them are, of the outputs that there are.
    pub(crate) full: bool,
    pub(crate) gains: [[f32; 2]; 4],
}

/// In channel order, those that have a term; each input is in one of them only.
#[derive(Clone, Debug)]
pub(crate) struct Quads {
    pub(crate) inputs: usize,
    /// What the sums of the two outputs start with: adding to -0.0 changes nothing, and a sum of
    /// nothing is +0.0.
    pub(crate) empty: [f32; 2],
    quads: [Quad; MAX_CHANNELS / 4],
    count: usize,
}

impl Quads {
    pub(crate) fn new(inputs: usize, outputs: usize, terms: TermsRef<'_>) -> Self {
        let none = Quad {
            start: 0,
            terms: 0,
            full: false,
            gains: [[0.0; 2]; 4],
        };
        let mut table = Self {
            inputs,
            empty: [0.0; 2],
            quads: [none; MAX_CHANNELS / 4],
            count: 0,
        };
        for first in (0..inputs).step_by(4) {
            let mut quad = none;
            let start = first.min(inputs.saturating_sub(4));
            quad.start = start as u8;
            for (row, empty) in table.empty.iter_mut().enumerate() {
                for (input, gain) in terms.pairs(row) {
                    if input / 4 == first / 4 {
                        let place = (input - start) & 3;
                        quad.gains[place][row] = gain;
                        quad.terms |= 1 << (2 * place + row);
                        *empty = -0.0;
                    }
                }
            }
            let all = if outputs == 1 { 0x55 } else { 0xFF };
            quad.full = quad.terms == all;
            if let (1.., Some(next)) = (quad.terms, table.quads.get_mut(table.count)) {
                *next = quad;
                table.count += 1;
            }
        }
        table
    }

    pub(crate) fn get(&self) -> &[Quad] {
        self.quads.get(..self.count).unwrap_or_default()
    }
}
