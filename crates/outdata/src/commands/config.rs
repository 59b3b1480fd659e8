//! The engine's configuration, and what is to be said of it.

use channel_mix::MixMatrix;
use rt_callback::{Config, StreamSpec};

use crate::cli::options::{Conversion, Options};
use crate::console::{nanoseconds, warn};

/// The engine's configuration for these options.
pub(crate) fn config(options: &Options, source: StreamSpec, device: StreamSpec) -> Config {
    let mut config = untimed(&options.conversion, source, device);
    config.gain = options.gain_db;
    config.clock = Some(nanoseconds);
    config
}

/// One whose renderer looks at no clock.
pub(crate) fn untimed(conversion: &Conversion, source: StreamSpec, device: StreamSpec) -> Config {
    let mut config = Config::new(source, device);
    config.resample = conversion.resample;
    config.mix = conversion.mix_options();
    config.rounding = conversion.round;
    config.dither = conversion.dither;
    config.dither_seed = conversion.seed;
    config
}

/// Tells once of the channels that nobody will hear.
pub(crate) fn warn_of_dropped(config: &Config) {
    let (from, to) = (config.source.layout, config.device.layout);
    let matrix = MixMatrix::new(&from, &to, config.mix);
    let is_dropped = |input: &usize| {
        (0..matrix.outputs()).all(|output| matrix.coefficient(output, *input) == 0.0)
    };
    let name = |input: usize| match from.position(input) {
        Some(position) => position.name().to_owned(),
        None => input.to_string(),
    };
    let dropped: Vec<_> = (0..matrix.inputs()).filter(is_dropped).map(name).collect();
    if dropped.is_empty() {
        return;
    }
    let (channels, verb) = if dropped.len() == 1 {
        ("channel", "is")
    } else {
        ("channels", "are")
    };
    let how = if from.is_discrete() {
        "they have no places; pick some by --channels"
    } else if dropped == ["LFE"] {
        "keep it by --lfe keep"
    } else {
        "pick others by --channels"
    };
    let dropped = dropped.join(" ");
    warn(format!(
        "{channels} {dropped} of {from} {verb} dropped in the mix to {to}: {how}"
    ));
}
