//! The engine offline: as fast as it goes, and the same every time.

use crate::cli::args::Render;
use crate::commands::config::{config, warn_of_dropped};
use crate::commands::simulator::{Plan, simulate};
use crate::console::{Failure, warn, warn_of_clipping};
use crate::input::Input;
use crate::output::{Output, Target};
use crate::signals;

pub(crate) fn run(arguments: &Render) -> Result<(), Failure> {
    let target = Target::new(&arguments.output, Some(arguments.wav))?;
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
