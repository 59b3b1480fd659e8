//! The gate: holds a sound back until enough of it is queued.

use crate::config::{Buffering, Config};
use crate::span::Span;

/// The thresholds, and the wait that was learned from underruns. Times are in nanoseconds.
#[derive(Debug)]
pub(super) struct Gate {
    /// How much must be queued before a sound begins, and before it goes on.
    begin_ns: u64,
    go_on_ns: u64,
    /// The learned wait of a beginning after that much is queued, and the longest that wait may be.
    longer_ns: u64,
    longest_ns: u64,
    /// The heard source frames when the learned wait was last reduced.
    heard_frames: u64,
    /// The time in a full queue.
    full_ns: u64,
    /// The longest a sound is held back in all.
    #[cfg(feature = "std")]
    cap: Span,
    cap_frames: u64,
    /// The rate of the device.
    rate_hz: u32,
    /// What the gate waits for. `None` is open.
    waiting: Option<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    /// How much must be queued, and how much longer the sound is held back then.
    queued_ns: u64,
    longer_ns: u64,
    /// The device frames since which something is queued and held back, and since which enough is queued. They are
    /// counted at the present device's rate, so they may lie before the start of the stream.
    since: Option<i64>,
    enough_since: Option<i64>,
}

/// A minute. While sound is heard for a small part of it, the learned wait shrinks by the same part.
const FALL_NS: u64 = 60_000_000_000;

impl Gate {
    pub(super) fn new(config: &Config) -> Self {
        let cap = span_of(config.prebuffer_cap.as_nanos());
        let (begin_ns, go_on_ns, longest_ns) = match config.buffering {
            Buffering::Fixed => (
                config.source_span(config.prebuffer_frames).nanoseconds(),
                config.source_span(config.rebuffer_frames).nanoseconds(),
                0,
            ),
            Buffering::Adaptive { min, max } => {
                let min_ns = span_of(min.as_nanos()).nanoseconds();
                let max_ns = span_of(max.as_nanos()).nanoseconds();
                (min_ns, min_ns, max_ns.saturating_sub(min_ns))
            }
        };
        let mut gate = Self {
            begin_ns,
            go_on_ns,
            longer_ns: 0,
            longest_ns,
            heard_frames: 0,
            full_ns: config.queue().nanoseconds(),
            #[cfg(feature = "std")]
            cap,
            cap_frames: cap.frames_at(config.device.rate_hz),
            rate_hz: config.device.rate_hz,
            waiting: None,
        };
        gate.close_for_beginning();
        gate
    }

    /// Changes to another device, whose frames count the time.
    #[cfg(feature = "std")]
    pub(super) fn set_rate(&mut self, now: u64, rate_hz: u32) {
        if self.opens_at().is_some_and(|at| at <= now) {
            self.open();
        }
        if let Some(waiting) = &mut self.waiting {
            // The time that has passed stays the same.
            let now = signed(now);
            let before_hz = self.rate_hz;
            let moved = |since: i64| {
                let passed = Span::new(now.saturating_sub(since).unsigned_abs(), before_hz);
                now.saturating_sub(signed(passed.frames_at(rate_hz)))
            };
            waiting.since = waiting.since.map(moved);
            waiting.enough_since = waiting.enough_since.map(moved);
        }
        self.cap_frames = self.cap.frames_at(rate_hz);
        self.rate_hz = rate_hz;
    }

    /// Closes the gate before the next sound.
    pub(super) fn close_for_beginning(&mut self) {
        self.close(self.begin_ns, self.longer_ns);
    }

    /// Closes the gate before sound goes on after a gap. The learned wait does not apply: the gap has already delayed
    /// the sound by that much.
    pub(super) fn close_in_gap(&mut self) {
        self.close(self.go_on_ns, 0);
    }

    fn close(&mut self, queued_ns: u64, longer_ns: u64) {
        self.waiting = (queued_ns.max(longer_ns) > 0).then_some(Waiting {
            queued_ns,
            longer_ns,
            since: None,
            enough_since: None,
        });
    }

    /// Learns from a gap behind which sound went on: a beginning that had waited longer by `gap_ns` would have avoided
    /// it.
    pub(super) fn learn_gap(&mut self, gap_ns: u64) {
        let longer = self.longer_ns.saturating_add(gap_ns);
        self.longer_ns = longer.min(self.longest_ns);
    }

    /// Reduces the learned wait for what has been heard. `heard_frames` are the source frames heard in all, and
    /// `between` says how long some of them lasted.
    pub(super) fn learn_heard(&mut self, heard_frames: u64, between: impl Fn(u64, u64) -> u64) {
        let before = core::mem::replace(&mut self.heard_frames, heard_frames);
        if self.longer_ns > 0 {
            let heard_ns = between(before, heard_frames);
            let kept = u128::from(self.longer_ns) * u128::from(FALL_NS)
                / (u128::from(FALL_NS) + u128::from(heard_ns));
            self.longer_ns = u64::try_from(kept).unwrap_or(u64::MAX);
        }
    }

    pub(super) const fn is_open(&self) -> bool {
        self.waiting.is_none()
    }

    /// Whether a queue with `queued_ns` has to wait at device frame `now`. Once it need not, the gate stays open.
    pub(super) fn holds_back(&mut self, queued_ns: u64, now: u64) -> bool {
        let Some(waiting) = &mut self.waiting else {
            return false;
        };
        waiting.since.get_or_insert(signed(now));
        let is_enough = queued_ns >= waiting.queued_ns;
        waiting.enough_since = is_enough.then(|| waiting.enough_since.unwrap_or(signed(now)));
        let is_full = queued_ns >= self.full_ns;
        if is_full || self.opens_at().is_some_and(|at| at <= now) {
            self.open();
        }
        !self.is_open()
    }

    /// The device frame at which the gate opens by itself, even if nothing more is queued. `None` if nothing is held
    /// back.
    pub(super) fn opens_at(&self) -> Option<u64> {
        let waiting = self.waiting.as_ref()?;
        let after =
            |since: i64, frames| since.saturating_add_unsigned(frames).max(0).unsigned_abs();
        let longest = after(waiting.since?, self.cap_frames);
        let longer = Span::new(waiting.longer_ns, 1_000_000_000);
        let learned = waiting.enough_since.map_or(u64::MAX, |since| {
            after(since, longer.covering_frames_at(self.rate_hz))
        });
        Some(longest.min(learned))
    }

    pub(super) fn open(&mut self) {
        self.waiting = None;
    }

    /// Whether something is queued and held back, so that the gate will open by itself.
    pub(super) fn is_timed(&self) -> bool {
        let waiting = self.waiting.as_ref();
        waiting.is_some_and(|waiting| waiting.since.is_some())
    }
}

/// A device frame as a signed number, saturated.
fn signed(frame: u64) -> i64 {
    i64::try_from(frame).unwrap_or(i64::MAX)
}

fn span_of(nanoseconds: u128) -> Span {
    Span::new(
        u64::try_from(nanoseconds).unwrap_or(u64::MAX),
        1_000_000_000,
    )
}

#[cfg(all(test, not(rt_callback_loom)))]
mod tests {
    use core::time::Duration;

    use channel_mix::ChannelLayout;
    use pcm_convert::SampleFormat;

    use super::*;
    use crate::spec::StreamSpec;

    const MS: u64 = 1_000_000;

    /// Adaptive from 60 ms to 1 s, a queue of 2 s, and a device of 1,000 Hz, whose frames are milliseconds.
    fn gate() -> Gate {
        let spec = |rate_hz| StreamSpec::new(SampleFormat::S16, rate_hz, ChannelLayout::MONO);
        let mut config = Config::new(spec(24_000), spec(1_000));
        config.queue_frames = 48_000;
        config.buffering = Buffering::Adaptive {
            min: Duration::from_millis(60),
            max: Duration::from_secs(1),
        };
        Gate::new(&config)
    }

    #[test]
    fn a_beginning_waits_as_long_as_was_missing_and_a_gap_does_not() {
        let mut gate = gate();
        assert!(gate.holds_back(60 * MS - 1, 0));
        assert!(!gate.holds_back(60 * MS, 10), "nothing was learned yet");
        gate.close_in_gap();
        gate.learn_gap(300 * MS);
        assert!(!gate.holds_back(60 * MS, 500));
        gate.close_for_beginning();
        assert!(!gate.is_timed());
        assert!(gate.holds_back(40 * MS, 1_000));
        assert!(gate.is_timed());
        assert!(gate.holds_back(60 * MS, 1_100), "from here on it waits");
        assert!(gate.holds_back(900 * MS, 1_399));
        assert!(!gate.holds_back(900 * MS, 1_400));
        assert!(!gate.is_timed());
        assert!(!gate.holds_back(0, 1_401), "once open it stays open");
    }

    #[test]
    fn a_full_queue_and_the_cap_end_the_wait() {
        let mut gate = gate();
        gate.learn_gap(u64::MAX);
        gate.close_for_beginning();
        assert!(gate.holds_back(2_000 * MS - 1, 0));
        assert!(!gate.holds_back(2_000 * MS, 1), "full");
        gate.close_for_beginning();
        assert!(gate.holds_back(MS, 0));
        // At most `max` in all, of which `min` takes 60 ms.
        assert!(gate.holds_back(60 * MS, 50));
        assert!(gate.holds_back(60 * MS, 989));
        assert!(!gate.holds_back(60 * MS, 990));
        gate.close_for_beginning();
        assert!(gate.holds_back(MS, 0));
        assert!(!gate.holds_back(MS, 1_000), "the cap");
    }

    #[test]
    fn what_is_dropped_while_it_waits_is_waited_for_again() {
        let mut gate = gate();
        gate.learn_gap(100 * MS);
        gate.close_for_beginning();
        assert!(gate.holds_back(60 * MS, 0));
        assert!(gate.holds_back(10 * MS, 50));
        assert!(gate.holds_back(60 * MS, 120));
        assert!(!gate.holds_back(60 * MS, 220));
    }

    #[test]
    fn what_is_heard_takes_back_what_was_learned() {
        let mut gate = gate();
        let seconds = |from: u64, to: u64| (to - from) * 1_000 * MS;
        gate.learn_heard(100, seconds);
        gate.learn_gap(610 * MS);
        gate.learn_heard(101, seconds);
        assert_eq!(gate.longer_ns, 600 * MS, "of 61 parts one");
        gate.learn_heard(101, seconds);
        assert_eq!(gate.longer_ns, 600 * MS);
        gate.learn_heard(161, seconds);
        assert_eq!(gate.longer_ns, 300 * MS);
        gate.learn_heard(u64::MAX, |_, _| u64::MAX);
        assert_eq!(gate.longer_ns, 0);
    }
}
