//! What is rendered and recorded, and done to it meanwhile.

mod duplex;
mod input;
mod mixer;
mod output;

use std::sync::atomic::{AtomicU64, Ordering};

use rt_callback::{
    ChannelLayout, Command, Controller, Decibels, Dither, Ramp, SampleFormat, StreamSpec,
    UtteranceId,
};

use crate::covered::Covered;
use crate::dice::Dice;
use crate::watch::Watch;

/// Callbacks that one stream is made for.
const CALLBACKS: usize = 250;

static NOW_NS: AtomicU64 = AtomicU64::new(0);

/// Read in the callback as well: a clock of the system may be a system call.
fn clock() -> u64 {
    NOW_NS.load(Ordering::Relaxed)
}

fn pass_time(nanoseconds: u64) {
    NOW_NS.fetch_add(nanoseconds, Ordering::Relaxed);
}

/// One stream after the other, of each kind in turn, until there have been as many callbacks.
pub(crate) fn run(watch: &mut Watch, callbacks: u64) -> Covered {
    let mut covered = Covered::default();
    let mut dice = Dice::new(1);
    while watch.callbacks < callbacks {
        output::run(watch, &mut dice, &mut covered);
        mixer::run(watch, &mut dice, &mut covered);
        input::run(watch, &mut dice, &mut covered);
        duplex::run(watch, &mut dice, &mut covered);
    }
    covered
}

fn spec(dice: &mut Dice) -> StreamSpec {
    StreamSpec::new(
        dice.pick(SampleFormat::ALL),
        dice.pick(&[8_000, 16_000, 24_000, 44_100, 48_000]),
        layout(dice.pick(&[1, 2, 2, 6])),
    )
}

fn layout(channels: usize) -> ChannelLayout {
    ChannelLayout::from_count(channels).expect("there is a layout of so many channels")
}

fn dither(dice: &mut Dice) -> Dither {
    dice.pick(&[
        Dither::None,
        Dither::Rectangular,
        Dither::Triangular,
        Dither::TriangularHighPass,
        Dither::Shaped(pcm_convert::NoiseShaper::Lipshitz),
    ])
}

/// Any bytes: for float formats NaN and infinities are among them.
fn noise(dice: &mut Dice, bytes: usize) -> Vec<u8> {
    let odd = [f32::NAN, f32::INFINITY, -0.0, 1e38, 0.25];
    let mut noise: Vec<u8> = (0..bytes.div_ceil(4))
        .flat_map(|_| match dice.below(8) {
            0 => dice.pick(&odd).to_le_bytes(),
            _ => ((dice.below(2_001) as f32 - 1_000.0) / 900.0).to_le_bytes(),
        })
        .collect();
    noise.truncate(bytes);
    noise
}

fn command(dice: &mut Dice) -> Command {
    let ramp = Ramp::Frames(dice.below(300) as u32);
    match dice.below(16) {
        0 => Command::Interrupt(ramp),
        1 => Command::Cancel(UtteranceId(dice.below(20) as u64), ramp),
        2 => Command::Hold,
        3 => Command::Discard,
        4 => Command::Pause,
        5 => Command::Mute,
        6..=7 => Command::Gain(Decibels(dice.below(60) as f32 - 50.0), ramp),
        8 => Command::Gain(Decibels::UNITY, ramp),
        9..=10 => Command::Unmute,
        _ => Command::Resume,
    }
}

fn steer(dice: &mut Dice, controller: &Controller) {
    if dice.one_in(4) {
        command(dice).run(controller);
    }
}

/// Few blocks are long, and some have no frame.
fn block_frames(dice: &mut Dice) -> usize {
    match dice.below(16) {
        0 => 0,
        1 => 1,
        2 => 3_000,
        _ => dice.below(600),
    }
}
