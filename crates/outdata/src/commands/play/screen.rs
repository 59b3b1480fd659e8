//! What a player shows while it plays: one line that moves, and lines that stay.

use std::time::Duration;

use indicatif::ProgressBar;
use rt_callback::{Controller, Event, EventKind, Load, Monitor};

use crate::console::{ReportForm, level, progress_bar, say, warn};

/// Where the sound goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Playing,
    /// Its device is gone, and another is looked for.
    Searching,
    /// Its device is gone, and a key is waited for.
    Held,
}

pub(super) struct Screen {
    bar: ProgressBar,
    source_rate_hz: u32,
    /// How long all of it lasts, where that is known.
    total: Option<Duration>,
    /// It was asked to end: an interruption is only the fade.
    is_left: bool,
}

impl Screen {
    pub(super) fn new(
        report: Option<ReportForm>,
        source_rate_hz: u32,
        total: Option<Duration>,
    ) -> Self {
        Self {
            bar: progress_bar(report),
            source_rate_hz,
            total,
            is_left: false,
        }
    }

    /// What is told from here on is the end.
    pub(super) const fn leave(&mut self) {
        self.is_left = true;
    }

    /// How far it has come: of how much, and how much is left, where that is known.
    fn progress(&self, heard: Duration) -> String {
        let seconds = heard.as_secs_f64();
        match self.total {
            Some(total) => format!(
                "{seconds:.2} of {:.2} s heard, {:.0} s left",
                total.as_secs_f64(),
                total.saturating_sub(heard).as_secs_f64()
            ),
            None => format!("{seconds:.2} s heard"),
        }
    }

    /// A line that stays.
    pub(super) fn say(&self, words: &str) {
        self.bar.suspend(|| say(words));
    }

    pub(super) fn warn(&self, words: &str) {
        self.bar.suspend(|| warn(words));
    }

    fn milliseconds(&self, frames: u64) -> f64 {
        frames as f64 * 1000.0 / f64::from(self.source_rate_hz)
    }

    /// An interruption's receipt.
    pub(super) fn tell(&self, event: &Event) {
        if let EventKind::Interrupted { heard_frames, .. } = event.kind
            && !self.bar.is_hidden()
            && !self.is_left
        {
            self.say(&format!(
                "interrupted: {heard_frames} frames ({:.3} s) of it were heard",
                event.heard_time().as_secs_f64()
            ));
        }
    }

    /// The line that moves.
    pub(super) fn show(&self, monitor: &mut Monitor, controller: &Controller, state: State) {
        let counters = monitor.snapshot();
        let levels = monitor.take_levels().iter();
        let peak = levels.fold(0.0, |peak: f32, level| peak.max(level.peak));
        let load = monitor.load().map_or(0.0, Load::mean_share);
        let state = match state {
            State::Searching => "looking for a device | ",
            State::Held => "no device | ",
            State::Playing if is_paused(controller) => "paused | ",
            State::Playing if counters.starved_frames > 0 => "waiting for more | ",
            State::Playing => "",
        };
        let gain = controller.gain();
        let gain = if gain.0 == 0.0 {
            String::new()
        } else {
            format!("{:+.0} dB | ", gain.0)
        };
        self.bar.set_message(format!(
            "{state}{gain}{} | {:3.0} ms queued | {} | {:.2} % load | {} underruns",
            self.progress(monitor.heard().time()),
            self.milliseconds(counters.queued_frames),
            level(peak),
            load * 100.0,
            counters.underruns,
        ));
        self.bar.tick();
    }

    pub(super) fn finish(&self) {
        self.bar.finish();
    }
}

/// By a key or by the script.
pub(super) fn is_paused(controller: &Controller) -> bool {
    controller.is_paused() || controller.is_held()
}
