//! Options that several commands have.

use std::error::Error;
use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use rt_callback::{Decibels, Dither, MixOptions, MixRules, Resample, Rounding, StreamSpec};

use crate::console::Failure;
use crate::input::{Picks, Selection};
use crate::script::{At, Script, Span, Time, gain};
use crate::spec;

/// What happens while it runs, live or not.
#[derive(Debug, Args)]
#[command(next_help_heading = "Script (times are of the output: 1.5s, 1500ms, or frames)")]
pub(crate) struct PlayScript {
    /// interrupt:FADE, hold, discard, pause, resume, gain:XdB, mute, unmute or
    /// source:FORMAT:RATE:CHANNELS, at exactly this time; may be repeated
    #[arg(long, value_name = "TIME=ACTION")]
    pub(crate) at: Vec<At>,
    /// The feeder sends nothing for this long (live, to the end of a block or longer); may be repeated
    #[arg(long, value_name = "TIME..TIME")]
    pub(crate) starve: Vec<Span>,
}

impl PlayScript {
    pub(crate) fn script(&self, rate_hz: u32) -> Result<Script, Failure> {
        Script::new(&self.at, &self.starve, &[], rate_hz)
    }
}

/// What happens while it is simulated.
#[derive(Debug, Args)]
#[command(next_help_heading = "Script (times are of the output: 1.5s, 1500ms, or frames)")]
pub(crate) struct ScriptOptions {
    #[command(flatten)]
    pub(crate) play: PlayScript,
    /// The device asks once for a block that is no whole number of frames; may be repeated
    #[arg(long, value_name = "TIME")]
    pub(crate) bad_shape_at: Vec<Time>,
}

impl ScriptOptions {
    pub(crate) fn script(&self, rate_hz: u32) -> Result<Script, Failure> {
        Script::new(
            &self.play.at,
            &self.play.starve,
            &self.bad_shape_at,
            rate_hz,
        )
    }
}

/// Which part of IN is wanted.
#[derive(Debug, Args)]
pub(crate) struct SelectionOptions {
    /// From here on in IN: 1.5s, 1500ms, or frames
    #[arg(long, value_name = "TIME")]
    pub(crate) start: Option<Time>,
    /// For so long
    #[arg(long, value_name = "TIME")]
    pub(crate) duration: Option<Time>,
    /// These channels of IN, in this order: numbers from 0 on, or names such as FL,FR
    #[arg(long, value_name = "A,B,C")]
    pub(crate) channels: Option<Picks>,
}

impl SelectionOptions {
    pub(crate) fn selection(&self) -> Selection {
        Selection {
            start: self.start,
            duration: self.duration,
            picks: self.channels.clone(),
        }
    }
}

/// What is done to the samples.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// IN is raw PCM of this kind
    #[arg(long, value_name = "FORMAT:RATE:CHANNELS", value_parser = spec::raw)]
    pub(crate) raw: Option<StreamSpec>,
    #[command(flatten)]
    pub(crate) conversion: Conversion,
    /// Gain in dB
    #[arg(long, value_name = "X", default_value = "0", value_parser = gain,
          allow_hyphen_values = true)]
    pub(crate) gain_db: Decibels,
}

/// How samples become others.
#[derive(Debug, Args)]
pub(crate) struct Conversion {
    /// How rates are converted, where they differ
    #[arg(long, value_name = "KIND", default_value_t,
          value_parser = named::<Resample>(Resample::ALL.iter().map(|kind| kind.name())))]
    pub(crate) resample: Resample,
    /// How channels are mixed
    #[arg(long, value_name = "RULES", default_value_t,
          value_parser = named::<MixRules>(MIX_RULES.iter().map(|rules| rules.name())))]
    pub(crate) mix: MixRules,
    /// What becomes of an LFE channel that the output has none for
    #[arg(long, value_name = "WHAT", default_value = "drop")]
    pub(crate) lfe: Lfe,
    /// Scale the mix down so that no input can clip
    #[arg(long)]
    pub(crate) normalize: bool,
    /// How samples are rounded to integers; nearest rounds ties to even, half-away
    /// away from zero
    #[arg(long, value_name = "HOW", default_value_t,
          value_parser = named::<Rounding>(Rounding::ALL.iter().map(|how| how.name())))]
    pub(crate) round: Rounding,
    /// Noise added before that rounding
    #[arg(long, value_name = "KIND", default_value_t,
          value_parser = named::<Dither>(Dither::ALL.iter().map(|kind| kind.name())))]
    pub(crate) dither: Dither,
    /// Seeds that noise
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
}

const MIX_RULES: [MixRules; 3] = [MixRules::Speakers, MixRules::Original, MixRules::Discrete];

/// A value that has one of these names.
fn named<T>(names: impl Iterator<Item = &'static str>) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err: Error + Send + Sync + 'static> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(names).try_map(|name| name.parse())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lfe {
    /// As BS.775 does
    Drop,
    /// It goes where the front centre goes
    Keep,
}

impl Conversion {
    /// The mixing rules, with their options.
    pub(crate) fn mix_options(&self) -> MixOptions {
        MixOptions::new(self.mix)
            .keep_lfe(self.lfe == Lfe::Keep)
            .normalize(self.normalize)
    }
}
