//! To a device, in real time.

mod feed;
mod screen;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use device_io::{
    Backend, BlockLength, DeviceError, DeviceEvent, Null, Output, OutputRequest, Supervised,
    Supervision,
};
use rt_callback::{Controller, Decibels, Event, EventKind, Monitor, Ramp, StreamSpec, stream};

use self::feed::{Feeding, Guide, TICK};
use self::screen::{Screen, State, is_paused};
use crate::cli::args::Play;
use crate::commands::config::{config, warn_of_dropped};
use crate::console::{Failure, Key, Parameters, Report, Terminal, say, warn, warn_of_clipping};
use crate::hosts;
use crate::input::Input;
use crate::signals::{self, Again};

/// How long the first tenth of a second of a slow input is waited for, once there is any.
const PREFILL: Duration = Duration::from_millis(300);
/// What a key does to the gain, in dB, within these limits.
const GAIN_STEP: f32 = 1.0;
const GAIN: (f32, f32) = (-60.0, 12.0);
/// A key's fades.
const FADE: Ramp = Ramp::Milliseconds(10.0);

pub(crate) fn run(arguments: &Play) -> Result<(), Failure> {
    let mut input = Input::open(arguments.input.as_ref(), arguments.options.raw)?;
    input.select(&arguments.selection.selection())?;
    let total = input.length();
    let mut output = open_output(arguments, input.spec())?;
    let mut config = config(&arguments.options, input.spec(), output.spec());
    warn_of_dropped(&config);
    let script = arguments.script.script(config.device.rate_hz)?;
    config.meter = true;
    config.script = script.commands.clone();
    config.marker_capacity += 2 * script.sources.len();
    config.event_capacity += 4 * script.commands.len();
    let (feeder, controller, renderer, monitor) = stream(&config).map_err(Failure::usage)?;
    let latency_frames = renderer.latency_frames();
    let rendered = Arc::<AtomicU64>::default();
    let guide = Guide {
        script,
        device: config.device,
        latency_frames,
        rendered: Arc::clone(&rendered),
    };
    let feeding = Feeding::start(input, feeder, guide);
    let mut player = Player {
        controller,
        monitor,
        rendered,
        events: Vec::new(),
        state: State::Playing,
        is_cut: false,
        cut_heard_at: 0,
        is_over: false,
        screen: Screen::new(arguments.report, config.source.rate_hz, total),
    };
    player.prefill(&feeding, config.source);
    let ended = signals::watch(Again::Ends)?;
    let terminal = Terminal::open(&arguments.input);
    if terminal.has_keys() {
        player
            .screen
            .say("space pause, i interrupt, + - gain, q quit");
    }
    output.start(renderer).map_err(Failure::failed)?;
    let block = output.block_frames().into_iter().collect();
    let mut quit = false;
    while !quit && !feeding.is_finished() && !player.is_over {
        if let Some(key) = terminal.wait(TICK) {
            quit = player.obey(key, &output);
        }
        quit |= ended.load(Ordering::Relaxed);
        player.look(&mut output, terminal.has_keys())?;
    }
    if quit {
        player.fade_out();
    }
    output.stop().map_err(Failure::failed)?;
    player.look(&mut output, true)?;
    player.screen.finish();
    drop(terminal);

    // If a pipe keeps the feeder waiting, what would still come is of no interest any more.
    let frames_in = if feeding.is_finished() {
        let (mut input, fed) = feeding.end()?;
        fed?;
        input.warnings().iter().for_each(warn);
        input.frames()
    } else {
        player.monitor.snapshot().pushed_frames
    };
    let counters = player.monitor.snapshot();
    let report = Report {
        parameters: Parameters {
            from: config.source,
            to: output.spec(),
            block,
            resample: config.resample,
        },
        frames_in,
        frames_out: counters.rendered_frames,
        latency_frames,
        counters,
        peak: None,
        load: player.monitor.load().cloned(),
        events: player.events,
        sha256: None,
    };
    let gain = (arguments.options.gain_db, report.peak);
    warn_of_clipping(
        counters.clipped_samples,
        report.parameters.to.format,
        Some(gain),
    );
    report.say(arguments.report);
    Ok(())
}

/// The device that was asked for, or the default one, or, where there is none, the null device.
fn open_output(arguments: &Play, source: StreamSpec) -> Result<Supervised, Failure> {
    let supervision = Supervision::from(arguments.on_loss);
    let mut request = OutputRequest::new(source);
    if let Some(frames) = arguments.block {
        let frames = u32::try_from(frames.get()).unwrap_or(u32::MAX);
        request.block = BlockLength::Frames(frames);
    }
    let open = |backend: Box<dyn Backend>, request: &OutputRequest| {
        Supervised::open_boxed(backend, request.clone(), supervision.clone())
    };
    let open_null = || {
        let mut request = request.clone();
        request.spec = arguments.to;
        open(Box::new(Null), &request).map_err(Failure::failed)
    };
    let open_real =
        |request: &OutputRequest| open(hosts::backend(arguments.host.as_deref())?, request);
    match arguments.device.as_deref() {
        Some("null") => open_null(),
        Some(id) => {
            let mut request = request.clone();
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
            open_null()
        }),
    }
}

struct Player {
    controller: Controller,
    monitor: Monitor,
    /// Device frames so far, for the feeder.
    rendered: Arc<AtomicU64>,
    events: Vec<Event>,
    state: State,
    /// It has been interrupted: nothing follows.
    is_cut: bool,
    /// The device frame that is asked for when the fade has been heard.
    cut_heard_at: u64,
    /// It has been interrupted, and that has been heard.
    is_over: bool,
    screen: Screen,
}

impl Player {
    /// Waits until a tenth of a second is queued, so that a slow input does not begin with a gap.
    fn prefill(&self, feeding: &Feeding, source: StreamSpec) {
        let enough = u64::from(source.rate_hz) / 10;
        let mut since = None;
        while !feeding.is_pushed() {
            let queued = self.monitor.snapshot().queued_frames;
            if queued > 0 {
                since.get_or_insert_with(Instant::now);
            }
            let patient = since.is_none_or(|since: Instant| since.elapsed() < PREFILL);
            if queued >= enough || !patient {
                break;
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Does what a key asks for. True if it asks for the end.
    fn obey(&mut self, key: Key, output: &Supervised) -> bool {
        match (key, self.state) {
            (Key::Quit, _) => return true,
            (Key::Pause, State::Held | State::Searching) => output.resume(),
            (Key::Pause, State::Playing) if is_paused(&self.controller) => self.controller.resume(),
            (Key::Pause, State::Playing) => self.controller.pause(),
            (Key::Interrupt, _) => self.interrupt(),
            (Key::Louder, _) => self.change_gain(GAIN_STEP),
            (Key::Softer, _) => self.change_gain(-GAIN_STEP),
        }
        false
    }

    fn interrupt(&mut self) {
        self.controller.interrupt(FADE);
        self.is_cut = true;
    }

    fn change_gain(&self, step: f32) {
        let (lowest, highest) = GAIN;
        let gain = (self.controller.gain().0 + step).clamp(lowest, highest);
        self.controller.set_gain(Decibels(gain), FADE);
    }

    /// An end without a click, where the device still plays.
    fn fade_out(&mut self) {
        self.screen.leave();
        self.interrupt();
        let begin = Instant::now();
        while !self.is_over && begin.elapsed() < 10 * TICK {
            thread::sleep(TICK / 4);
            self.poll();
        }
    }

    /// Takes in what happened, and shows it.
    fn look(&mut self, output: &mut Supervised, has_keys: bool) -> Result<(), Failure> {
        while let Some(event) = output.poll_event() {
            self.hear(event, has_keys)?;
        }
        self.poll();
        self.screen
            .show(&mut self.monitor, &self.controller, self.state);
        Ok(())
    }

    /// Takes in how far the stream has come.
    fn poll(&mut self) {
        // Before its events, so that none of them is missed.
        let counters = self.monitor.snapshot();
        let events = &mut self.events;
        let first = events.len();
        self.monitor.poll(|event| events.push(event));
        for event in events.get(first..).unwrap_or_default() {
            self.screen.tell(event);
            if let EventKind::Interrupted {
                device_latency_frames,
                ..
            } = event.kind
            {
                // By a key or by the script.
                self.is_cut = true;
                self.cut_heard_at = event.at_frame + device_latency_frames;
            }
        }
        self.is_over =
            self.is_cut && counters.is_played_out() && counters.block_at_frame >= self.cut_heard_at;
        self.rendered
            .store(counters.rendered_frames, Ordering::Relaxed);
    }

    /// What the device has to say.
    fn hear(&mut self, event: DeviceEvent, has_keys: bool) -> Result<(), Failure> {
        let screen = &self.screen;
        match event {
            DeviceEvent::Failed(words) => return Err(Failure::failed(words)),
            DeviceEvent::Held if !has_keys => {
                return Err(Failure::failed(
                    "the device is gone, and there are no keys to go on",
                ));
            }
            DeviceEvent::Held => {
                screen.warn("the device is gone; space goes on");
                self.state = State::Held;
            }
            DeviceEvent::Lost(words) | DeviceEvent::Invalidated(words) => {
                screen.warn(&words);
                self.state = State::Searching;
            }
            DeviceEvent::Stalled(silent) => {
                let seconds = silent.as_secs_f64();
                screen.warn(&format!(
                    "the device has asked for nothing for {seconds:.1} s"
                ));
                self.state = State::Searching;
            }
            DeviceEvent::Spinning { errors } => {
                screen.warn(&format!("the device gives nothing but errors ({errors})"));
                self.state = State::Searching;
            }
            DeviceEvent::DefaultChanged(id) => {
                screen.warn(&format!("the default device is {id} now"));
                self.state = State::Searching;
            }
            DeviceEvent::Reopened { device, spec } => {
                let device = device.unwrap_or_else(|| "the default device".to_owned());
                screen.warn(&format!("going on on {device}, {spec}"));
                self.state = State::Playing;
            }
            DeviceEvent::Errors { words, count } => {
                screen.warn(&format!("{words} ({count} times)"))
            }
            DeviceEvent::Xrun => screen.warn("the device ran dry"),
            DeviceEvent::RealtimeRefused => screen.warn("real-time scheduling was refused"),
            _ => {}
        }
        Ok(())
    }
}
