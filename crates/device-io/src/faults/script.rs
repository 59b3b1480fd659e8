//! Fault scripts: which faults happen, and when.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::lock::locked;
use crate::seam::{DeviceEvent, Progress};

/// A fault of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The device is gone: [`DeviceEvent::Lost`] is reported, and no callback comes any more.
    Lose,
    /// The server has died: [`DeviceEvent::Invalidated`] is reported twice, and no callback comes any more.
    Invalidate,
    /// The callback stops coming, without a report.
    Die,
    /// A false alarm: a loss is reported, but the device plays on, and reports that a moment later.
    SpuriousLoss,
    /// No callback comes for some time. Meanwhile an output plays silence, and the frames of an input are lost.
    Stall {
        /// How long, in device frames.
        frames: u64,
    },
    /// The callback comes late by this time. This takes real time.
    Late(Duration),
    /// A block comes that is no whole number of frames. It is not heard.
    WrongShape,
    /// The device has a gap of its own: [`DeviceEvent::Xrun`].
    Xrun,
    /// This many errors come at once.
    Errors(u64),
}

/// A reproducible choice of [`Fault`]s. Equal seeds and scripts give equal faults at equal frames, whatever the sizes
/// of the device's own blocks.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    seed: u64,
    largest_block: Option<usize>,
    first_block: Option<usize>,
    chances: Vec<(f64, Fault)>,
    script: Vec<(u64, Fault)>,
}

impl Faults {
    /// Makes a choice without faults. The seed is for everything random.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            ..Self::default()
        }
    }

    /// Adds blocks of 0 to `largest` frames, uniformly distributed, in place of the device's own. An output's blocks
    /// are rendered ahead by that much.
    #[must_use]
    pub fn odd_blocks(mut self, largest: usize) -> Self {
        self.largest_block = Some(largest.max(1));
        self
    }

    /// Adds a first block of `frames` frames after each start. 96,000 have been seen.
    #[must_use]
    pub fn first_block(mut self, frames: usize) -> Self {
        self.first_block = Some(frames);
        self
    }

    /// Adds a fault before each block, with a probability in `0.0..=1.0`.
    #[must_use]
    pub fn chance(mut self, probability: f64, fault: Fault) -> Self {
        self.chances.push((probability, fault));
        self
    }

    /// Adds a fault before the first block that begins at or behind the device frame `frame`.
    #[must_use]
    pub fn at(mut self, frame: u64, fault: Fault) -> Self {
        self.script.push((frame, fault));
        self.script.sort_by_key(|(frame, _)| *frame);
        self
    }
}

/// The progress of the faults.
#[derive(Debug)]
pub(super) struct Script {
    faults: Faults,
    random: u64,
    /// How many device frames have passed.
    at: u64,
    /// How many of the scripted faults have happened.
    done: usize,
    /// Whether the next block is the first after a start.
    starting: bool,
}

impl Script {
    pub(super) fn new(faults: Faults) -> Self {
        Self {
            random: faults.seed,
            faults,
            at: 0,
            done: 0,
            starting: true,
        }
    }

    pub(super) fn begin(&mut self) {
        self.starting = true;
    }

    /// The faults before the next block.
    pub(super) fn faults(&mut self) -> Vec<Fault> {
        let mut now = Vec::new();
        while let Some((frame, fault)) = self.faults.script.get(self.done)
            && *frame <= self.at
        {
            now.push(*fault);
            self.done += 1;
        }
        for index in 0..self.faults.chances.len() {
            // 53 bits, as a double in 0.0..1.0.
            let drawn = (self.draw() >> 11) as f64 / (1_u64 << 53) as f64;
            now.extend(
                self.faults
                    .chances
                    .get(index)
                    .filter(|(probability, _)| drawn < *probability)
                    .map(|(_, fault)| *fault),
            );
        }
        now
    }

    /// The length of the next block, if the faults set it.
    pub(super) fn block_frames(&mut self) -> Option<usize> {
        let starting = std::mem::replace(&mut self.starting, false);
        if let Some(frames) = self.faults.first_block.filter(|_| starting) {
            return Some(frames);
        }
        let largest = self.faults.largest_block?;
        Some((self.draw() % (largest as u64).saturating_add(1)) as usize)
    }

    pub(super) fn pass(&mut self, frames: usize) {
        self.at += frames as u64;
    }

    /// Steele, Lea and Flood's SplitMix64 (OOPSLA 2014).
    fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = self.random;
        let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// The state that the callback and the device's handle share.
#[derive(Debug, Default)]
pub(super) struct Told {
    events: Mutex<VecDeque<DeviceEvent>>,
    blocks: AtomicU64,
    frames: AtomicU64,
}

impl Told {
    pub(super) fn next(&self) -> Option<DeviceEvent> {
        locked(&self.events).pop_front()
    }

    pub(super) fn progress(&self) -> Progress {
        Progress {
            blocks: self.blocks.load(Ordering::Relaxed),
            frames: self.frames.load(Ordering::Relaxed),
        }
    }

    pub(super) fn count(&self, frames: usize) {
        self.blocks.fetch_add(1, Ordering::Relaxed);
        self.frames.fetch_add(frames as u64, Ordering::Relaxed);
    }

    fn say(&self, event: DeviceEvent) {
        locked(&self.events).push_back(event);
    }
}

/// The faults of a running device.
pub(super) struct Hostility {
    script: Arc<Mutex<Script>>,
    told: Arc<Told>,
    dead: bool,
    /// For how many more frames no callback comes.
    stalled: u64,
}

/// What happens with the next callback.
pub(super) enum Next {
    /// No callback comes any more.
    Dead,
    /// No callback comes for this many frames.
    Stalled(u64),
    /// A block of `frames` frames, or of the device's own length. Before it come `wrong_shapes` blocks of a wrong
    /// shape.
    Block {
        frames: Option<usize>,
        wrong_shapes: usize,
    },
}

impl Hostility {
    pub(super) fn new(script: &Arc<Mutex<Script>>, told: &Arc<Told>) -> Self {
        locked(script).begin();
        Self {
            script: Arc::clone(script),
            told: Arc::clone(told),
            dead: false,
            stalled: 0,
        }
    }

    /// Draws the faults before the next block, and makes them happen.
    pub(super) fn next(&mut self) -> Next {
        if self.dead {
            return Next::Dead;
        }
        if self.stalled > 0 {
            return Next::Stalled(self.stalled);
        }
        let mut wrong_shapes = 0;
        let (faults, frames) = {
            let mut script = locked(&self.script);
            (script.faults(), script.block_frames())
        };
        for fault in faults {
            match fault {
                Fault::Lose => {
                    self.told.say(DeviceEvent::Lost("made to be lost".into()));
                    self.dead = true;
                }
                Fault::Invalidate => {
                    for _ in 0..2 {
                        let words = "its server was made to die".into();
                        self.told.say(DeviceEvent::Invalidated(words));
                    }
                    self.dead = true;
                }
                Fault::Die => self.dead = true,
                Fault::SpuriousLoss => {
                    self.told.say(DeviceEvent::Lost("said to be lost".into()));
                    self.told.say(DeviceEvent::Changed);
                }
                Fault::Stall { frames } => self.stalled = self.stalled.saturating_add(frames),
                Fault::Late(time) => std::thread::sleep(time),
                Fault::WrongShape => wrong_shapes += 1,
                Fault::Xrun => self.told.say(DeviceEvent::Xrun),
                Fault::Errors(count) => self.told.say(DeviceEvent::Errors {
                    words: "made to complain".into(),
                    count,
                }),
            }
        }
        if self.dead {
            Next::Dead
        } else if self.stalled > 0 {
            Next::Stalled(self.stalled)
        } else {
            Next::Block {
                frames,
                wrong_shapes,
            }
        }
    }

    /// Notes that `frames` frames of a stall have passed.
    pub(super) fn wait_out(&mut self, frames: usize) {
        self.stalled = self.stalled.saturating_sub(frames as u64);
        locked(&self.script).pass(frames);
    }

    /// Notes that a block of `frames` frames has been served.
    pub(super) fn pass(&mut self, frames: usize) {
        self.told.count(frames);
        locked(&self.script).pass(frames);
    }
}
