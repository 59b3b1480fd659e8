//! The first thing a newcomer runs: real speech through the real callback.

use rt_callback::{ChannelLayout, Config, SampleFormat, StreamSpec};

use crate::cli::args::Demo;
use crate::commands::simulator::{Plan, simulate};
use crate::console::{Failure, ReportForm, nanoseconds, say, tell};
use crate::input::Input;
use crate::output::{Output, Target};
use crate::script::Script;
use crate::signals;

/// A few seconds of speech, mono s16 at 22,050 Hz, made with espeak-ng.
const CLIP: &[u8] = include_bytes!("../../assets/demo.wav");

pub(crate) fn run(arguments: &Demo) -> Result<(), Failure> {
    let device = StreamSpec::new(SampleFormat::F32Le, 48_000, ChannelLayout::STEREO);
    let mut input = Input::from_wav("the built-in clip", CLIP)?;
    let target = Target::new(&arguments.out, None)?;
    signals::leave_nothing_unfinished()?;
    let output = Output::create(&target, &device, input.most_frames(device.rate_hz))?;
    let mut config = Config::new(input.spec(), device);
    config.clock = Some(nanoseconds);
    let plan = Plan {
        block_sizes: &[480],
        push_frames: 1_024,
        script: Script::default(),
    };
    let report = simulate(&mut input, output, &mut config, &plan)?;
    if !target.is_stdout() {
        tell(&format!("{:>10}  {}", "wrote", target.name()))?;
        tell(&report.text())?;
    }
    if let Some(ReportForm::Json) = arguments.report {
        say(&report.json());
    }
    Ok(())
}
