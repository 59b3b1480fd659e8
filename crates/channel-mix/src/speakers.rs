//! Where the sound of each speaker position goes when the output lacks that speaker.

use core::f64::consts::FRAC_1_SQRT_2 as HALF_POWER;

use crate::layout::ChannelLayout;
use crate::layout::Position::{self, *};

/// How much of one input position each output position gets.
#[derive(Clone, Copy)]
pub(crate) struct Gains([f64; 32]);

impl Gains {
    const NONE: Self = Self([0.0; 32]);

    fn at(&mut self, position: Position) -> &mut f64 {
        // The mask only tells the compiler what the enum's 18 values cannot: no bounds check.
        &mut self.0[position as usize & 31]
    }

    pub(crate) fn of(&self, position: Position) -> f64 {
        self.0[position as usize & 31]
    }
}

/// One way to do without a speaker: the output must have all of these, then each gets the gain.
type Way = (&'static [Position], f64);

/// The ways to do without a position, best first. The last one is taken when none fits, and its
/// targets, which are further down in [`ORDER`], are then done without in their turn.
///
/// -3 dB (`HALF_POWER`) to each of two speakers keeps the power of a sound between them.
fn ways(position: Position) -> &'static [Way] {
    match position {
        // No standard folds the upper layer; -3 dB to the speaker below is what the surround
        // channels get in BS.775 when they fold to the front.
        TopCenter => &[
            (
                &[TopFrontLeft, TopFrontRight, TopBackLeft, TopBackRight],
                0.5,
            ),
            (&[TopFrontLeft, TopFrontRight], HALF_POWER),
            (&[FrontLeft, FrontRight], 0.5),
        ],
        TopFrontCenter => &[
            (&[TopFrontLeft, TopFrontRight], HALF_POWER),
            (&[FrontCenter], HALF_POWER),
        ],
        TopBackCenter => &[
            (&[TopBackLeft, TopBackRight], HALF_POWER),
            (&[BackCenter], HALF_POWER),
        ],
        TopBackLeft => &[(&[BackLeft], HALF_POWER)],
        TopBackRight => &[(&[BackRight], HALF_POWER)],
        TopFrontLeft => &[(&[FrontLeft], HALF_POWER)],
        TopFrontRight => &[(&[FrontRight], HALF_POWER)],
        // Between two speakers: both at -3 dB where both are there.
        FrontLeftOfCenter => &[(&[FrontLeft, FrontCenter], HALF_POWER), (&[FrontLeft], 1.0)],
        FrontRightOfCenter => &[
            (&[FrontCenter, FrontRight], HALF_POWER),
            (&[FrontRight], 1.0),
        ],
        // The way back from BS.775-3's 3/2 to 3/1: -3 dB to each surround; without surrounds, the
        // -3 dB from there to the front on top, -6 dB in all.
        BackCenter => &[
            (&[BackLeft, BackRight], HALF_POWER),
            (&[SideLeft, SideRight], HALF_POWER),
            (&[FrontLeft, FrontRight], 0.5),
        ],
        // Side and back are the same role: Web Audio's quad and 5.1 call either "surround".
        BackLeft => &[
            (&[SideLeft], 1.0),
            (&[BackCenter], HALF_POWER),
            (&[FrontLeft], HALF_POWER),
        ],
        BackRight => &[
            (&[SideRight], 1.0),
            (&[BackCenter], HALF_POWER),
            (&[FrontRight], HALF_POWER),
        ],
        // BS.775-3, annex 4: 3/2 to 3/1 and 2/1 (BC), to 3/0 and 2/0 (front).
        SideLeft => &[
            (&[BackLeft], 1.0),
            (&[BackCenter], HALF_POWER),
            (&[FrontLeft], HALF_POWER),
        ],
        SideRight => &[
            (&[BackRight], 1.0),
            (&[BackCenter], HALF_POWER),
            (&[FrontRight], HALF_POWER),
        ],
        // Only asked for when it is to be kept: as a front centre. Without one, that does without itself in turn.
        LowFrequency => &[(&[FrontCenter], 1.0)],
        // BS.775-3, annex 4, and Web Audio 5.1 to stereo and to quad.
        FrontCenter => &[(&[FrontLeft, FrontRight], HALF_POWER)],
        // BS.775-3, annex 4: to 1/0.
        FrontLeft | FrontRight => &[(&[FrontCenter], HALF_POWER)],
    }
}

/// Everything before what it falls back on. (BackLeft and SideLeft name each other, but only as ways
/// that are taken when the other is there to stay.)
const ORDER: [Position; 18] = [
    TopCenter,
    TopFrontCenter,
    TopBackCenter,
    TopBackLeft,
    TopBackRight,
    TopFrontLeft,
    TopFrontRight,
    FrontLeftOfCenter,
    FrontRightOfCenter,
    BackCenter,
    BackLeft,
    BackRight,
    SideLeft,
    SideRight,
    LowFrequency,
    FrontCenter,
    FrontLeft,
    FrontRight,
];

/// Where `position` of `from` goes in `to`. Both layouts have positions.
pub(crate) fn spread(
    position: Position,
    from: &ChannelLayout,
    to: &ChannelLayout,
    keep_lfe: bool,
) -> Gains {
    let has = |p: Position| to.channel_of(p).is_some();
    let mut gains = Gains::NONE;

    if *from == ChannelLayout::MONO && has(FrontLeft) && has(FrontRight) {
        // Web Audio, mono to stereo and quad: both at unity. For 5.1 it says the centre; the system
        // that this replaces said the first two channels, and so does this.
        *gains.at(FrontLeft) = 1.0;
        *gains.at(FrontRight) = 1.0;
        return gains;
    }
    if let Some((target, gain)) = web_audio_mean(position, from, to) {
        *gains.at(target) = gain;
        return gains;
    }
    if position == LowFrequency && !keep_lfe && !has(LowFrequency) {
        return gains;
    }

    *gains.at(position) = 1.0;
    let surround = |p: Position| matches!(p, SideLeft | SideRight | BackLeft | BackRight);
    for missing in ORDER {
        let amount = core::mem::take(gains.at(missing));
        if amount == 0.0 {
            continue;
        }
        if has(missing) {
            *gains.at(missing) = amount;
            continue;
        }
        let ways = ways(missing);
        let fits = |way: &&Way| way.0.iter().all(|p| has(*p));
        let Some((targets, gain)) = ways.iter().find(fits).or(ways.last()) else {
            continue;
        };
        for target in *targets {
            // 7.1 to 5.1: where the input has its own sound for the speaker that this one falls
            // back on, they meet at -3 dB.
            let both = missing == position && surround(missing) && surround(*target);
            let meet = if both && from.channel_of(*target).is_some() {
                HALF_POWER
            } else {
                1.0
            };
            *gains.at(*target) += amount * gain * meet;
        }
    }
    // What still lies on a speaker that is not there has no stand-in: dropped.
    gains
}

/// Web Audio's means, which are not sums of -3 dB steps: stereo to mono is 0.5 of each, quad to
/// stereo 0.5 front and 0.5 surround on each side, quad to mono 0.25 of each. An LFE beside them on
/// either side changes nothing.
fn web_audio_mean(
    position: Position,
    from: &ChannelLayout,
    to: &ChannelLayout,
) -> Option<(Position, f64)> {
    let side = match position {
        FrontLeft | BackLeft | SideLeft => FrontLeft,
        FrontRight | BackRight | SideRight => FrontRight,
        _ => return None,
    };
    match (from.without(LowFrequency), to.without(LowFrequency)) {
        (ChannelLayout::STEREO, ChannelLayout::MONO) => Some((FrontCenter, 0.5)),
        (ChannelLayout::QUAD | ChannelLayout::QUAD_SIDE, ChannelLayout::STEREO) => {
            Some((side, 0.5))
        }
        (ChannelLayout::QUAD | ChannelLayout::QUAD_SIDE, ChannelLayout::MONO) => {
            Some((FrontCenter, 0.25))
        }
        _ => None,
    }
}
