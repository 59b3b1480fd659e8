//! The feeder and the device of an offline run: what is pushed before which block.

use device_io::{Backend, Clock, Offline, OutputRequest};
use rt_callback::{Config, Event, EventKind, FeedError, Feeder, Monitor, StreamSpec, stream};

use crate::console::{Failure, Parameters, Report, peak, warn};
use crate::input::{Input, Next};
use crate::output::Output;
use crate::script::{Changes, Script};

/// Frames of the lower rate that a resampler may read ahead of what it writes, at most.
const MAX_LATENCY_FRAMES: f64 = 128.0;

/// How a run is cut, and what happens in it.
pub(crate) struct Plan<'a> {
    /// Frames that callbacks ask for, in turn.
    pub(crate) block_sizes: &'a [usize],
    /// Frames pushed at a time, and only until the next block can be rendered.
    pub(crate) push_frames: usize,
    pub(crate) script: Script,
}

impl Plan<'_> {
    /// How many frames of `source` last as long as what the next block needs, even if the source is another by then.
    fn queue_frames(&self, source: StreamSpec, device: StreamSpec) -> usize {
        let largest = self.block_sizes.iter().copied().max().unwrap_or(1) as u64;
        let fade_frames = self.script.interruption.map_or(0, |(_, frames)| frames);
        let block = (largest + fade_frames) as f64 / f64::from(device.rate_hz);
        let rates = self.script.sources.iter().map(|(_, spec)| spec.rate_hz);
        let rates = std::iter::once(source.rate_hz).chain(rates);
        let latencies = rates.map(|rate| MAX_LATENCY_FRAMES / f64::from(rate.min(device.rate_hz)));
        let seconds = block + latencies.sum::<f64>();
        (seconds * f64::from(source.rate_hz)).ceil() as usize + self.push_frames
    }
}

/// Renders all of `input` into `output`.
pub(crate) fn simulate(
    input: &mut Input,
    mut output: Output,
    config: &mut Config,
    plan: &Plan<'_>,
) -> Result<Report, Failure> {
    let (source, device) = (config.source, config.device);
    config.script = plan.script.commands.clone();
    // What is clipped is measured, so that a gain can be offered.
    config.meter = !device.format.is_float();
    config.queue_frames = plan.queue_frames(source, device);
    config.marker_capacity += 2 * plan.script.sources.len();
    config.event_capacity += 4 * plan.script.commands.len();

    let (offline, clock) = Offline::new();
    let mut device_output = offline
        .open_output(&OutputRequest::new(device))
        .map_err(Failure::failed)?;
    let (mut feeder, _, renderer, monitor) = stream(config).map_err(Failure::usage)?;
    let latency_frames = renderer.latency_frames();
    device_output.start(renderer).map_err(Failure::failed)?;
    feeder.begin_utterance().map_err(Failure::failed)?;
    let mut simulator = Simulator {
        device,
        script: &plan.script,
        push_frames: plan.push_frames,
        feeder,
        clock,
        monitor,
        events: Vec::new(),
        bytes: Vec::new(),
        now: 0,
        end: None,
        at_end: false,
        next_source: None,
        ahead: None,
        changes: Changes::new(&plan.script, source, device),
    };
    simulator.run(input, &mut output, plan.block_sizes)?;
    Ok(Report {
        parameters: Parameters {
            from: source,
            to: device,
            block: plan.block_sizes.to_vec(),
            resample: config.resample,
        },
        frames_in: input.frames(),
        frames_out: simulator.now,
        latency_frames,
        counters: simulator.monitor.snapshot(),
        peak: config.meter.then(|| peak(&mut simulator.monitor)),
        load: simulator.monitor.load().cloned(),
        events: simulator.events,
        sha256: Some(output.finish()?),
    })
}

struct Simulator<'a> {
    device: StreamSpec,
    script: &'a Script,
    push_frames: usize,
    feeder: Feeder,
    clock: Clock,
    monitor: Monitor,
    events: Vec<Event>,
    bytes: Vec<u8>,
    /// Device frames written.
    now: u64,
    /// The device frame at which the result ends, once that is known.
    end: Option<u64>,
    /// All of the input has been pushed, or an interruption has ended it.
    at_end: bool,
    /// What the input has become, while the feeder has not been told yet.
    next_source: Option<StreamSpec>,
    ahead: Option<Ahead>,
    changes: Changes,
}

/// What has been pushed after changes of the input that have not happened yet: until they have, the engine cannot be
/// asked how much is missing.
struct Ahead {
    changes: usize,
    seconds: f64,
}

impl Simulator<'_> {
    fn run(
        &mut self,
        input: &mut Input,
        output: &mut Output,
        block_sizes: &[usize],
    ) -> Result<(), Failure> {
        for frames in block_sizes.iter().copied().cycle() {
            self.bad_shapes()?;
            let cut = self
                .script
                .next_cut(self.now)
                .into_iter()
                .chain(self.changes.next_at(self.now))
                .min();
            let frames = match cut {
                Some(cut) => frames.min(usize::try_from(cut - self.now).unwrap_or(frames)),
                None => frames,
            };
            self.feed(input, frames)?;
            self.block(output, frames)?;
            self.end_by_interruption()?;
            // An utterance that ran dry ended there: that is known only once its end is declared.
            if self.end.is_some_and(|end| end <= self.now) {
                break;
            }
        }
        Ok(())
    }

    /// The device asks for something that is no block. It hears silence, which is no part of the
    /// result, and nothing is consumed.
    fn bad_shapes(&mut self) -> Result<(), Failure> {
        let frame_bytes = self.device.frame_bytes();
        for _ in self.script.bad_shapes.iter().filter(|at| **at == self.now) {
            if frame_bytes == 1 {
                warn("--bad-shape-at: frames of one byte have no wrong shape");
            } else {
                self.clock.tick_bytes(frame_bytes + 1, |_| ());
            }
        }
        Ok(())
    }

    /// Pushes until the next `frames` frames can be rendered, and nothing further ahead.
    fn feed(&mut self, input: &mut Input, frames: usize) -> Result<(), Failure> {
        if self.script.is_starved(self.now) {
            return Ok(());
        }
        let mut until = self.now + frames as u64;
        if let Some((at, fade_frames)) = self.script.interruption
            && (self.now..until).contains(&at)
        {
            // What would be queued in a live stream is there to be faded.
            until = until.max(at + fade_frames);
        }
        let wanted = self.script.unpaused(self.now, until);
        // Nothing is queued that would sound after the feeder has fallen silent.
        let most = self
            .script
            .next_starvation(self.now)
            .map(|at| self.script.unpaused(self.now, at));
        while !self.at_end && !self.changes.is_pending(self.now) {
            if let Some(source) = self.next_source {
                match self.feeder.set_source(source) {
                    // The next block makes room.
                    Err(FeedError::MarkersFull) => break,
                    result => result.map_err(Failure::usage)?,
                }
                self.next_source = None;
                let changes = self.ahead.take().map_or(1, |ahead| ahead.changes + 1);
                self.ahead = Some(Ahead {
                    changes,
                    seconds: 0.0,
                });
                continue;
            }
            let left = self.changes.left(input.frames());
            if left == 0
                && let Some(spec) = self.changes.change(self.now)
            {
                // This is done at once, so that it has happened by the end of this block.
                input.change(spec)?;
                self.feeder.set_source(spec).map_err(Failure::usage)?;
                continue;
            }
            let allowed = most.map_or(usize::MAX, |most| {
                self.clock.missing_source_frames(most as usize)
            });
            let frames = self.push_frames.min(allowed).min(left);
            let is_enough = match &self.ahead {
                Some(ahead) => ahead.seconds >= self.seconds(wanted) + self.margin(input),
                None => self.clock.missing_source_frames(wanted as usize) == 0,
            };
            if frames == 0 || is_enough {
                break;
            }
            let room = self.feeder.free_frames();
            if room == 0 && self.ahead.is_some() {
                break;
            }
            if room == 0 {
                return Err(Failure::failed("the queue is smaller than a block needs"));
            }
            match input.read(frames.min(room), &mut self.bytes)? {
                Next::End => {
                    self.feeder.end_utterance().map_err(Failure::failed)?;
                    self.at_end = true;
                }
                Next::Changed(source) => self.next_source = Some(source),
                Next::Frames(frames) => {
                    let pushed = self.feeder.push_bytes(&self.bytes);
                    pushed.map_err(Failure::failed)?;
                    if let Some(ahead) = &mut self.ahead {
                        ahead.seconds += frames as f64 / f64::from(input.spec().rate_hz);
                    }
                }
            }
        }
        Ok(())
    }

    fn seconds(&self, device_frames: u64) -> f64 {
        device_frames as f64 / f64::from(self.device.rate_hz)
    }

    /// How long a resampler may read ahead.
    fn margin(&self, input: &Input) -> f64 {
        let rate_hz = input.spec().rate_hz.min(self.device.rate_hz);
        MAX_LATENCY_FRAMES / f64::from(rate_hz)
    }

    fn block(&mut self, output: &mut Output, frames: usize) -> Result<(), Failure> {
        let mut result = Ok(());
        let (events, end, ahead) = (&mut self.events, &mut self.end, &mut self.ahead);
        let (monitor, now) = (&mut self.monitor, &mut self.now);
        let frame_bytes = self.device.frame_bytes();
        self.clock.tick(frames, |block| {
            monitor.poll(|event| {
                if let EventKind::Finished { .. } | EventKind::Interrupted { .. } = event.kind {
                    *end = Some(event.at_frame);
                }
                if let (EventKind::SourceChanged, Some(pending)) = (event.kind, ahead.as_mut()) {
                    pending.changes -= 1;
                    if pending.changes == 0 {
                        *ahead = None;
                    }
                }
                events.push(event);
            });
            // What lies past the end is no part of the result.
            let left = end.map_or(frames as u64, |end| end.saturating_sub(*now));
            let left = left.min(frames as u64);
            let samples = block.get(..left as usize * frame_bytes);
            result = output.write(samples.unwrap_or(block));
            *now += left;
        });
        result
    }

    /// As in a conversation, where what is being said ends at a barge-in.
    fn end_by_interruption(&mut self) -> Result<(), Failure> {
        if let Some((at, _)) = self.script.interruption
            && at < self.now
            && !self.at_end
        {
            self.feeder.end_utterance().map_err(Failure::failed)?;
            self.at_end = true;
        }
        Ok(())
    }
}
