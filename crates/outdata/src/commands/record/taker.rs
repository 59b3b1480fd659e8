//! Moves what was captured to where it goes.

use std::time::Instant;

use indicatif::ProgressBar;
use rt_callback::{Gap, Reader, StreamSpec};

use super::report::seconds;
use crate::console::{Failure, level, warn};
use crate::output::{Kept, Output};

/// Frames read at a time.
const READ_FRAMES: usize = 1_024;

/// Where the sound comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum State {
    Recording,
    /// Its device is gone, since then, and another is looked for.
    Searching(Instant),
    /// Its device is gone, and a key is waited for.
    Held,
}

pub(super) struct Taker {
    output: Output,
    pub(super) reader: Reader,
    bar: ProgressBar,
    to: StreamSpec,
    /// Frames that are still wanted.
    left: u64,
    bytes: Vec<u8>,
    pub(super) gaps: Vec<Gap>,
}

impl Taker {
    /// So many frames are wanted, or all that come.
    pub(super) fn new(
        output: Output,
        reader: Reader,
        bar: ProgressBar,
        to: StreamSpec,
        wanted: Option<u64>,
    ) -> Self {
        Self {
            output,
            reader,
            bar,
            to,
            left: wanted.unwrap_or(u64::MAX),
            bytes: vec![0; READ_FRAMES * to.frame_bytes()],
            gaps: Vec::new(),
        }
    }

    /// There is as much as was wanted.
    pub(super) fn is_done(&self) -> bool {
        self.left == 0
    }

    /// How much longer it takes until then, in seconds.
    pub(super) fn seconds_left(&self) -> f64 {
        seconds(self.left, self.to.rate_hz)
    }

    /// All that is there now and wanted. After an error nothing more is.
    pub(super) fn take(&mut self) -> Result<(), Failure> {
        let frame_bytes = self.to.frame_bytes();
        while self.left > 0 {
            let most = usize::try_from(self.left).unwrap_or(usize::MAX);
            let most = most.min(READ_FRAMES) * frame_bytes;
            let bytes = self.bytes.get_mut(..most).unwrap_or_default();
            let frames = self.reader.read_bytes(bytes);
            if frames == 0 {
                break;
            }
            self.left -= frames as u64;
            let bytes = self.bytes.get(..frames * frame_bytes).unwrap_or_default();
            let written = self.output.write(bytes);
            if written.is_err() {
                self.left = 0;
                return written;
            }
        }
        let gaps = &mut self.gaps;
        self.reader.poll(|gap| gaps.push(gap));
        self.output.flush()
    }

    /// The line that moves.
    pub(super) fn show(&self, state: State) {
        let state = match state {
            State::Recording => "",
            State::Searching(_) => "looking for a device | ",
            State::Held => "no device | ",
        };
        let monitor = self.reader.monitor();
        let counters = monitor.snapshot();
        self.bar.set_message(format!(
            "{state}{:7.2} s recorded | {} | {} overruns",
            seconds(counters.delivered_frames, self.to.rate_hz),
            level(monitor.take_peak()),
            counters.overruns,
        ));
        self.bar.tick();
    }

    /// A line that stays.
    pub(super) fn warn(&self, words: &str) {
        self.bar.suspend(|| warn(words));
    }

    /// Completes the output with what there is.
    pub(super) fn keep(self) -> (Reader, Vec<Gap>, Kept) {
        self.bar.finish_and_clear();
        (self.reader, self.gaps, self.output.keep())
    }
}
