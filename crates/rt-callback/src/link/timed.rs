//! A byte queue whose capacity is a time, whatever the source is.

use alloc::vec::Vec;
use core::num::NonZeroUsize;

use crate::config::{ConfigError, check_queue};
use crate::link::queue::{ByteReceiver, ByteSender, bytes, units_in};
use crate::span::Span;
use crate::spec::StreamSpec;

/// The writing half. Each source has a ring of its own, and every ring holds the same time. All rings together never
/// hold more than that time.
#[derive(Debug)]
pub(crate) struct TimedSender {
    length: Span,
    ring: Ring,
    /// The rings of earlier sources that are not empty yet.
    older: Vec<Ring>,
}

#[derive(Debug)]
struct Ring {
    bytes: ByteSender,
    frame_bytes: NonZeroUsize,
    rate_hz: u32,
}

impl Ring {
    fn free_frames(&self) -> usize {
        units_in(self.bytes.free() as u64, self.frame_bytes.get() as u64) as usize
    }

    fn queued(&self) -> Span {
        let queued = self.bytes.capacity() - self.bytes.free();
        Span::new((queued / self.frame_bytes) as u64, self.rate_hz)
    }
}

/// A ring for another source, not yet in use.
#[derive(Debug)]
pub(crate) struct Next(Ring);

impl TimedSender {
    /// Allocates a queue of this length for frames of `source`.
    pub(crate) fn new(
        length: Span,
        source: &StreamSpec,
    ) -> Result<(Self, ByteReceiver), ConfigError> {
        let (ring, receiver) = make(length, source)?;
        let sender = Self {
            length,
            ring,
            older: Vec::new(),
        };
        Ok((sender, receiver))
    }

    /// Allocates the ring for the frames of another source.
    pub(crate) fn prepare(&self, source: &StreamSpec) -> Result<(Next, ByteReceiver), ConfigError> {
        let (ring, receiver) = make(self.length, source)?;
        Ok((Next(ring), receiver))
    }

    /// Makes `ring` the one that is pushed into from here on.
    pub(crate) fn change(&mut self, Next(ring): Next) {
        self.tidy();
        self.older.push(core::mem::replace(&mut self.ring, ring));
    }

    /// Frees the rings that are empty.
    pub(crate) fn tidy(&mut self) {
        self.older
            .retain(|ring| ring.bytes.free() < ring.bytes.capacity());
    }

    /// Bytes of a frame of the present source, `1..=512`.
    pub(crate) fn frame_bytes(&self) -> usize {
        self.ring.frame_bytes.get()
    }

    /// How many frames of the present source the queue holds.
    pub(crate) fn capacity_frames(&self) -> usize {
        self.ring.bytes.capacity() / self.ring.frame_bytes
    }

    /// How many frames there is room for. Queued frames of older sources take their share of the time.
    #[inline(never)]
    pub(crate) fn free_frames(&self) -> usize {
        let rate_hz = self.ring.rate_hz;
        let taken = self.older.iter().fold(0, |taken: u64, ring| {
            taken.saturating_add(ring.queued().whole_frames_at(rate_hz))
        });
        let taken = usize::try_from(taken).unwrap_or(usize::MAX);
        self.ring.free_frames().saturating_sub(taken)
    }

    /// How many whole frames of `bytes` bytes there is room for.
    #[inline]
    pub(crate) fn frames_that_fit(&self, bytes: usize) -> usize {
        let room = bytes.min(self.ring.bytes.free());
        let frames = units_in(room as u64, self.ring.frame_bytes.get() as u64) as usize;
        if self.older.is_empty() {
            frames
        } else {
            frames.min(self.free_frames())
        }
    }

    /// Queues all of the bytes, or none if they do not fit.
    pub(crate) fn push_bytes(&mut self, bytes: &[u8]) -> bool {
        self.ring.bytes.push_bytes(bytes)
    }
}

fn make(length: Span, source: &StreamSpec) -> Result<(Ring, ByteReceiver), ConfigError> {
    let frames = length.covering_frames_at(source.rate_hz).max(1);
    let frames = usize::try_from(frames).unwrap_or(usize::MAX);
    let frame_bytes = source.frame_size();
    check_queue(frames, frame_bytes.get())?;
    let (sender, receiver) = bytes(frames * frame_bytes.get());
    let ring = Ring {
        bytes: sender,
        frame_bytes,
        rate_hz: source.rate_hz,
    };
    Ok((ring, receiver))
}
