//! The first thing a newcomer runs: real speech through the real callback.

use rt_callback::{ChannelLayout, Config, SampleFormat, StreamSpec};

use crate::args::{Demo, ReportForm};
use crate::failure::{Failure, say, tell};
use crate::input::Input;
use crate::output::Output;
use crate::render::render;
use crate::report::nanoseconds;

/// A few seconds of speech, mono s16 at 22,050 Hz, made with espeak-ng.
const CLIP: &[u8] = include_bytes!("../assets/demo.wav");

pub(crate) fn run(arguments: &Demo) -> Result<(), Failure> {
    let device = StreamSpec::new(SampleFormat::F32Le, 48_000, ChannelLayout::STEREO);
    let mut input = Input::from_wav("the built-in clip", CLIP)?;
    let output = Output::create(&arguments.out, &device)?;
    let mut config = Config::new(input.spec(), device);
    config.clock = Some(nanoseconds);
    let report = render(&mut input, output, &mut config, &[480], 1_024)?;
    if arguments.out != "-" {
        tell(&format!("{:>10}  {}", "wrote", arguments.out))?;
        tell(&report.text())?;
    }
    if let Some(ReportForm::Json) = arguments.report {
        say(&report.json());
    }
    Ok(())
}
