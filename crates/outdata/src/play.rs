//! To a device, in real time.

use std::thread;
use std::time::Duration;

use device_io::{Backend, BlockLength, DeviceError, DeviceEvent, Null, Output, OutputRequest};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rt_callback::{Event, Feeder, Load, Monitor, stream};

use crate::args::{Play, ReportForm};
use crate::failure::{Failure, say, warn};
use crate::input::Input;
use crate::real;
use crate::render::config;
use crate::report::Report;

/// How often the queue is filled and the display brought up to date.
const TICK: Duration = Duration::from_millis(20);
/// Frames read at a time.
const FEED_FRAMES: usize = 1_024;

pub(crate) fn run(arguments: &Play) -> Result<(), Failure> {
    let input = Input::open(&arguments.input, arguments.options.raw)?;
    let mut output = open_output(arguments)?;
    let mut config = config(&arguments.options, input.spec(), output.spec());
    config.meter = true;
    let (feeder, _, renderer, monitor) = stream(&config).map_err(Failure::usage)?;
    let latency_frames = renderer.latency_frames();
    let mut player = Player {
        monitor,
        events: Vec::new(),
        bar: progress_bar(arguments.report),
        source_rate_hz: config.source.rate_hz,
    };

    // On a thread of its own, since a pipe may keep it waiting.
    let feeding = thread::spawn(move || feed(input, feeder));
    while !feeding.is_finished() && player.monitor.snapshot().queued_frames < player.prefill() {
        thread::sleep(TICK);
    }
    output.start(renderer).map_err(Failure::failed)?;
    while !feeding.is_finished() {
        thread::sleep(TICK);
        player.look(output.as_mut())?;
    }
    output.stop().map_err(Failure::failed)?;
    player.look(output.as_mut())?;
    player.bar.finish();

    let (input, fed) = feeding
        .join()
        .map_err(|_| Failure::failed("reading the input failed"))?;
    fed?;
    if let Some(warning) = input.warning() {
        warn(warning);
    }
    let counters = player.monitor.snapshot();
    let report = Report {
        source: config.source,
        device: config.device,
        frames_in: input.frames(),
        frames_out: counters.rendered_frames,
        latency_frames,
        counters,
        load: player.monitor.load().cloned(),
        events: player.events,
        sha256: None,
    };
    report.say(arguments.report);
    Ok(())
}

/// Pushes all of the input, as it comes and as there is room, and waits until it has been heard.
fn feed(mut input: Input, mut feeder: Feeder) -> (Input, Result<(), Failure>) {
    let fed = (|| {
        feeder.begin_utterance().map_err(Failure::failed)?;
        let mut bytes = Vec::new();
        while input.read_some(FEED_FRAMES, &mut bytes)? > 0 {
            let mut taken = feeder.push_bytes(&bytes);
            while taken < bytes.len() {
                thread::sleep(TICK);
                taken += feeder.push_bytes(bytes.get(taken..).unwrap_or_default());
            }
        }
        // Until it has been heard, however long that takes.
        feeder.drain(Duration::MAX).map_err(Failure::failed)
    })();
    // Dropping the feeder is an end too, where reading failed.
    (input, fed)
}

/// The device that was asked for, or the default one, or, where there is none, the null device.
fn open_output(arguments: &Play) -> Result<Box<dyn Output>, Failure> {
    let mut request = OutputRequest::new(arguments.to);
    if let Some(frames) = arguments.block {
        let frames = u32::try_from(frames.get()).unwrap_or(u32::MAX);
        request.block = BlockLength::Frames(frames);
    }
    let open_real = |request| real::backend(arguments.host.as_deref())?.open_output(request);
    match arguments.device.as_deref() {
        Some("null") => Null.open_output(&request).map_err(Failure::failed),
        Some(id) => {
            request.device = Some(id.to_owned());
            open_real(&request).map_err(|error| match error {
                DeviceError::UnknownDevice { id, mut known } => {
                    known.push("null".into());
                    Failure::failed(DeviceError::UnknownDevice { id, known })
                }
                error => Failure::failed(error),
            })
        }
        None if arguments.host.is_some() => open_real(&request).map_err(Failure::failed),
        None => open_real(&request).or_else(|error| {
            say(&format!(
                "outdata: {error}: playing to the null device, unheard"
            ));
            Null.open_output(&request).map_err(Failure::failed)
        }),
    }
}

pub(crate) fn progress_bar(report: Option<ReportForm>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(
        None,
        if report.is_some() {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        },
    );
    let style = ProgressStyle::with_template("{spinner} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

struct Player {
    monitor: Monitor,
    events: Vec<Event>,
    bar: ProgressBar,
    source_rate_hz: u32,
}

impl Player {
    /// Source frames that are queued before the device is started: a tenth of a second.
    fn prefill(&self) -> u64 {
        u64::from(self.source_rate_hz) / 10
    }

    /// Takes in what happened, and shows it.
    fn look(&mut self, output: &mut dyn Output) -> Result<(), Failure> {
        while let Some(event) = output.poll_event() {
            match event {
                DeviceEvent::Lost(words) | DeviceEvent::Invalidated(words) => {
                    return Err(Failure::failed(words));
                }
                DeviceEvent::Errors { words, .. } => warn(words),
                _ => {}
            }
        }
        let events = &mut self.events;
        self.monitor.poll(|event| events.push(event));
        let counters = self.monitor.snapshot();
        let seconds = |frames: u64| frames as f64 / f64::from(self.source_rate_hz);
        let levels = self.monitor.take_levels().iter();
        let peak = levels.fold(0.0, |peak: f32, level| peak.max(level.peak));
        let load = self.monitor.load().map_or(0.0, Load::mean_share);
        self.bar.set_message(format!(
            "{:7.2} s heard | {:4.0} ms queued | {} | {:5.2} % load | {} underruns",
            seconds(counters.heard_frames),
            seconds(counters.queued_frames) * 1000.0,
            level(peak),
            load * 100.0,
            counters.underruns,
        ));
        self.bar.tick();
        Ok(())
    }
}

/// A peak as a bar of 20 over 60 dB, and in dB below full scale.
pub(crate) fn level(peak: f32) -> String {
    let decibels = 20.0 * peak.log10();
    let filled = ((decibels + 60.0) / 3.0).clamp(0.0, 20.0) as usize;
    let bar = format!("{}{}", "#".repeat(filled), ".".repeat(20 - filled));
    if peak > 0.0 {
        format!("{bar} {decibels:5.1} dBFS")
    } else {
        format!("{bar}  -inf dBFS")
    }
}
