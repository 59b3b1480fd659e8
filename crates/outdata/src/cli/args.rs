//! The command line.

use std::ffi::OsString;
#[cfg(unix)]
use std::fs::File;
#[cfg(unix)]
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use device_io::{Policy, Supervision};
use rt_callback::StreamSpec;

use super::help;
use super::options::{Conversion, Options, PlayScript, ScriptOptions, SelectionOptions};
use crate::console::{Failure, ReportForm};
use crate::hosts::host_name;
use crate::spec;

/// A callback is never asked for more frames than this at a time.
const MAX_BLOCK_FRAMES: u64 = 1 << 22;

/// As many streams as one callback is measured with.
const MAX_STREAMS: usize = 10_000;

/// How long a command looks for a device to go on with.
const PATIENCE: Duration = Duration::from_secs(10);
/// Render, play and inspect PCM through a real-time audio engine.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    max_term_width = 100,
    arg_required_else_help = true,
    after_help = help::EXAMPLES,
    after_long_help = format!("{}\n\n{}", help::EXAMPLES, help::FORMATS)
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Render the speech clip that is built in, and report what the callback cost
    Demo(Demo),
    /// Render a file or raw PCM offline, block by block, into a WAV file or raw PCM
    Render(Render),
    /// Play a file or raw PCM on a device
    Play(Play),
    /// Record from a device into a WAV file or raw PCM, until Ctrl-C; whatever ends it, what was
    /// recorded is kept
    Record(Record),
    /// Say what a file is: container, codec, rate, layout, length, tags, and what is wrong with it
    Info(Info),
    /// Measure what the callback costs on this machine
    Bench(Bench),
    /// List the output and input devices
    Devices(Devices),
    /// Say what each device would be opened as, what the callback would do for it, and why
    Doctor(Doctor),
    /// Print what completes these commands in a shell, to be sourced there
    Completions(Completions),
    /// Print the manual page, for `man -l -`
    Man,
}

#[derive(Debug, Args)]
#[command(after_help = help::COMPLETIONS)]
pub(crate) struct Completions {
    /// Which shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Where the result goes
    #[arg(long, value_name = "FILE", default_value = "outdata-demo.wav")]
    pub(crate) out: PathBuf,
    /// End with the report as one line of JSON on standard error
    #[arg(long, value_name = "FORM", help_heading = None::<&'static str>)]
    pub(crate) report: Option<ReportForm>,
}

#[derive(Debug, Args)]
#[command(after_help = help::RENDER)]
pub(crate) struct Render {
    /// A WAV, FLAC, MP3, Ogg, AIFF, CAF, MP4 or Matroska file, or raw PCM; `-` is standard input; a
    /// pipe with a name will do
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    /// A .wav file, a .raw or .pcm file of raw samples, or `-` for these on standard output; also a
    /// pipe with a name, or a device
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// OUT is WAV, whatever its name: `-` too, whose length nobody knows in advance
    #[arg(long)]
    pub(crate) wav: bool,
    #[command(flatten)]
    pub(crate) selection: SelectionOptions,
    #[command(flatten)]
    pub(crate) options: Options,
    /// What the device takes
    #[arg(
        long,
        value_name = "RATExCHANNELS:FORMAT",
        default_value = "48000x2:f32le",
        value_parser = spec::target
    )]
    pub(crate) to: StreamSpec,
    /// Frames a callback asks for
    #[arg(long, value_name = "N", default_value = "480", value_parser = block_frames)]
    pub(crate) block: NonZeroUsize,
    /// Frames callbacks ask for, in turn
    #[arg(long, value_name = "A,B,C", value_delimiter = ',', conflicts_with = "block",
          value_parser = block_frames)]
    pub(crate) blocks: Vec<NonZeroUsize>,
    /// Frames pushed at a time, and only until the next block can be rendered
    #[arg(long, value_name = "N", default_value = "1024", value_parser = block_frames)]
    pub(crate) push: NonZeroUsize,
    #[command(flatten)]
    pub(crate) script: ScriptOptions,
    /// End with the report as one line of JSON on standard error
    #[arg(long, value_name = "FORM", help_heading = None::<&'static str>)]
    pub(crate) report: Option<ReportForm>,
}

#[derive(Debug, Args)]
#[command(after_help = help::INFO)]
pub(crate) struct Info {
    /// A file of any kind that is read, or `-` for standard input
    #[arg(value_name = "FILE")]
    pub(crate) input: PathBuf,
    /// FILE is raw PCM of this kind
    #[arg(long, value_name = "FORMAT:RATE:CHANNELS", value_parser = StreamSpec::parse_raw)]
    pub(crate) raw: Option<StreamSpec>,
    /// End with the same as one line of JSON on standard error
    #[arg(long, value_name = "FORM", help_heading = None::<&'static str>)]
    pub(crate) report: Option<ReportForm>,
}

#[derive(Debug, Args)]
#[command(after_help = help::BENCH)]
pub(crate) struct Bench {
    /// What is pushed, such as s16le:24000:1; each of a list is measured
    #[arg(long, value_name = "FORMAT:RATE:CHANNELS,..", value_delimiter = ',',
          default_value = "s16le:24000:1", value_parser = spec::source)]
    pub(crate) from: Vec<StreamSpec>,
    /// What the device takes
    #[arg(
        long,
        value_name = "RATExCHANNELS:FORMAT",
        default_value = "48000x2:f32le",
        value_parser = spec::target
    )]
    pub(crate) to: StreamSpec,
    /// Frames a callback asks for; each of a list is measured
    #[arg(long, value_name = "N,..", value_delimiter = ',', default_value = "64,128,480",
          value_parser = block_frames)]
    pub(crate) block: Vec<NonZeroUsize>,
    /// Streams that one callback renders, one after the other, each into a block of its own
    #[arg(long, value_name = "N", default_value = "1", value_parser = streams)]
    pub(crate) streams: usize,
    /// How long it measures, in all
    #[arg(long, value_name = "T", default_value = "3", value_parser = seconds)]
    pub(crate) seconds: f64,
    #[command(flatten)]
    pub(crate) conversion: Conversion,
    /// Print the report, and nothing else, on standard output, in this form
    #[arg(long, value_name = "FORM")]
    pub(crate) report: Option<BenchForm>,
    /// Draw the histograms into this file
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BenchForm {
    /// One JSON object on one line
    Json,
    /// A table
    Markdown,
    /// A line of names, and one for each measurement
    Csv,
}

#[derive(Debug, Args)]
pub(crate) struct Devices {
    /// The audio system, such as alsa, pulseaudio or jack [default: the platform's]
    #[arg(long, value_name = "NAME", value_parser = host_name)]
    pub(crate) host: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = help::DOCTOR)]
pub(crate) struct Doctor {
    /// What would be played: a file of any kind that is read [default: speech, s16le:24000:1]
    #[arg(value_name = "IN")]
    pub(crate) input: Option<PathBuf>,
    /// Only this device
    #[arg(long, value_name = "ID")]
    pub(crate) device: Option<String>,
    /// Only this audio system, such as alsa, pulseaudio or jack
    #[arg(long, value_name = "NAME", value_parser = host_name)]
    pub(crate) host: Option<String>,
    /// Frames a device would be asked to ask for [default: 20 ms]
    #[arg(long, value_name = "N", value_parser = block_frames)]
    pub(crate) block: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(crate) options: Options,
}

#[derive(Debug, Args)]
#[command(after_help = help::PLAY)]
pub(crate) struct Play {
    /// A WAV, FLAC, MP3, Ogg, AIFF, CAF, MP4 or Matroska file, or raw PCM; `-` is standard input; a
    /// pipe with a name will do
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    /// The device's id, as `outdata devices` lists it, or `null`: real time, unheard
    #[arg(long, value_name = "ID")]
    pub(crate) device: Option<String>,
    /// The audio system, such as alsa, pulseaudio or jack [default: the platform's]
    #[arg(long, value_name = "NAME", value_parser = host_name)]
    pub(crate) host: Option<String>,
    #[command(flatten)]
    pub(crate) selection: SelectionOptions,
    #[command(flatten)]
    pub(crate) options: Options,
    /// What the null device takes; a real one takes what it takes
    #[arg(
        long,
        value_name = "RATExCHANNELS:FORMAT",
        default_value = "48000x2:f32le",
        value_parser = spec::target
    )]
    pub(crate) to: StreamSpec,
    /// Frames the device is asked to ask for [default: 20 ms]
    #[arg(long, value_name = "N", value_parser = block_frames)]
    pub(crate) block: Option<NonZeroUsize>,
    /// What becomes of it when the device is gone
    #[arg(long, value_name = "POLICY", default_value = "follow")]
    pub(crate) on_loss: OnLoss,
    #[command(flatten)]
    pub(crate) script: PlayScript,
    /// End with the report as one line of JSON on standard error
    #[arg(long, value_name = "FORM", help_heading = None::<&'static str>)]
    pub(crate) report: Option<ReportForm>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnLoss {
    /// Go on where the device comes back, or on the default one
    Follow,
    /// Wait for a key
    Pause,
    /// End with an error
    Fail,
}

impl From<OnLoss> for Supervision {
    fn from(on_loss: OnLoss) -> Self {
        let mut supervision = Self::new(match on_loss {
            OnLoss::Follow => Policy::Follow,
            OnLoss::Pause => Policy::Pause,
            OnLoss::Fail => Policy::Fail,
        });
        // A command comes to an end.
        supervision.patience = Some(PATIENCE);
        supervision
    }
}

#[derive(Debug, Args)]
#[command(after_help = help::RECORD)]
pub(crate) struct Record {
    /// A .wav file, a .raw or .pcm file of raw samples, or `-` for these on standard output; also a
    /// pipe with a name, or a device
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// OUT is WAV, whatever its name: `-` too, whose length nobody knows in advance
    #[arg(long)]
    pub(crate) wav: bool,
    /// End by itself after so much sound
    #[arg(long, value_name = "N", value_parser = seconds)]
    pub(crate) seconds: Option<f64>,
    /// The device's id, as `outdata devices` lists it; a .wav file, as if it were spoken; or `null`,
    /// which is silent
    #[arg(long, value_name = "ID")]
    pub(crate) device: Option<OsString>,
    /// The audio system, such as alsa, pulseaudio or jack [default: the platform's]
    #[arg(long, value_name = "NAME", value_parser = host_name)]
    pub(crate) host: Option<String>,
    /// What is written [default: what the device delivers]
    #[arg(long, value_name = "RATExCHANNELS:FORMAT", value_parser = spec::target)]
    pub(crate) to: Option<StreamSpec>,
    /// Frames the device is asked to deliver at a time [default: 20 ms]
    #[arg(long, value_name = "N", value_parser = block_frames)]
    pub(crate) block: Option<NonZeroUsize>,
    /// What becomes of it when the device is gone
    #[arg(long, value_name = "POLICY", default_value = "follow")]
    pub(crate) on_loss: OnLoss,
    #[command(flatten)]
    pub(crate) conversion: Conversion,
    /// End with the report as one line of JSON on standard error
    #[arg(long, value_name = "FORM", help_heading = None::<&'static str>)]
    pub(crate) report: Option<ReportForm>,
}

impl Render {
    /// The block sizes, to be cycled through.
    pub(crate) fn block_sizes(&self) -> Vec<usize> {
        if self.blocks.is_empty() {
            vec![self.block.get()]
        } else {
            self.blocks.iter().map(|frames| frames.get()).collect()
        }
    }

    /// Refuses what would make the output overwrite the input.
    pub(crate) fn check_paths(&self) -> Result<(), Failure> {
        refuse_same_file(&self.input, &self.output)
    }
}

/// Refuses what would make the output overwrite the input.
pub(crate) fn refuse_same_file(input: &Path, output: &Path) -> Result<(), Failure> {
    let is_same = match (is_standard(input), is_standard(output)) {
        (false, false) => is_same_name(input, output) || is_same_file(input, output),
        _ => is_same_file(input, output),
    };
    match is_same {
        true => Err(Failure::usage("IN and OUT are the same file")),
        false => Ok(()),
    }
}

/// Standard input, or standard output.
fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn is_same_name(input: &Path, output: &Path) -> bool {
    // Nothing overwrites a pipe or a device, as /dev/null.
    let is_stream = output.metadata().is_ok_and(|about| !about.is_file());
    match (input.canonicalize(), output.canonicalize()) {
        _ if is_stream => false,
        (Ok(one), Ok(other)) => one == other,
        _ => input == output,
    }
}

/// Whether both are one file by whatever name; a standard stream may have been led into it.
#[cfg(unix)]
fn is_same_file(input: &Path, output: &Path) -> bool {
    use std::os::fd::AsFd;
    use std::os::unix::fs::MetadataExt;

    let about = |path: &Path, standard: &dyn AsFd| match is_standard(path) {
        true => File::from(standard.as_fd().try_clone_to_owned()?).metadata(),
        false => path.metadata(),
    };
    let one = about(input, &io::stdin());
    let other = about(output, &io::stdout());
    match (one, other) {
        (Ok(one), Ok(other)) => {
            one.is_file() && (one.dev(), one.ino()) == (other.dev(), other.ino())
        }
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_same_file(_: &Path, _: &Path) -> bool {
    false
}

fn block_frames(text: &str) -> Result<NonZeroUsize, String> {
    text.trim()
        .parse::<u64>()
        .ok()
        .filter(|frames| (1..=MAX_BLOCK_FRAMES).contains(frames))
        .and_then(|frames| NonZeroUsize::new(usize::try_from(frames).ok()?))
        .ok_or_else(|| format!("expected a whole number of frames from 1 to {MAX_BLOCK_FRAMES}"))
}

fn streams(text: &str) -> Result<usize, String> {
    let number = text.trim().parse().ok();
    number
        .filter(|streams| (1..=MAX_STREAMS).contains(streams))
        .ok_or_else(|| format!("expected a whole number from 1 to {MAX_STREAMS}"))
}

/// A time that is some frames at any rate, and less than a year.
fn seconds(text: &str) -> Result<f64, String> {
    const YEAR: f64 = 366.0 * 86_400.0;
    text.trim()
        .parse::<f64>()
        .ok()
        .filter(|seconds| (0.001..=YEAR).contains(seconds))
        .ok_or_else(|| "expected a number of seconds from 0.001 to a year".to_owned())
}
