//! Whether a running device is still alive: a decision without clocks, threads or devices in it.

use std::time::{Duration, Instant};

use crate::seam::{DeviceEvent, Progress};

/// A window in which errors are counted.
const WINDOW: Duration = Duration::from_secs(1);
/// More errors than this in one window are a callback that spins. A stall of half a second through
/// PulseAudio's ALSA plugin makes a thousand, and passes.
const SPINNING: u64 = 20_000;
/// So many messages of that kind are passed on in one window.
const TOLD: u64 = 20;
/// So many errors, and no block for so long, are one too.
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
    /// When the present number of blocks was first seen.
    last_block: Instant,
    /// The same, whatever is forgiven: an input has delivered nothing since.
    moved: Instant,
    /// How long the sound of the last block, or blocks, lasts.
    last_sound: Duration,
    /// It was said to be gone: when, and in what words.
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

    /// Takes in what the device says. True where the application should hear of it at once; what
    /// may be a death is told of when it is certain.
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
            // Blocks that still come late in the wait: that was said too early, or of another
            // device.
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

    /// Time in which nobody looked (the process was stopped, the machine asleep or out of breath)
    /// is held against nobody.
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
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_millis(10);
    const LIMITS: Limits = Limits {
        block: Duration::from_secs(1),
        first_block: Duration::from_secs(5),
        second_thoughts: Duration::from_millis(250),
    };

    /// A stream in made-up time.
    struct Play {
        life: Life,
        now: Instant,
        progress: Progress,
    }

    impl Play {
        fn new() -> Self {
            Self::within(LIMITS)
        }

        fn within(limits: Limits) -> Self {
            let now = Instant::now();
            Self {
                life: Life::new(limits, 48_000, now),
                now,
                progress: Progress::default(),
            }
        }

        /// So long with or without callbacks of 480 frames, looked at every 10 ms.
        fn run(&mut self, time: Duration, alive: bool) -> Option<Death> {
            for _ in 0..time.as_millis() / TICK.as_millis() {
                self.now += TICK;
                if alive {
                    self.progress.blocks += 1;
                    self.progress.frames += 480;
                }
                let death = self.life.look(Some(self.progress), self.now);
                if death.is_some() {
                    return death;
                }
            }
            None
        }

        fn hear(&mut self, event: &DeviceEvent) -> bool {
            self.life.hear(event, self.now)
        }
    }

    const SECOND: Duration = Duration::from_secs(1);

    fn lost() -> DeviceEvent {
        DeviceEvent::Lost("gone".into())
    }

    fn errors(count: u64) -> DeviceEvent {
        DeviceEvent::Errors {
            words: "bad".into(),
            count,
        }
    }

    /// RustAudio/cpal#487, mdwn/mtrack#347: the stream is open but no callback comes.
    #[test]
    fn a_callback_that_stops_coming_is_noticed() {
        let mut play = Play::new();
        assert_eq!(play.run(SECOND, true), None);
        assert_eq!(play.run(SECOND - TICK, false), None);
        let death = play.run(5 * TICK, false);
        assert!(matches!(death, Some(Death::Stalled(_))), "{death:?}");
        // It takes longer to start than to go on.
        let mut play = Play::new();
        assert_eq!(play.run(4 * SECOND, false), None);
        assert!(play.run(2 * SECOND, false).is_some());
    }

    /// PulseAudio's first block has 96,000 frames: the next may be two seconds away.
    #[test]
    fn a_long_block_earns_a_long_wait() {
        let mut play = Play::new();
        play.progress = Progress {
            blocks: 1,
            frames: 96_000,
        };
        assert_eq!(play.run(4 * SECOND, false), None);
        assert!(play.run(2 * SECOND, false).is_some());
    }

    #[test]
    fn a_loss_is_certain_only_after_a_moment() {
        let mut play = Play::new();
        play.run(SECOND, true);
        assert!(!play.hear(&lost()));
        // The last block may be seen only after the loss.
        assert_eq!(play.run(TICK, true), None);
        assert_eq!(play.run(20 * TICK, false), None);
        assert_eq!(play.run(10 * TICK, false), Some(Death::Lost("gone".into())));
    }

    /// PipeWire: DeviceNotAvailable, 2 ms later DeviceChanged, and it keeps playing.
    #[test]
    fn a_loss_taken_back_is_none() {
        let mut play = Play::new();
        play.run(SECOND, true);
        assert!(!play.hear(&lost()));
        assert!(play.hear(&DeviceEvent::Changed));
        assert_eq!(play.run(50 * TICK, false), None);
        assert_eq!(play.run(SECOND, true), None);
    }

    /// The same without the second message.
    #[test]
    fn a_loss_that_plays_on_is_none() {
        let mut play = Play::new();
        play.run(SECOND, true);
        play.hear(&lost());
        assert_eq!(play.run(2 * SECOND, true), None);
        // And it does not stay under suspicion.
        assert_eq!(play.run(50 * TICK, false), None);
    }

    #[test]
    fn a_server_that_died_needs_no_second_thought() {
        let mut play = Play::new();
        play.run(SECOND, true);
        play.hear(&DeviceEvent::Invalidated("dead".into()));
        assert_eq!(
            play.run(TICK, true),
            Some(Death::Invalidated("dead".into()))
        );
    }

    /// RustAudio/rodio#677, chrissnell/graywolf#9: an error callback that spins.
    #[test]
    fn errors_without_end_are_a_death_and_a_burst_is_none() {
        let mut play = Play::new();
        play.run(SECOND, true);
        // A stall of half a second through PulseAudio's plugin: 1,003 errors, then it recovers.
        assert!(play.hear(&errors(1_003)));
        assert_eq!(play.run(20 * TICK, false), None);
        assert_eq!(play.run(10 * SECOND, true), None);
        // Nothing but errors.
        play.hear(&errors(5_000));
        let death = play.run(50 * TICK, false);
        assert!(matches!(death, Some(Death::Spinning(_))), "{death:?}");
        // Half a million a second, with blocks between.
        let mut play = Play::new();
        play.run(SECOND, true);
        for _ in 0..5 {
            play.hear(&errors(5_000));
            if let Some(death) = play.run(TICK, true) {
                assert!(matches!(death, Death::Spinning(_)));
                return;
            }
        }
        panic!("it spins on");
    }

    #[test]
    fn a_flood_is_told_of_a_few_times_and_then_ends_it() {
        let mut play = Play::new();
        play.run(SECOND, true);
        let told = (0..150).filter(|_| play.hear(&DeviceEvent::Xrun)).count();
        assert_eq!(told as u64, TOLD);
        assert_eq!(play.run(20 * TICK, false), None);
        let death = play.run(20 * TICK, false);
        assert_eq!(death, Some(Death::Spinning(150)));
        // A second later they are told of again.
        let mut play = Play::new();
        for _ in 0..3 {
            assert!(play.hear(&DeviceEvent::Xrun));
            play.run(2 * SECOND, true);
        }
    }

    #[test]
    fn a_supervisor_that_slept_blames_nobody() {
        let mut play = Play::new();
        play.run(SECOND, true);
        play.now += 60 * SECOND;
        assert_eq!(play.run(SECOND / 2, false), None);
        assert_eq!(play.run(SECOND, true), None);
    }

    #[test]
    fn limits_without_end_are_kept_and_overflow_nowhere() {
        let max = Duration::MAX;
        let mut play = Play::within(Limits {
            block: max,
            first_block: max,
            second_thoughts: max,
        });
        play.progress = Progress {
            blocks: 1,
            frames: u64::MAX,
        };
        assert_eq!(play.run(SECOND, false), None);
        play.hear(&lost());
        play.now += 1_000_000 * SECOND;
        assert_eq!(play.run(10 * SECOND, false), None);
        // What needs no waiting is seen all the same.
        play.hear(&DeviceEvent::Invalidated("dead".into()));
        assert!(play.run(TICK, false).is_some());
        // And none at all is right as well.
        let none = Duration::ZERO;
        let mut play = Play::within(Limits {
            block: none,
            first_block: none,
            second_thoughts: none,
        });
        play.hear(&lost());
        assert_eq!(play.run(TICK, false), Some(Death::Lost("gone".into())));
    }

    #[test]
    fn an_output_that_counts_nothing_is_not_watched_but_heard() {
        let mut play = Play::new();
        play.now += SECOND;
        assert_eq!(play.life.look(None, play.now), None);
        play.hear(&lost());
        play.now += SECOND;
        assert!(play.life.look(None, play.now).is_some());
    }
}
