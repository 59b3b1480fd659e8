//! Whether a running device is still alive: a decision without clocks, threads or devices in it.

use std::time::{Duration, Instant};

use crate::seam::{DeviceEvent, Progress};

/// A window in which errors are counted.
const WINDOW: Duration = Duration::from_secs(1);
/// More errors than this in one window mean that the callback spins. A stall of half a second through PulseAudio's
/// ALSA plugin makes a thousand, and passes.
const SPINNING: u64 = 20_000;
/// How many messages of that kind are passed on in one window.
const TOLD: u64 = 20;
/// So many errors without a block for so long mean the same.
const FRUITLESS: (u64, Duration) = (100, Duration::from_millis(300));

/// What ended a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Death {
    /// The device or its server is gone, in the audio system's words.
    Lost(String),
    /// The stream has to be opened anew, in the audio system's words.
    Invalidated(String),
    /// No callback for so long.
    Stalled(Duration),
    /// So many errors, and hardly anything else.
    Spinning(u64),
}

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Between two blocks, on top of what the last of them lasted.
    pub(crate) block: Duration,
    /// Until the first block.
    pub(crate) first_block: Duration,
    /// From "the device is gone" to "it was only a move".
    pub(crate) second_thoughts: Duration,
}

/// Watches one stream, from its start to its death.
#[derive(Debug)]
pub(crate) struct Life {
    limits: Limits,
    rate_hz: u32,
    /// The last look.
    looked: Instant,
    progress: Progress,
    /// When the number of blocks last changed, moved on by the time in which nobody looked.
    last_block: Instant,
    /// When the number of blocks last changed: an input has delivered nothing since.
    moved: Instant,
    /// How long the sound of the last block, or blocks, lasts.
    last_sound: Duration,
    /// When the device was said to be gone, and in what words.
    suspected: Option<(Instant, String)>,
    invalidated: Option<String>,
    errors_since_block: u64,
    /// The window's begin and its errors.
    errors: (Instant, u64),
    /// Messages passed on in it.
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
            errors_since_block: 0,
            errors: (now, 0),
            told: 0,
        }
    }

    /// Takes in what the device says. True where the application should hear of it at once; a possible death is told
    /// when it is certain.
    pub(crate) fn hear(&mut self, event: &DeviceEvent, now: Instant) -> bool {
        match event {
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

    /// True while there are few enough to be told of one by one.
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

    /// Looks at how far the callback has come, where that is known, and says what it died of.
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
            // Blocks that still come late in the wait mean that it was said too early, or of another device.
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

    /// Blocks that have been rendered.
    pub(crate) fn blocks(&self) -> u64 {
        self.progress.blocks
    }

    /// When the last block was seen; when it was started, before the first.
    pub(crate) fn last_moved(&self) -> Instant {
        self.moved
    }

    /// Does not count the time in which nobody looked: the process was stopped, or the machine asleep or overloaded.
    fn forgive_absence(&mut self, now: Instant) {
        let away = now.saturating_duration_since(self.looked);
        self.looked = now;
        let normal = self.limits.block / 4;
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
