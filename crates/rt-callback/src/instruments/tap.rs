//! The tap: a copy of the rendered frames, for example for an echo canceller.

use alloc::boxed::Box;

use channel_mix::ChannelLayout;

#[cfg(feature = "std")]
use crate::config::{ConfigError, check_queue};
use crate::link::queue::{Receiver, Sender, items};
use crate::link::stamp::{Stamp, StampSender, Stamps, stamps};
#[cfg(feature = "std")]
use crate::span::Span;
use crate::spec::StreamSpec;

/// How many gaps may wait for the reader.
const STRETCHES: usize = 16;

/// A stretch of frames without a gap.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    /// Where it begins, in samples since the start, through all rings.
    ring_at: u64,
    at_frame: u64,
    rate_hz: u32,
    layout: ChannelLayout,
}

/// Where a stretch begins: in the ring of the one before, or in a ring of its own.
#[derive(Debug)]
struct Begin {
    stretch: Stretch,
    ring: Option<Receiver<f32>>,
}

/// The audio thread's side.
#[derive(Debug)]
pub(crate) struct TapSender {
    samples: Sender<f32>,
    /// The reader's half of the present ring. It goes with the first stretch in it.
    next_ring: Option<Receiver<f32>>,
    /// How many samples the present ring holds.
    #[cfg(feature = "std")]
    capacity: usize,
    /// How many frames it holds of the first device, and that device's rate.
    #[cfg(feature = "std")]
    frames: (usize, u32),
    stretches: Sender<Begin>,
    written: u64,
    /// The frame, rate and layout with which the next block continues the ring without a gap.
    continues: Option<(u64, u32, ChannelLayout)>,
    stamps: Option<StampSender>,
}

/// Reads back the frames that the [`Renderer`](crate::Renderer) has written.
///
/// [`Monitor::take_tap`](crate::Monitor::take_tap) returns it if [`Config::tap_frames`](crate::Config::tap_frames) is
/// set. It holds so many frames of the first device. Of a [later device](crate::Renderer::rebind) it holds at least as
/// many, and for at least as long.
#[derive(Debug)]
pub struct Tap {
    samples: Receiver<f32>,
    stretches: Receiver<Begin>,
    present: Stretch,
    taken: u64,
    stamps: Option<Stamps>,
}

/// What one [`Tap::read`] returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tapped {
    /// The device frame of the first frame read, counted from the start of the stream. The count goes on through
    /// changes of the device's rate.
    pub at_frame: u64,
    /// The rate of the device that all of these frames were rendered for, in Hz.
    pub rate_hz: u32,
    /// How many frames were read. There is no gap between them.
    pub frames: usize,
    /// How many samples each frame has.
    pub channels: usize,
}

/// Makes a tap that holds `frames` frames of `device`, with stamps if the stream has a clock. Allocates it.
pub(crate) fn tap(
    frames: usize,
    device: &StreamSpec,
    is_timed: bool,
) -> (Box<TapSender>, Box<Tap>) {
    let channels = device.channels();
    let (stamps, read_stamps) = is_timed.then(stamps).unzip();
    let capacity = frames * channels;
    let (samples, read_samples) = items(capacity);
    let (stretches, read_stretches) = items(STRETCHES);
    let sender = TapSender {
        samples,
        next_ring: None,
        #[cfg(feature = "std")]
        capacity,
        #[cfg(feature = "std")]
        frames: (frames, device.rate_hz),
        stretches,
        written: 0,
        continues: None,
        stamps,
    };
    let present = Stretch {
        ring_at: 0,
        at_frame: 0,
        rate_hz: device.rate_hz,
        layout: device.layout,
    };
    let tap = Tap {
        samples: read_samples,
        stretches: read_stretches,
        present,
        taken: 0,
        stamps: read_stamps,
    };
    (Box::new(sender), Box::new(tap))
}

impl TapSender {
    /// Notes when a block came, whether or not there is room for its samples.
    pub(crate) fn note(&mut self, stamp: Stamp) {
        if let Some(stamps) = &mut self.stamps {
            stamps.note(stamp);
        }
    }

    /// Makes room for as many frames of another device, and for as long: whichever is more. Frames in the old ring stay
    /// there for the reader. Allocates.
    #[cfg(feature = "std")]
    pub(crate) fn rebind(&mut self, device: &StreamSpec) -> Result<(), ConfigError> {
        let (frames, rate_hz) = self.frames;
        let length = Span::new(frames as u64, rate_hz);
        let frames = length.covering_frames_at(device.rate_hz.max(rate_hz));
        let frames = usize::try_from(frames).unwrap_or(usize::MAX);
        check_queue(frames, size_of::<f32>() * device.channels())?;
        let capacity = frames * device.channels();
        if capacity > self.capacity {
            let (samples, read_samples) = items(capacity);
            self.samples = samples;
            self.next_ring = Some(read_samples);
            self.capacity = capacity;
            // The next block begins a stretch, with which the ring goes to the reader.
            self.continues = None;
        }
        Ok(())
    }

    /// Announces a block of `frames` frames. Returns false if there is no room: the block is lost.
    pub(crate) fn begin(&mut self, at_frame: u64, frames: usize, device: &StreamSpec) -> bool {
        let (rate_hz, layout) = (device.rate_hz, device.layout);
        let mut fits = self.samples.free() >= frames * layout.channels();
        if fits && self.continues != Some((at_frame, rate_hz, layout)) {
            // The stretch must be published before its samples.
            let stretch = Stretch {
                ring_at: self.written,
                at_frame,
                rate_hz,
                layout,
            };
            let ring = self.next_ring.take();
            let pushed = self.stretches.push(Begin { stretch, ring });
            fits = pushed.is_ok();
            self.next_ring = pushed.err().and_then(|begin| begin.ring);
        }
        self.continues = fits.then_some((at_frame + frames as u64, rate_hz, layout));
        fits
    }

    /// Writes samples of the announced block.
    pub(crate) fn push(&mut self, samples: &[f32]) {
        self.samples.push_slice(samples);
        self.written += samples.len() as u64;
    }
}

impl Tap {
    pub(crate) fn take_stamps(&mut self) -> Option<Stamps> {
        self.stamps.take()
    }

    /// The layout of the frames at the present position.
    pub(crate) fn layout(&self) -> ChannelLayout {
        self.present.layout
    }

    /// Moves whole frames, oldest first, into `out` (interleaved), up to the next gap or change of device.
    ///
    /// The samples are those that the device got, after rounding and clipping, at full scale 1.0. They are exact for
    /// `f32` and for every format of up to 24 bits.
    ///
    /// Blocks that found no room are missing, and `at_frame` shows where. Behind a rebind that needed a larger buffer,
    /// the call that has read the old one to its end frees it.
    pub fn read(&mut self, out: &mut [f32]) -> Tapped {
        // The order of the loads is the protocol. The samples are looked at first. Each stretch was published before
        // its samples, so it is seen with them.
        let mut available = self.samples.available();
        while let Some(next) = self.stretches.peek()
            && next.stretch.ring_at == self.taken
            && let Some(begin) = self.stretches.pop()
        {
            self.present = begin.stretch;
            if let Some(ring) = begin.ring {
                // The old ring has been read to its end.
                self.samples = ring;
                available = self.samples.available();
            }
        }
        let to_gap = self.stretches.peek().map_or(usize::MAX, |next| {
            usize::try_from(next.stretch.ring_at - self.taken).unwrap_or(usize::MAX)
        });
        let Stretch {
            ring_at,
            at_frame,
            rate_hz,
            layout,
        } = self.present;
        let channels = layout.channels();
        let count = out.len().min(available).min(to_gap);
        let count = count - count % channels;
        self.samples
            .pop_slice(out.get_mut(..count).unwrap_or_default());
        let at_frame = at_frame + (self.taken - ring_at) / channels as u64;
        self.taken += count as u64;
        Tapped {
            at_frame,
            rate_hz,
            frames: count / channels,
            channels,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_block_shows_as_a_gap_in_the_positions() {
        let device = "48000x2:f32le".parse().unwrap();
        let (mut sender, mut tap) = tap(4, &device, false);
        let write = |sender: &mut TapSender, at_frame, block: &[f32]| {
            let fits = sender.begin(at_frame, block.len() / 2, &device);
            if fits {
                sender.push(block);
            }
            fits
        };
        assert!(write(&mut sender, 0, &[0.0, 1.0, 2.0, 3.0]));
        assert!(write(&mut sender, 2, &[4.0, 5.0]));
        assert!(!write(&mut sender, 3, &[6.0; 4]), "no room");
        let mut out = [9.0; 3];
        let tapped = |at_frame, frames| Tapped {
            at_frame,
            rate_hz: 48_000,
            frames,
            channels: 2,
        };
        assert_eq!(tap.read(&mut out), tapped(0, 1));
        assert_eq!(out, [0.0, 1.0, 9.0]);
        assert!(write(&mut sender, 5, &[7.0, 8.0]));
        let mut out = [9.0; 8];
        assert_eq!(tap.read(&mut out), tapped(1, 2));
        assert_eq!(out[..4], [2.0, 3.0, 4.0, 5.0]);
        assert_eq!(tap.read(&mut out), tapped(5, 1));
        assert_eq!(out[..2], [7.0, 8.0]);
        assert_eq!(tap.read(&mut out).frames, 0);
    }
}
