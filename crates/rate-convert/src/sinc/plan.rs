//! What a conversion needs: which structure, how much memory, where the taps lie; and the table itself.

use super::design::{Prototype, Quality};
use crate::ratio::Ratio;
use crate::simd::{BANK, LANES};

/// Tables up to this many coefficients (384 KiB) are exact; beyond, taps are cubics of the position.
const MAX_EXACT: u64 = 98_304;
/// The most input frames that the history takes beyond the window.
const FEED_FRAMES: usize = 512;
/// Output frames that are computed in one piece.
pub(crate) const PIECE_FRAMES: usize = 512;
/// Output frames for which the input is doubled at a time.
pub(crate) const DOUBLED_FRAMES: usize = 256;

/// How the sums of a conversion are arranged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// 1:2. Every second output is an input frame, the others share one symmetric row, of which half is stored.
    HalfUp,
    /// 2:1. The same row over every second input frame, and half of the frame in the centre.
    HalfDown,
    /// Any other exact ratio. The outputs of a cycle are computed [`LANES`] neighbours at a time; lane `j` reads
    /// the input `j` frames further on than lane 0, and its taps are moved within the column so as to fit.
    Banded(Bands),
    /// Any ratio down: taps that are cubics of the position (C. W. Farrow, "A continuously variable digital delay
    /// element", 1988), several to a frame.
    Interpolated,
    /// Any ratio up: the input at twice its rate, as for 1:2, and outputs interpolated in that by this filter. It is short, since
    /// nothing is left between the signal's band and its images.
    Oversampled(Prototype),
}

/// The layout of a banded table: `groups` x `rows` x [`LANES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bands {
    /// Outputs until everything repeats: a multiple of the reduced output rate.
    pub(crate) cycle: usize,
    pub(crate) groups: usize,
    /// Rows of a group, half of them for the first half of the taps and half for the second. Each half has as many
    /// more rows as lanes are moved against each other. (Two halves, because each has an accumulator of its own: in
    /// one, a lane that is moved far would add small products to a finished sum, which cost 2 dB at 48 -> 8 kHz.)
    pub(crate) rows: usize,
    /// Taps of the first half.
    pub(crate) half: usize,
    /// Row of lane 0's first tap.
    pub(crate) lead: usize,
}

/// Everything about a conversion but its coefficients.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) ratio: Ratio,
    pub(crate) kind: Kind,
    pub(crate) prototype: Prototype,
    /// Input frames from the first to the last that one output needs.
    pub(crate) span: usize,
    /// Input frames from the window's first to the one at or before the output's time.
    pub(crate) centre: usize,
    /// Coefficients of the table.
    pub(crate) table_len: usize,
    /// Frames that must stay readable around the windows: lanes that are computed and not used read them.
    pub(crate) margin: usize,
}

impl Plan {
    pub(crate) const fn new(ratio: Ratio, quality: Quality, adjustable: bool) -> Self {
        let (from, to) = (ratio.from.get(), ratio.to.get());
        if !adjustable {
            let half_band = Prototype::half_band(quality);
            let taps = half_band.taps;
            match (from, to) {
                (1, 1) => {
                    return match Self::banded(ratio, half_band, 1) {
                        Some(banded) => banded,
                        None => Self::interpolated(ratio, half_band),
                    };
                }
                (1, 2) => {
                    return Self::with(
                        ratio,
                        Kind::HalfUp,
                        half_band,
                        taps,
                        taps / 2 - 1,
                        taps / 2,
                    );
                }
                (2, 1) => {
                    let span = 2 * taps - 1;
                    return Self::with(ratio, Kind::HalfDown, half_band, span, taps - 1, taps / 2);
                }
                _ => {}
            }
        }
        let prototype = Prototype::new(ratio, quality);
        if !adjustable && let Some(banded) = Self::banded(ratio, prototype, prototype.taps) {
            return banded;
        }
        if from <= to {
            return Self::oversampled(ratio, prototype, Prototype::fine(quality));
        }
        Self::interpolated(ratio, prototype)
    }

    const fn with(
        ratio: Ratio,
        kind: Kind,
        prototype: Prototype,
        span: usize,
        centre: usize,
        table_len: usize,
    ) -> Self {
        let lanes_apart = (LANES as u64 * ratio.from.get() as u64).div_ceil(ratio.to.get() as u64);
        Self {
            ratio,
            kind,
            prototype,
            span,
            centre,
            table_len,
            margin: (lanes_apart as usize + 2 * LANES).next_multiple_of(LANES),
        }
    }

    /// `None` when the table would be too large.
    const fn banded(ratio: Ratio, prototype: Prototype, taps: usize) -> Option<Self> {
        let to = ratio.to.get() as u64;
        if to * taps as u64 > MAX_EXACT {
            return None;
        }
        // A cycle that fills its last group badly wastes lanes: then several are taken as one.
        let mut cycle = to;
        while cycle.next_multiple_of(LANES as u64) * 10 > cycle * 11 {
            cycle += to;
        }
        let (cycle, groups) = (cycle as usize, cycle.div_ceil(LANES as u64) as usize);
        // How far each lane stands ahead of, or behind, one frame per lane.
        let (mut lead, mut trail) = (0, 0);
        let mut q = 0;
        while q < cycle {
            let lane = q % LANES;
            let moved = ratio.place(q) - ratio.place(q - lane);
            let (ahead, behind) = (lane.saturating_sub(moved), moved.saturating_sub(lane));
            lead = if ahead > lead { ahead } else { lead };
            trail = if behind > trail { behind } else { trail };
            q += 1;
        }
        let half = taps / 2;
        let rows = 2 * (taps - half + lead + trail);
        let table_len = groups * rows * LANES;
        if table_len as u64 > MAX_EXACT {
            return None;
        }
        let bands = Bands {
            cycle,
            groups,
            rows,
            half,
            lead,
        };
        let centre = (taps / 2).saturating_sub(1);
        Some(Self::with(
            ratio,
            Kind::Banded(bands),
            prototype,
            taps,
            centre,
            table_len,
        ))
    }

    const fn interpolated(ratio: Ratio, prototype: Prototype) -> Self {
        let taps = prototype.taps;
        Self::with(
            ratio,
            Kind::Interpolated,
            prototype,
            taps,
            taps / 2 - 1,
            prototype.cubics_len(),
        )
    }

    /// The table is the cubics of `fine`, and then the half-band's row.
    const fn oversampled(ratio: Ratio, half_band: Prototype, fine: Prototype) -> Self {
        let taps = half_band.taps;
        // Half of the window at twice the rate lies on either side.
        let more = fine.taps / 4;
        Self::with(
            ratio,
            Kind::Oversampled(fine),
            half_band,
            taps + 2 * more,
            taps / 2 - 1 + more,
            fine.cubics_len() + taps / 2,
        )
    }

    /// Frames of one channel's history.
    pub(crate) const fn plane_len(&self) -> usize {
        // As many as one piece of outputs needs, so that a block is worked in one piece.
        let (from, to) = (self.ratio.from.get() as usize, self.ratio.to.get() as usize);
        let feed = (PIECE_FRAMES * from).div_ceil(to);
        let feed = if feed < FEED_FRAMES {
            feed
        } else {
            FEED_FRAMES
        };
        (2 * self.margin + self.span + feed).next_multiple_of(2 * LANES)
    }

    /// Samples of everything but the table.
    pub(crate) const fn work_len(&self, channels: usize) -> usize {
        self.plane_len() * channels + self.scratch_len(channels)
    }

    /// Room for sums and, where channels are interleaved, for the results of two of them.
    pub(crate) const fn scratch_len(&self, channels: usize) -> usize {
        let results = if channels > 1 { 2 * PIECE_FRAMES } else { 0 };
        self.sums_len(channels) + results
    }

    /// Room for the sums of a half-band (half a piece and one more), for two banks of a banded table, or for the doubled
    /// frames of up to two channels.
    pub(crate) const fn sums_len(&self, channels: usize) -> usize {
        match self.kind {
            Kind::HalfUp | Kind::HalfDown => PIECE_FRAMES / 2 + LANES,
            Kind::Banded(_) => 2 * BANK * LANES,
            Kind::Interpolated => 0,
            Kind::Oversampled(fine) if channels > 1 => 5 * self.doubled_len(fine),
            Kind::Oversampled(fine) => 3 * self.doubled_len(fine),
        }
    }

    /// Room for the frames that are doubled at a time, and so for their sums, which are rounded up to whole vectors.
    pub(crate) const fn doubled_len(&self, fine: Prototype) -> usize {
        let (from, to) = (self.ratio.from.get() as usize, self.ratio.to.get() as usize);
        // A trim passes no more than 1/49 more frames.
        let frames = (DOUBLED_FRAMES * from).div_ceil(to);
        (frames + frames / 49 + 2 + fine.stride() / 2).next_multiple_of(LANES)
    }

    /// Fills a table of [`Self::table_len`].
    pub(crate) fn fill(&self, table: &mut [f32]) {
        table.fill(0.0);
        let proto = &self.prototype;
        match self.kind {
            Kind::HalfUp => proto.row(1.0, 2.0, 1.0, |k, c| put(table, k, c)),
            Kind::HalfDown => proto.row(1.0, 2.0, 0.5, |k, c| put(table, k, c)),
            Kind::Banded(bands) => self.fill_bands(bands, table),
            Kind::Interpolated => proto.fill_cubics(table),
            Kind::Oversampled(fine) => {
                let (cubics, row) = table.split_at_mut(fine.cubics_len().min(table.len()));
                fine.fill_cubics(cubics);
                proto.row(1.0, 2.0, 1.0, |k, c| put(row, k, c));
            }
        }
    }

    fn fill_bands(&self, bands: Bands, table: &mut [f32]) {
        let place = |q: usize| self.ratio.place(q);
        for q in 0..bands.cycle {
            let (group, lane) = (q / LANES, q % LANES);
            let first_row = bands.lead + place(q) - place(q - lane) - lane;
            let index = |k: usize| {
                let row = if k < bands.half {
                    k
                } else {
                    bands.rows / 2 + k - bands.half
                };
                (group * bands.rows + first_row + row) * LANES + lane
            };
            if self.span == 1 {
                put(table, index(0), 1.0);
                continue;
            }
            let remainder = f64::from(self.ratio.remainder(q));
            let to = f64::from(self.ratio.to.get());
            self.prototype
                .row(remainder, to, 1.0, |k, c| put(table, index(k), c));
        }
    }
}

impl Prototype {
    /// Samples of a row of taps, with zeros behind them.
    pub(crate) const fn stride(&self) -> usize {
        self.taps.next_multiple_of(LANES)
    }

    /// Coefficients of the cubics: `phases` x lines of a row x 4 x [`LANES`].
    pub(crate) const fn cubics_len(&self) -> usize {
        self.phases as usize * 4 * self.stride()
    }

    fn fill_cubics(&self, table: &mut [f32]) {
        let phases = table.chunks_exact_mut((4 * self.stride()).max(1));
        for (phase, table) in (0..self.phases).zip(phases) {
            self.cubics(phase, self.phases, |k, cubic| {
                let (line, lane) = (k / LANES, k % LANES);
                for (n, c) in cubic.into_iter().enumerate() {
                    put(table, (4 * line + n) * LANES + lane, c);
                }
            });
        }
    }
}

/// Writes one coefficient; of a symmetric row only the first half has a place.
fn put(table: &mut [f32], index: usize, coefficient: f32) {
    if let Some(slot) = table.get_mut(index) {
        *slot = coefficient;
    }
}
