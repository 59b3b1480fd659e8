//! Decides whether a running device is still alive. It reads no clock, and knows no threads or devices.

use std::time::{Duration, Instant};

use crate::seam::{DeviceEvent, Progress};

/// How often to look at a running device.
pub(super) const TICK: Duration = Duration::from_millis(10);
/// The time between two looks that is never absence, however short the limits are: on a busy machine a look comes late.
const LATE: Duration = TICK.saturating_mul(5);
/// The window in which errors are counted.
const WINDOW: Duration = Duration::from_secs(1);
/// More errors than this in one window mean that the error callback spins. A stall of half a second through
/// PulseAudio's ALSA plugin makes a thousand errors, and passes.
const SPINNING: u64 = 20_000;
/// How many errors are reported in one window.
const TOLD: u64 = 20;
/// This many errors, and no block for this long, mean that the error callback spins too.
const FRUITLESS: (u64, Duration) = (100, Duration::from_millis(300));

/// Why a stream died.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Death {
    /// The device or its server is gone. The field has the audio system's words.
    Lost(String),
    /// The stream has to be opened anew. The field has the audio system's words.
    Invalidated(String),
    /// No callback came for this long.
    Stalled(Duration),
    /// This many errors came, and hardly anything else.
    Spinning(u64),
    /// An input has delivered all there was. The field has its words.
    Ended(String),
}

/// How long to wait before a device counts as dead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Between two blocks, besides twice the length of the last one.
    pub(crate) block: Duration,
    /// Until the first block.
    pub(crate) first_block: Duration,
    /// From the report that the device is gone to the report that the stream was only moved.
    pub(crate) second_thoughts: Duration,
}

/// Watches one stream from its start to its death.
#[derive(Debug)]
pub(crate) struct Life {
    limits: Limits,
    rate_hz: u32,
    /// The time of the last look.
    looked: Instant,
    progress: Progress,
    /// When the number of blocks last changed. The time in which nobody looked is added.
    last_block: Instant,
    /// When the number of blocks last changed. An input has delivered nothing since.
    moved: Instant,
    /// The length of the last block, or of all blocks since the last look.
    last_sound: Duration,
    /// When the device was reported as gone, and the words of the report.
    suspected: Option<(Instant, String)>,
    invalidated: Option<String>,
    ended: Option<String>,
    errors_since_block: u64,
    /// The begin of the window, and the errors in it.
    errors: (Instant, u64),
    /// How many errors were reported in the window.
    told: u64,
}

impl Life {
    pub(crate) fn new(limits: Limits, rate_hz: u32, now: Instant) -> Self {
        Self {
            limits,
            rate_hz,
            looked: now,
            progress: Progress::default(),
            last_block: now,
            moved: now,
            last_sound: Duration::ZERO,
            suspected: None,
            invalidated: None,
            ended: None,
            errors_since_block: 0,
            errors: (now, 0),
            told: 0,
        }
    }

    /// Notes an event of the device. Returns whether to pass it on to the application at once. A possible death is
    /// reported only when it is certain.
    pub(crate) fn hear(&mut self, event: &DeviceEvent, now: Instant) -> bool {
        match event {
            DeviceEvent::Lost(words) if event.is_end() => {
                self.ended = Some(words.clone());
                false
            }
            DeviceEvent::Lost(words) => {
                self.suspected.get_or_insert_with(|| (now, words.clone()));
                false
            }
            DeviceEvent::Invalidated(words) => {
                self.invalidated = Some(words.clone());
                false
            }
            DeviceEvent::Changed => {
                self.suspected = None;
                true
            }
            DeviceEvent::Errors { count, .. } => self.count_errors(*count, now),
            DeviceEvent::Xrun => self.count_errors(1, now),
            _ => true,
        }
    }

    /// Counts errors. Returns whether there are few enough to report this one.
    fn count_errors(&mut self, count: u64, now: Instant) -> bool {
        if now.saturating_duration_since(self.errors.0) >= WINDOW {
            self.errors = (now, 0);
            self.told = 0;
        }
        self.errors.1 = self.errors.1.saturating_add(count);
        self.errors_since_block = self.errors_since_block.saturating_add(count);
        self.told += 1;
        self.told <= TOLD
    }

    /// Looks at how far the callback has come, if that is known, and returns why the device died, if it did.
    pub(crate) fn look(&mut self, progress: Option<Progress>, now: Instant) -> Option<Death> {
        self.forgive_absence(now);
        if let Some(progress) = progress
            && progress.blocks != self.progress.blocks
        {
            let frames = progress.frames.saturating_sub(self.progress.frames);
            self.last_sound = sound_of(frames, self.rate_hz);
            self.progress = progress;
            self.last_block = now;
            self.moved = now;
            self.errors_since_block = 0;
        }
        // An end needs no second thoughts.
        if let Some(words) = self.ended.take() {
            return Some(Death::Ended(words));
        }
        if let Some(words) = self.invalidated.take() {
            return Some(Death::Invalidated(words));
        }
        let sound = self.last_sound.min(self.limits.block);
        let wait = sound
            .saturating_mul(2)
            .saturating_add(self.limits.second_thoughts);
        if let Some((since, words)) = &self.suspected
            && now.saturating_duration_since(*since) >= wait
        {
            // If blocks still come late in the wait, the report was too early, or meant another device.
            let played_on = self.moved.saturating_duration_since(*since);
            if progress.is_none() || played_on.is_zero() || played_on < wait / 2 {
                return Some(Death::Lost(words.clone()));
            }
            self.suspected = None;
        }
        let silent = now.saturating_duration_since(self.last_block);
        let (enough, fruitless) = FRUITLESS;
        if self.errors.1 > SPINNING || (self.errors_since_block >= enough && silent >= fruitless) {
            return Some(Death::Spinning(self.errors_since_block.max(self.errors.1)));
        }
        let allowed = if self.progress.blocks == 0 {
            self.limits.first_block
        } else {
            let sound = self.last_sound.saturating_mul(2);
            sound.saturating_add(self.limits.block)
        };
        (progress.is_some() && silent >= allowed).then_some(Death::Stalled(silent))
    }

    /// How many blocks there have been.
    pub(crate) fn blocks(&self) -> u64 {
        self.progress.blocks
    }

    /// When the last block was seen. Before the first block: when the device was started.
    pub(crate) fn last_moved(&self) -> Instant {
        self.moved
    }

    /// Excludes the time in which nobody looked, because the process was stopped, or the machine slept or was
    /// overloaded.
    fn forgive_absence(&mut self, now: Instant) {
        let away = now.saturating_duration_since(self.looked);
        self.looked = now;
        let limit = if self.progress.blocks == 0 {
            self.limits.first_block
        } else {
            self.limits.block
        };
        let normal = (limit / 4).max(LATE);
        if away > normal {
            self.last_block += away - normal;
        }
    }
}

fn sound_of(frames: u64, rate_hz: u32) -> Duration {
    let seconds = frames as f64 / f64::from(rate_hz.max(1));
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests;
