use core::fmt;
use core::str::FromStr;

use crate::layout::ChannelLayout;
use crate::speakers;

/// How the channels of one layout become those of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum MixRules {
    /// The table of the system that this one replaces; positions are not looked at. One channel to
    /// two or more: channels 0 and 1 both get it. Two or more to one: `0.5 * (ch0 + ch1)`. Else as
    /// [`Discrete`](Self::Discrete).
    Original,
    /// By speaker position: W3C Web Audio for mono, stereo, quad and 5.1, ITU-R BS.775 for what that
    /// leaves undefined. The README lists every rule. Where either side has no positions, this is
    /// [`Original`](Self::Original).
    #[default]
    Speakers,
    /// Channel `n` goes to channel `n`; what does not fit is dropped, what is left over is silent.
    Discrete,
}

impl MixRules {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Original, Self::Speakers, Self::Discrete];

    /// `original`, `speakers` or `discrete`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Speakers => "speakers",
            Self::Discrete => "discrete",
        }
    }
}

impl fmt::Display for MixRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The text names no [`MixRules`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseRulesError;

impl fmt::Display for ParseRulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the mixing rules are original, speakers or discrete")
    }
}

impl core::error::Error for ParseRulesError {}

impl FromStr for MixRules {
    type Err = ParseRulesError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|rules| rules.name() == text)
            .ok_or(ParseRulesError)
    }
}

/// The rules with their options. [`MixMatrix::new`](crate::MixMatrix::new) takes this, or plain [`MixRules`].
///
/// ```
/// use channel_mix::{ChannelLayout, MixMatrix, MixOptions, MixRules};
///
/// let options = MixOptions::new(MixRules::Speakers).normalize(true);
/// let matrix = MixMatrix::new(&ChannelLayout::SURROUND_5_1, &ChannelLayout::STEREO, options);
/// // 1 + 0.7071 + 0.7071 on each side, brought down to 1 in all.
/// assert!((matrix.coefficient(0, 0) - 0.414_213_56).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct MixOptions {
    /// Which rules.
    pub rules: MixRules,
    /// What becomes of an LFE channel that the output has no LFE for, under
    /// [`MixRules::Speakers`]. `false`, the default: dropped, as Web Audio and BS.775 do. `true`: it
    /// goes where a front centre would go, with the same coefficients: to the front centre where there
    /// is one, else to FL and FR.
    pub keep_lfe: bool,
    /// `true`: scale all coefficients alike, and only down, so that no input within -1.0..=1.0 can
    /// leave that range. `false`, the default: leave them as they are.
    pub normalize: bool,
}

impl MixOptions {
    /// The rules, LFE dropped, not normalised.
    pub const fn new(rules: MixRules) -> Self {
        Self {
            rules,
            keep_lfe: false,
            normalize: false,
        }
    }

    /// Sets [`keep_lfe`](Self::keep_lfe).
    #[must_use]
    pub const fn keep_lfe(mut self, keep: bool) -> Self {
        self.keep_lfe = keep;
        self
    }

    /// Sets [`normalize`](Self::normalize).
    #[must_use]
    pub const fn normalize(mut self, normalize: bool) -> Self {
        self.normalize = normalize;
        self
    }
}

impl From<MixRules> for MixOptions {
    fn from(rules: MixRules) -> Self {
        Self::new(rules)
    }
}

/// Gives every coefficient that is not zero to `put`: output, input, gain.
pub(crate) fn fill(
    from: &ChannelLayout,
    to: &ChannelLayout,
    options: MixOptions,
    put: impl FnMut(usize, usize, f32),
) {
    let (inputs, outputs) = (from.channels(), to.channels());
    match options.rules {
        MixRules::Original => original(inputs, outputs, put),
        MixRules::Discrete => discrete(inputs, outputs, put),
        MixRules::Speakers if from.is_discrete() || to.is_discrete() => {
            original(inputs, outputs, put);
        }
        MixRules::Speakers => by_position(from, to, options.keep_lfe, put),
    }
}

fn discrete(inputs: usize, outputs: usize, mut put: impl FnMut(usize, usize, f32)) {
    for channel in 0..inputs.min(outputs) {
        put(channel, channel, 1.0);
    }
}

fn original(inputs: usize, outputs: usize, mut put: impl FnMut(usize, usize, f32)) {
    match (inputs, outputs) {
        (1, 2..) => {
            put(0, 0, 1.0);
            put(1, 0, 1.0);
        }
        (2.., 1) => {
            put(0, 0, 0.5);
            put(0, 1, 0.5);
        }
        _ => discrete(inputs, outputs, put),
    }
}

fn by_position(
    from: &ChannelLayout,
    to: &ChannelLayout,
    keep_lfe: bool,
    mut put: impl FnMut(usize, usize, f32),
) {
    for (input, position) in from.positions().enumerate() {
        let gains = speakers::spread(position, from, to, keep_lfe);
        for (output, target) in to.positions().enumerate() {
            let gain = gains.of(target);
            if gain != 0.0 {
                // Squared half powers come out exact: they are multiplied in f64, rounded here once.
                put(output, input, gain as f32);
            }
        }
    }
}
