//! The engine offline: as fast as it goes, and the same every time.

use channel_mix::MixMatrix;
use rt_callback::{Config, StreamSpec};

use crate::cli::args::{Options, Render};
use crate::commands::simulator::{Plan, simulate};
use crate::console::{Failure, nanoseconds, warn, warn_of_clipping};
use crate::input::Input;
use crate::output::{Output, Target};
use crate::signals;

pub(crate) fn run(arguments: &Render) -> Result<(), Failure> {
    let target = Target::new(&arguments.output, arguments.wav)?;
    arguments.check_paths()?;
    let mut input = Input::open(arguments.input.as_ref(), arguments.options.raw)?;
    input.select(&arguments.selection.selection())?;
    let mut config = config(&arguments.options, input.spec(), arguments.to);
    warn_of_dropped(&config);
    let script = arguments.script.script(arguments.to.rate_hz)?;
    // A script may pause, and change the source.
    let most_frames = input.most_frames(arguments.to.rate_hz);
    let most_frames = most_frames.filter(|_| script.is_empty());
    signals::leave_nothing_unfinished()?;
    let output = Output::create(&target, &arguments.to, most_frames)?;
    let plan = Plan {
        block_sizes: &arguments.block_sizes(),
        push_frames: arguments.push.get(),
        script,
    };
    let report = simulate(&mut input, output, &mut config, &plan)?;
    input.warnings().iter().for_each(warn);
    let clipped = report.counters.clipped_samples;
    let gain = (arguments.options.gain_db, report.peak);
    warn_of_clipping(clipped, arguments.to.format, Some(gain));
    report.say(arguments.report);
    Ok(())
}

/// The engine's configuration for these options.
pub(crate) fn config(options: &Options, source: StreamSpec, device: StreamSpec) -> Config {
    let mut config = Config::new(source, device);
    let conversion = &options.conversion;
    config.resample = conversion.resample;
    config.mix = conversion.mix_options();
    config.rounding = conversion.round;
    config.dither = conversion.dither;
    config.dither_seed = conversion.seed;
    config.gain = options.gain_db;
    config.clock = Some(nanoseconds);
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
