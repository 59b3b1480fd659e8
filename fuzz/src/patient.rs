//! A stream under a script, and what must hold after every step.

use rt_callback::{
    Command, Controller, FeedError, Feeder, Monitor, Ramp, RenderStatus, Renderer, Sample,
    SampleFormat, Tap, stream,
};

use crate::cutting::Cutting;
use crate::samples::{Signal, are_finite, bytes_of};
use crate::script::{Script, Step};
use crate::told::{Returned, Told, counts};
use crate::{Twin, for_sample};

/// Blocks that an end may take: more than the longest queue lasts, and every lead-in.
const BLOCKS_TO_THE_END: usize = 200;
const LAST_BLOCK: usize = 1_024;

/// How the first sound is come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begin {
    AsCut,
    /// In blocks of a frame each, in either cutting.
    ByFrames,
}

pub(crate) struct Patient<'a> {
    script: &'a Script,
    cutting: Cutting<'a>,
    begin: Begin,
    twin: Twin,
    feeder: Feeder,
    controller: Controller,
    renderer: Renderer,
    monitor: Monitor,
    tap: Option<Tap>,
    told: Told,
    last: rt_callback::Counters,
    last_heard: u64,
}

impl<'a> Patient<'a> {
    pub(crate) fn new(script: &'a Script, cutting: Cutting<'a>, begin: Begin, twin: Twin) -> Self {
        let (feeder, controller, renderer, mut monitor) =
            stream(&script.config).expect("what is read is a config");
        Self {
            script,
            cutting,
            begin,
            twin,
            feeder,
            controller,
            renderer,
            tap: monitor.take_tap(),
            last: monitor.snapshot(),
            monitor,
            told: Told::default(),
            last_heard: 0,
        }
    }

    pub(crate) fn run(mut self) -> Result<Told, String> {
        for (n, step) in self.script.steps.iter().enumerate() {
            self.take(n, step)
                .and_then(|returned| self.check(returned))
                .map_err(|words| format!("step {n}, {step:?}: {words}"))?;
        }
        self.end()
    }

    fn take(&mut self, n: usize, step: &Step) -> Result<Returned, String> {
        let mut returned = [0; 2];
        match *step {
            Step::Push { frames, signal } => returned = self.push(frames, signal, n as u32),
            Step::PushBytes { bytes, signal } => {
                returned = self.push_any_bytes(bytes, signal, n as u32)?;
            }
            Step::Source(source) => {
                let result = self.feeder.set_source(source);
                returned[0] = code(result)?;
            }
            Step::Begin => {
                let result = self.feeder.begin_utterance();
                returned[0] = code(result.map(|_| ()))?;
            }
            Step::End => returned[0] = code(self.feeder.end_utterance())?,
            Step::Mark => returned[0] = code(self.feeder.mark().map(|_| ()))?,
            Step::Now(command) => command.run(&self.controller),
            Step::Render { frames, format } => self.render(frames, format)?,
            Step::WrongShape => self.render_wrong_shape()?,
            Step::Rebind(device) => {
                let result = self.renderer.rebind(device);
                result.map_err(|error| error.to_string())?;
            }
            Step::Latency(frames) => self.renderer.set_device_latency(frames),
            Step::Absent(is_absent) => self.renderer.set_absent(is_absent),
            Step::Poll => self.poll(),
        }
        Ok(returned)
    }

    /// Whole frames, typed where the format has a type, in calls of the cutting's sizes; what was taken, and why
    /// no more.
    fn push(&mut self, frames: usize, signal: Signal, seed: u32) -> Returned {
        let source = *self.feeder.source();
        if self.feeder.partial_bytes() > 0 {
            let pushed = for_sample!(source.format, S => self.push_typed::<S>(&[]));
            return [0, u64::from(pushed.is_some_and(|pushed| pushed.is_err()))];
        }
        let bytes = bytes_of(source.format, frames * source.channels(), signal, seed);
        let (mut taken, mut left) = (0, frames);
        loop {
            let wanted = self.cutting.next(left);
            let by_bytes = self.cutting.by_bytes();
            let rest = &bytes[taken * source.frame_bytes()..][..wanted * source.frame_bytes()];
            let typed = (!by_bytes)
                .then(|| for_sample!(source.format, S => self.push_typed::<S>(rest)))
                .flatten();
            let pushed = typed.unwrap_or_else(|| {
                let pushed = self.feeder.push_bytes(rest);
                pushed.map(|bytes| bytes / source.frame_bytes())
            });
            match pushed {
                Ok(frames) => {
                    taken += frames;
                    left -= wanted;
                    // What did not fit does not fit: nothing is rendered meanwhile.
                    if frames < wanted || left == 0 {
                        return [taken as u64, 0];
                    }
                }
                Err(_) => return [taken as u64, 2],
            }
        }
    }

    fn push_typed<S: Sample>(&mut self, bytes: &[u8]) -> Result<usize, FeedError> {
        let mut samples = vec![S::default(); bytes.len() / size_of::<S>()];
        S::read_bytes(bytes, &mut samples);
        self.feeder.push(&samples)
    }

    fn push_any_bytes(
        &mut self,
        count: usize,
        signal: Signal,
        seed: u32,
    ) -> Result<Returned, String> {
        let source = *self.feeder.source();
        let format = source.format;
        // Beyond what there is room for, the beginning of a frame is taken if it comes alone, else not.
        let room = self.feeder.free_frames() * source.frame_bytes();
        let count = count.min(room.saturating_sub(self.feeder.partial_bytes()));
        let samples = count.div_ceil(format.bytes_per_sample());
        let bytes = &bytes_of(format, samples, signal, seed)[..count];
        let (mut taken, mut left) = (0, count);
        loop {
            let wanted = self.cutting.next(left);
            match self.feeder.push_bytes(&bytes[taken..][..wanted]) {
                Ok(pushed) => {
                    taken += pushed;
                    left -= wanted;
                    if pushed < wanted || left == 0 {
                        return Ok([taken as u64, self.feeder.partial_bytes() as u64]);
                    }
                }
                Err(FeedError::Interrupted { queued: 0 }) => return Ok([taken as u64, u64::MAX]),
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    /// Blocks of the cutting's sizes. What they hold is compared later.
    fn render(&mut self, frames: usize, format: Option<SampleFormat>) -> Result<(), String> {
        let mut left = frames;
        loop {
            let is_silent = self.monitor.snapshot().heard_frames == 0;
            let frames = if is_silent && self.begin == Begin::ByFrames {
                left.min(1)
            } else {
                self.cutting.next(left)
            };
            self.render_block(frames, format)?;
            let is_dry = self.monitor.snapshot().queued_frames == 0;
            self.told.first_block_ran_dry |= is_silent && self.has_read() && is_dry;
            left -= frames;
            if left == 0 {
                break;
            }
        }
        self.read_tap();
        Ok(())
    }

    fn render_block(&mut self, frames: usize, format: Option<SampleFormat>) -> Result<(), String> {
        if self.twin == Twin::Ramp {
            let gain = self.controller.gain();
            self.controller.set_gain(gain, Ramp::Frames(64));
        }
        let device = *self.renderer.device();
        let samples = frames * device.channels();
        let format = format.unwrap_or(device.format);
        let begin = self.told.sound.len();
        let by_bytes = format == device.format && self.cutting.by_bytes();
        let typed = (!by_bytes)
            .then(|| for_sample!(format, S => self.render_typed::<S>(samples)))
            .flatten();
        let status = typed.unwrap_or_else(|| {
            // At any address.
            let mut block = vec![self.cutting.poison(); 1 + frames * device.frame_bytes()];
            let status = self.renderer.render_bytes(&mut block[1..]);
            self.told.sound.extend_from_slice(&block[1..]);
            status
        });
        let block = &mut self.told.sound[begin..];
        match (self.twin, block) {
            (Twin::Bit, [first, ..]) => *first ^= 1,
            (Twin::Unwritten, [.., last]) => *last = self.cutting.poison(),
            _ => {}
        }
        if status == RenderStatus::ShapeMismatch {
            return Err("a whole block is of a wrong shape".to_owned());
        }
        let format = if typed.is_some() {
            format
        } else {
            device.format
        };
        if !are_finite(format, &self.told.sound[begin..]) {
            return Err("what is not finite reaches the device".to_owned());
        }
        self.check_identity()
    }

    fn render_typed<S: Sample>(&mut self, samples: usize) -> RenderStatus {
        let mut block = vec![S::default(); samples];
        S::as_bytes_mut(&mut block).fill(self.cutting.poison());
        let status = self.renderer.render(&mut block);
        self.told
            .sound
            .extend_from_slice(S::as_bytes_mut(&mut block));
        status
    }

    fn render_wrong_shape(&mut self) -> Result<(), String> {
        let device = *self.renderer.device();
        if device.frame_bytes() > 1 {
            let mut block = vec![self.cutting.poison(); device.frame_bytes() + 1];
            let status = self.renderer.render_bytes(&mut block);
            if status != RenderStatus::ShapeMismatch {
                return Err(format!("{status:?}"));
            }
            self.told.sound.extend(block);
        }
        Ok(())
    }

    fn poll(&mut self) {
        self.monitor.poll(|event| self.told.events.push(event));
        self.told
            .levels
            .extend_from_slice(self.monitor.take_levels());
        self.read_tap();
    }

    fn read_tap(&mut self) {
        let Some(tap) = &mut self.tap else { return };
        let mut samples = [0.0_f32; 1_024];
        loop {
            let read = tap.read(&mut samples);
            let read = &samples[..read.frames * read.channels];
            if read.is_empty() {
                return;
            }
            self.told
                .tapped
                .extend(read.iter().map(|sample| sample.to_bits()));
        }
    }

    /// Whether anything has been taken from the queue.
    fn has_read(&self) -> bool {
        let now = self.monitor.snapshot();
        now.pushed_frames > now.queued_frames
    }

    fn snapshot(&self) -> rt_callback::Counters {
        let mut now = self.monitor.snapshot();
        if self.twin == Twin::Counter {
            now.dropped_frames = now.dropped_frames.saturating_sub(1);
        }
        now
    }

    /// Every frame is accounted for.
    fn check_identity(&self) -> Result<(), String> {
        let now = self.snapshot();
        let known =
            now.heard_frames + now.in_flight_frames + now.queued_frames + now.dropped_frames;
        if now.pushed_frames != known || now.pushed_frames != self.feeder.pushed_frames() {
            return Err(format!("frames are missing: {now:?}"));
        }
        Ok(())
    }

    fn check(&mut self, returned: Returned) -> Result<(), String> {
        self.check_identity()?;
        let (now, last) = (self.snapshot(), self.last);
        let silence = now.startup_silence_frames
            + now.idle_frames
            + now.paused_frames
            + now.underrun_frames
            + now.starved_frames;
        let heard = self.monitor.heard().frames;
        let holds = [
            ("heard runs back", now.heard_frames >= last.heard_frames),
            ("drops run back", now.dropped_frames >= last.dropped_frames),
            (
                "rendered runs back",
                now.rendered_frames >= last.rendered_frames,
            ),
            (
                "an utterance runs back",
                now.utterance != last.utterance
                    || now.utterance_heard_frames >= last.utterance_heard_frames,
            ),
            ("more silence than sound", silence <= now.rendered_frames),
            ("the listener runs back", heard >= self.last_heard),
            ("the listener is ahead", heard <= now.heard_frames),
        ];
        if let Some((words, _)) = holds.iter().find(|(_, holds)| !holds) {
            return Err(format!("{words}: {last:?}, then {now:?}"));
        }
        self.last_heard = heard;
        self.last = now;
        self.told.steps.push((counts(&now), returned));
        Ok(())
    }

    /// Whatever happened: resumed, a full queue is played, and what is ended comes to its end.
    fn end(mut self) -> Result<Told, String> {
        let timed = self.script.config.script.iter();
        let last = timed.map(|timed| timed.at_frame + 1).max().unwrap_or(0);
        let rendered = self.monitor.snapshot().rendered_frames;
        self.render_on(last.saturating_sub(rendered) as usize)?;
        self.renderer.set_absent(false);
        Command::Resume.run(&self.controller);
        Command::Resume.run(&self.controller);
        self.check_full_queue()?;
        self.poll();
        self.told_at_end()
    }

    /// Renders a long stretch, of which a tap holds no more than a part.
    fn render_on(&mut self, frames: usize) -> Result<(), String> {
        let mut left = frames;
        while left > 0 {
            let frames = left.min(LAST_BLOCK);
            self.render(frames, None)?;
            left -= frames;
        }
        Ok(())
    }

    fn check_full_queue(&mut self) -> Result<(), String> {
        let consumed = |patient: &Self| {
            let now = patient.monitor.snapshot();
            now.heard_frames + now.in_flight_frames + now.dropped_frames
        };
        let before = consumed(self);
        let size = self.feeder.source().frame_bytes() * self.feeder.free_frames();
        let _ = self.feeder.push_bytes(&vec![0; size]);
        if self.feeder.free_frames() == 0 {
            self.render_on(self.script.config.lead_in_frames as usize)?;
            self.render_on(8 * LAST_BLOCK)?;
            if consumed(self) == before {
                return Err(format!("a full queue stands still: {:?}", self.snapshot()));
            }
        }
        self.check([0; 2])
    }

    fn told_at_end(self) -> Result<Told, String> {
        let Self {
            feeder,
            mut renderer,
            mut monitor,
            mut told,
            mut cutting,
            twin,
            ..
        } = self;
        if twin == Twin::Endless {
            std::mem::forget(feeder);
        } else {
            drop(feeder);
        }
        let mut blocks = 0;
        loop {
            // One more, which tells of the end.
            let was_at_end = renderer.is_at_end();
            let mut left = LAST_BLOCK;
            while left > 0 {
                let frames = cutting.next(left);
                let mut block = vec![cutting.poison(); frames * renderer.device().frame_bytes()];
                renderer.render_bytes(&mut block);
                told.sound.extend(block);
                left -= frames;
            }
            if was_at_end {
                break;
            }
            blocks += 1;
            if blocks == BLOCKS_TO_THE_END {
                return Err(format!("the end never comes: {:?}", monitor.snapshot()));
            }
        }
        monitor.poll(|event| told.events.push(event));
        let end = monitor.snapshot();
        if end.queued_frames + end.in_flight_frames + end.starved_frames != 0 {
            return Err(format!("something is left at the end: {end:?}"));
        }
        told.steps.push((counts(&end), [0; 2]));
        Ok(told)
    }
}

/// A refusal that scripts may come to, as a number.
fn code(result: Result<(), FeedError>) -> Result<u64, String> {
    match result {
        Ok(()) => Ok(0),
        Err(FeedError::MarkersFull) => Ok(1),
        Err(FeedError::Interrupted { queued: 0 }) => Ok(2),
        Err(error) => Err(error.to_string()),
    }
}
