//! The engine offline: as fast as it goes, and the same every time.

use rt_callback::{Config, StreamSpec};

use crate::args::{Options, Render};
use crate::clipping::warn_of_clipping;
use crate::failure::{Failure, warn};
use crate::input::Input;
use crate::output::{Output, Target};
use crate::report::nanoseconds;
use crate::signals;
use crate::simulator::{Plan, simulate};

pub(crate) fn run(arguments: &Render) -> Result<(), Failure> {
    let target = Target::new(&arguments.output, arguments.wav)?;
    arguments.check_paths()?;
    let mut input = Input::open(&arguments.input, arguments.options.raw)?;
    let mut config = config(&arguments.options, input.spec(), arguments.to);
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
    if let Some(warning) = input.warning() {
        warn(warning);
    }
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
