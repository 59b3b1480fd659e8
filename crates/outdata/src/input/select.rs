//! Which of the input's samples are wanted: from when on, for how long, and which channels.

use std::iter;
use std::str::FromStr;

use channel_mix::Position;
use rt_callback::{ChannelLayout, StreamSpec};

use crate::decode::clock;
use crate::script::Time;

/// Channels of the input, in the order in which they are to come out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picks(Vec<Pick>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pick {
    /// From 0 on.
    Number(usize),
    Position(Position),
}

impl FromStr for Picks {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let pick = |name: &str| {
            let name = name.trim();
            let is_it = |position: &Position| position.name().eq_ignore_ascii_case(name);
            let number = name.parse().ok().filter(|number| *number < 64);
            number
                .map(Pick::Number)
                .or_else(|| Position::ALL.into_iter().find(is_it).map(Pick::Position))
                .ok_or_else(|| {
                    let all: Vec<_> = Position::ALL.iter().map(|place| place.name()).collect();
                    let all = all.join(" ");
                    format!("{name} is no channel; write numbers from 0 on, or names: {all}")
                })
        };
        let picks: Vec<_> = text.split(',').map(pick).collect::<Result<_, _>>()?;
        if picks.len() > 64 {
            return Err("more than 64 channels".to_owned());
        }
        Ok(Self(picks))
    }
}

/// The numbers of the channels to be taken, and what they are then.
pub(super) struct Picked {
    numbers: Vec<usize>,
    pub(super) layout: ChannelLayout,
}

impl Picks {
    /// Finds them in a layout.
    pub(super) fn find(&self, layout: ChannelLayout) -> Result<Picked, String> {
        let number = |pick: &Pick| match *pick {
            Pick::Number(number) if number < layout.channels() => Ok(number),
            Pick::Number(number) => Err(format!(
                "--channels: there is no channel {number}; there are 0 to {}",
                layout.channels() - 1
            )),
            Pick::Position(position) => layout.channel_of(position).ok_or_else(|| {
                let names = names(layout);
                format!(
                    "--channels: there is no {}; there are {names}",
                    position.name()
                )
            }),
        };
        let numbers: Vec<_> = self.0.iter().map(number).collect::<Result<_, _>>()?;
        // One or two channels are mono or stereo, and as many as the input has take its places. For other counts,
        // names say where channels belong, if they come in the order that a layout has.
        let count = numbers.len();
        let by_count = match count {
            1 | 2 => ChannelLayout::from_count(count),
            _ if count == layout.channels() => Some(layout),
            _ => None,
        };
        let mask = numbers.iter().try_fold(0, |mask, number| {
            let bit = layout.position(*number)?.bit();
            (bit > mask).then_some(mask | bit)
        });
        let by_place = mask.and_then(|mask| ChannelLayout::from_mask(mask, count));
        let layout = by_count
            .or(by_place)
            .or_else(|| ChannelLayout::from_count(count))
            .ok_or("--channels: no channels")?;
        Ok(Picked { numbers, layout })
    }
}

impl Picked {
    /// Replaces whole frames of `spec` by the channels that are wanted.
    pub(super) fn apply(&self, spec: StreamSpec, bytes: &mut Vec<u8>) {
        let sample_bytes = spec.format.bytes_per_sample();
        let mut picked = Vec::with_capacity(bytes.len());
        for frame in bytes.chunks_exact(spec.frame_bytes()) {
            for number in &self.numbers {
                let at = number * sample_bytes;
                picked.extend_from_slice(frame.get(at..at + sample_bytes).unwrap_or_default());
            }
        }
        *bytes = picked;
    }
}

/// The names of a layout's channels, or how many there are.
pub(crate) fn names(layout: ChannelLayout) -> String {
    if layout.is_discrete() {
        return format!("{} without names", layout.channels());
    }
    let names: Vec<_> = layout.positions().map(|position| position.name()).collect();
    names.join(" ")
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    pub(crate) start: Option<Time>,
    pub(crate) duration: Option<Time>,
    pub(crate) picks: Option<Picks>,
}

/// How many frames are still to be passed over, and how many are then to be taken.
pub(super) struct Span {
    rate_hz: u32,
    pub(super) before: u64,
    /// How many were passed over, and how long they last.
    passed: (u64, f64),
    /// `None`: up to the end.
    pub(super) left: Option<u64>,
}

impl Span {
    pub(super) fn new(selection: &Selection, rate_hz: u32) -> Self {
        Self {
            rate_hz,
            before: selection.start.map_or(0, |time| time.frame(rate_hz)),
            passed: (0, 0.0),
            left: selection.duration.map(|time| time.frame(rate_hz)),
        }
    }

    /// So many frames, of those before it, are passed over.
    pub(super) fn pass(&mut self, frames: u64) {
        self.before -= frames;
        self.passed.0 += frames;
        self.passed.1 += frames as f64 / f64::from(self.rate_hz);
    }

    /// What is to be said where the end came before anything was taken.
    pub(super) fn warning(&self) -> Option<String> {
        let (frames, seconds) = self.passed;
        let is_behind = self.before > 0 || frames > 0;
        is_behind.then(|| {
            let time = clock(seconds);
            format!("ends after {time} ({frames} frames), before --start: nothing is left of it")
        })
    }

    /// How much it takes of so many frames; at most, where nobody knows how many there are.
    pub(super) fn of(&self, frames: Option<u64>) -> Option<u64> {
        let behind = frames.map(|frames| frames.saturating_sub(self.before));
        behind.into_iter().chain(self.left).min()
    }

    /// The same times at another rate.
    pub(super) fn change(&mut self, rate_hz: u32) {
        let (from, to) = (u128::from(self.rate_hz), u128::from(rate_hz));
        for frames in iter::once(&mut self.before).chain(&mut self.left) {
            let scaled = (u128::from(*frames) * to + from / 2) / from;
            *frames = u64::try_from(scaled).unwrap_or(u64::MAX);
        }
        self.rate_hz = rate_hz;
    }
}
