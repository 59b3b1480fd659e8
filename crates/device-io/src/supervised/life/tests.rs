#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;

const LIMITS: Limits = Limits {
    block: Duration::from_secs(1),
    first_block: Duration::from_secs(5),
    second_thoughts: Duration::from_millis(250),
};

/// A stream in simulated time.
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

    /// Passes `time` with or without callbacks of 480 frames, and looks every 10 ms.
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
    // The first block may take longer than later ones.
    let mut play = Play::new();
    assert_eq!(play.run(4 * SECOND, false), None);
    assert!(play.run(2 * SECOND, false).is_some());
}

/// The shortest limits too: a look that comes as it should is no absence to be forgiven.
#[test]
fn the_shortest_watchdog_notices_a_dead_device() {
    for block in [0, 1, 20, 39, 100].map(Duration::from_millis) {
        let limits = Limits { block, ..LIMITS };
        let mut play = Play::within(limits);
        assert_eq!(play.run(SECOND, true), None, "{block:?}");
        let death = play.run(block + 4 * TICK, false);
        assert!(
            matches!(death, Some(Death::Stalled(_))),
            "{block:?}: {death:?}"
        );
        // And where there was not one block, from either limit.
        let mut play = Play::within(Limits {
            first_block: Duration::from_millis(200),
            ..limits
        });
        assert_eq!(play.run(19 * TICK, false), None, "{block:?}");
        let death = play.run(2 * TICK, false);
        assert!(
            matches!(death, Some(Death::Stalled(_))),
            "{block:?}: {death:?}"
        );
    }
    let mut play = Play::within(Limits {
        first_block: Duration::from_millis(1),
        ..LIMITS
    });
    assert!(play.run(TICK, false).is_some());
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

/// PipeWire again, without the second report.
#[test]
fn a_loss_that_plays_on_is_none() {
    let mut play = Play::new();
    play.run(SECOND, true);
    play.hear(&lost());
    assert_eq!(play.run(2 * SECOND, true), None);
    // The suspicion does not stay.
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

/// Nobody takes an end back, and what comes behind it is no other death.
#[test]
fn an_end_needs_no_second_thought() {
    let mut play = Play::new();
    play.run(SECOND, true);
    let end = DeviceEvent::end();
    assert!(!play.hear(&end));
    let DeviceEvent::Lost(words) = end else {
        panic!("{end:?}");
    };
    assert_eq!(play.run(TICK, false), Some(Death::Ended(words)));
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
    // Errors without blocks.
    play.hear(&errors(5_000));
    let death = play.run(50 * TICK, false);
    assert!(matches!(death, Some(Death::Spinning(_))), "{death:?}");
    // Half a million errors a second, with blocks between them.
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
    // In the next window errors are reported again.
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
    // Nor before the first block, whatever the other limit is.
    let mut play = Play::within(Limits {
        block: Duration::MAX,
        first_block: SECOND,
        ..LIMITS
    });
    play.now += 60 * SECOND;
    assert_eq!(play.run(SECOND / 2, false), None);
    assert!(play.run(SECOND, false).is_some());
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
    // A death that needs no waiting is still seen.
    play.hear(&DeviceEvent::Invalidated("dead".into()));
    assert!(play.run(TICK, false).is_some());
    // Limits of zero work as well.
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
