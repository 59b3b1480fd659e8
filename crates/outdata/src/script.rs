//! What is to happen, and when, as the command line says it.

use std::str::FromStr;

use rt_callback::{Command, Decibels, Ramp, StreamSpec, Timed};

use crate::console::Failure;
use crate::spec;

/// A gain's ramp, and an interruption's fade where none is given.
const RAMP: Ramp = Ramp::Milliseconds(10.0);

/// The fade of what is discarded while it still sounds: as long as the stream's own ramps.
const OWN_RAMP: Ramp = Ramp::Milliseconds(2.0);

/// A point in the output's time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Time {
    Seconds(f64),
    Frames(u64),
}

impl Time {
    /// The nearest frame at this rate.
    pub(crate) fn frame(self, rate_hz: u32) -> u64 {
        match self {
            Self::Seconds(seconds) => (seconds * f64::from(rate_hz)).round() as u64,
            Self::Frames(frames) => frames,
        }
    }
}

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let seconds = |number: &str, unit: f64| {
            let value: f64 = number.parse().ok()?;
            (0.0..=1e6).contains(&value).then_some(value / unit)
        };
        let time = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
            (Some(number), _) => seconds(number, 1e3).map(Self::Seconds),
            (None, Some(number)) => seconds(number, 1.0).map(Self::Seconds),
            (None, None) => text.parse().ok().map(Self::Frames),
        };
        time.ok_or_else(|| format!("{text} is no time; write 1.5s, 1500ms, or a number of frames"))
    }
}

/// `TIME=ACTION`
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct At {
    time: Time,
    action: Action,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Action {
    Command(Command),
    Source(StreamSpec),
}

impl FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (time, action) = text
            .split_once('=')
            .ok_or("expected TIME=ACTION, such as 1.5s=interrupt:12ms")?;
        let time = time.parse()?;
        let (name, value) = match action.split_once(':') {
            Some((name, value)) => (name, Some(value)),
            None => (action, None),
        };
        let command = match (name, value) {
            ("interrupt", None) => Command::Interrupt(RAMP),
            ("interrupt", Some(fade)) => Command::Interrupt(match fade.parse()? {
                Time::Seconds(seconds) => Ramp::Milliseconds((seconds * 1e3) as f32),
                Time::Frames(frames) => Ramp::Frames(u32::try_from(frames).unwrap_or(u32::MAX)),
            }),
            ("hold", None) => Command::Hold,
            ("discard", None) => Command::Discard,
            ("pause", None) => Command::Pause,
            ("resume", None) => Command::Resume,
            ("mute", None) => Command::Mute,
            ("unmute", None) => Command::Unmute,
            ("gain", Some(value)) => Command::Gain(gain(value)?, RAMP),
            ("source", Some(spec)) => {
                let spec = spec::raw(spec)?;
                let action = Action::Source(spec);
                return Ok(Self { time, action });
            }
            _ => {
                return Err(format!(
                    "{action} is no action; there are interrupt:FADE, hold, discard, pause, resume, \
                     gain:XdB, mute, unmute and source:FORMAT:RATE:CHANNELS"
                ));
            }
        };
        let action = Action::Command(command);
        Ok(Self { time, action })
    }
}

/// A number of decibels, with or without its unit.
pub(crate) fn gain(text: &str) -> Result<Decibels, String> {
    let number = text.strip_suffix("dB").unwrap_or(text);
    match number.parse::<f32>() {
        Ok(gain) if gain <= 180.0 => Ok(Decibels(gain)),
        _ => Err("expected a number of decibels, at most 180; -inf is silence".into()),
    }
}

/// `TIME..TIME`
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Span {
    from: Time,
    to: Time,
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (from, to) = text
            .split_once("..")
            .ok_or("expected TIME..TIME, such as 0.8s..1.0s")?;
        Ok(Self {
            from: from.parse()?,
            to: to.parse()?,
        })
    }
}

/// The whole script, in device frames, each part in order of time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    pub(crate) commands: Vec<Timed>,
    /// Each frame from which on the input is something else.
    pub(crate) sources: Vec<(u64, StreamSpec)>,
    /// The feeder sends nothing from the first frame up to the second. No two of these overlap.
    pub(crate) starved: Vec<(u64, u64)>,
    /// Here the device asks for a block of a wrong shape.
    pub(crate) bad_shapes: Vec<u64>,
    /// The first interruption, which ends it all: its frame, and its fade's length in frames.
    pub(crate) interruption: Option<(u64, u64)>,
    /// The output is paused or held from the first frame up to the second.
    paused: Vec<(u64, u64)>,
}

impl Script {
    pub(crate) fn new(
        at: &[At],
        starved: &[Span],
        bad_shapes: &[Time],
        rate_hz: u32,
    ) -> Result<Self, Failure> {
        let mut script = Self::default();
        for at in at {
            let at_frame = at.time.frame(rate_hz);
            match at.action {
                Action::Command(command) => script.commands.push(Timed { at_frame, command }),
                Action::Source(spec) => script.sources.push((at_frame, spec)),
            }
        }
        script.commands.sort_by_key(|timed| timed.at_frame);
        script.sources.sort_by_key(|(at_frame, _)| *at_frame);
        for span in starved {
            let (from, to) = (span.from.frame(rate_hz), span.to.frame(rate_hz));
            if from >= to {
                return Err(Failure::usage("--starve must end after it begins"));
            }
            script.starved.push((from, to));
        }
        script.starved = merged(script.starved);
        script.bad_shapes = bad_shapes.iter().map(|time| time.frame(rate_hz)).collect();
        script.bad_shapes.sort_unstable();
        script.find_silences(rate_hz)?;
        Ok(script)
    }

    /// Finds where it is paused or held, up to the first interruption.
    fn find_silences(&mut self, rate_hz: u32) -> Result<(), Failure> {
        let (mut is_paused, mut is_held) = (false, false);
        let mut silent_from = None;
        for Timed { at_frame, command } in &self.commands {
            match command {
                Command::Pause => is_paused = true,
                Command::Hold => is_held = true,
                // As in the engine: it ends the hold alone, where there is one.
                Command::Resume if is_held => is_held = false,
                Command::Resume => is_paused = false,
                Command::Interrupt(fade) => {
                    self.interruption = Some((*at_frame, fade.frames(rate_hz).into()));
                }
                Command::Discard if is_held => {
                    self.interruption = Some((*at_frame, OWN_RAMP.frames(rate_hz).into()));
                }
                _ => {}
            }
            let is_over = self.interruption.is_some();
            if (is_paused || is_held) && !is_over {
                silent_from.get_or_insert(*at_frame);
            } else if let Some(from) = silent_from.take() {
                self.paused.push((from, *at_frame));
            }
            if is_over {
                break;
            }
        }
        match silent_from {
            Some(_) => Err(Failure::usage(
                "the script pauses or holds and never resumes, so the output would never end",
            )),
            None => Ok(()),
        }
    }

    /// Whether the output is what the input makes it.
    pub(crate) fn is_empty(&self) -> bool {
        self.commands.is_empty() && self.sources.is_empty() && self.starved.is_empty()
    }

    /// How many of the frames `from..to` sound, as far as pauses go.
    pub(crate) fn unpaused(&self, from: u64, to: u64) -> u64 {
        let silent: u64 = self
            .paused
            .iter()
            .map(|pause| overlap(*pause, (from, to)))
            .sum();
        to.saturating_sub(from) - silent
    }

    /// How many of the first `to` frames sound: neither paused nor starved.
    pub(crate) fn sounding(&self, to: u64) -> u64 {
        let starved: u64 = self
            .starved
            .iter()
            .map(|(from, end)| self.unpaused((*from).min(to), (*end).min(to)))
            .sum();
        self.unpaused(0, to) - starved
    }

    /// Whether the feeder sends nothing at this frame.
    pub(crate) fn is_starved(&self, now: u64) -> bool {
        self.starved
            .iter()
            .any(|(from, to)| (*from..*to).contains(&now))
    }

    /// The next frame at which the feeder falls silent.
    pub(crate) fn next_starvation(&self, now: u64) -> Option<u64> {
        self.starved
            .iter()
            .map(|(from, _)| *from)
            .find(|from| *from > now)
    }

    /// The next frame at which the simulator has to cut a block: what is done to the feeder, or to
    /// the device, cannot be done in the middle of one.
    pub(crate) fn next_cut(&self, now: u64) -> Option<u64> {
        let edges = self.starved.iter().flat_map(|(from, to)| [*from, *to]);
        edges
            .chain(self.bad_shapes.iter().copied())
            .filter(|frame| *frame > now)
            .min()
    }
}

/// The same frames in spans of which no two meet: what overlaps would be counted twice.
fn merged(mut spans: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    spans.sort_unstable();
    let mut merged: Vec<(u64, u64)> = Vec::new();
    for (from, to) in spans {
        match merged.last_mut() {
            Some((_, end)) if from <= *end => *end = to.max(*end),
            _ => merged.push((from, to)),
        }
    }
    merged
}

fn overlap(one: (u64, u64), other: (u64, u64)) -> u64 {
    let (from, to) = (one.0.max(other.0), one.1.min(other.1));
    to.saturating_sub(from)
}

/// The changes of source, each at a source frame that follows from its time.
pub(crate) struct Changes {
    /// For each change: the input frames before it, the device frame that they reach to, and what follows.
    list: Vec<(u64, u64, StreamSpec)>,
    next: usize,
    /// Until this device frame, a change that was queued has not happened yet.
    pending_until: Option<u64>,
}

impl Changes {
    pub(crate) fn new(script: &Script, source: StreamSpec, device: StreamSpec) -> Self {
        let (mut from, to) = (u64::from(source.rate_hz), u64::from(device.rate_hz));
        let (mut frames_in, mut sounding) = (0, 0);
        let mut list = Vec::new();
        for (at, spec) in &script.sources {
            let segment = script.sounding(*at).saturating_sub(sounding) * from / to;
            frames_in += segment;
            sounding += (segment * to).div_ceil(from);
            // Back to the device's time, in which there are silences.
            let mut reached = *at;
            while script.sounding(reached) < sounding {
                reached += 1;
            }
            list.push((frames_in, reached, *spec));
            from = u64::from(spec.rate_hz);
        }
        Self {
            list,
            next: 0,
            pending_until: None,
        }
    }

    /// Input frames that may be pushed before the next change.
    pub(crate) fn left(&self, frames_in: u64) -> usize {
        self.list.get(self.next).map_or(usize::MAX, |(at, _, _)| {
            usize::try_from(at.saturating_sub(frames_in)).unwrap_or(usize::MAX)
        })
    }

    pub(crate) fn change(&mut self, now: u64) -> Option<StreamSpec> {
        let (_, reached, spec) = *self.list.get(self.next)?;
        self.next += 1;
        self.pending_until = Some(reached).filter(|reached| *reached > now);
        Some(spec)
    }

    /// Where a block must be cut, so that the change has happened when the next is fed.
    pub(crate) fn next_at(&self, now: u64) -> Option<u64> {
        self.list
            .iter()
            .map(|(_, reached, _)| *reached)
            .find(|reached| *reached > now)
    }

    pub(crate) fn is_pending(&self, now: u64) -> bool {
        self.pending_until.is_some_and(|until| until > now)
    }
}
