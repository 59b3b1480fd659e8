//! WebRTC's echo canceller (AEC3), on a call that hears itself.
#![allow(unreachable_pub)]

use std::error::Error;
use std::time::Duration;

use rt_callback::{
    CaptureConfig, Config, Feeder, Monitor, Reader, Reference, StreamSpec, capture, stream,
};
use sonora::config::EchoCanceller;
use sonora::{AudioProcessing, StreamConfig};

use crate::room::{Build, Room, now_ns};
use crate::speech::{RATE_HZ, Speech};

/// 10 ms, as the canceller takes them.
const FRAMES: usize = 160;
/// The canceller expects the echo at least 2 ms behind its reference, and finds it by itself within half a second.
const LEAD: Duration = Duration::from_millis(4);

/// One side of a call: the far end's voice is played, and what the microphone hears of it is cancelled.
pub struct Call {
    feeder: Feeder,
    reader: Reader,
    reference: Reference,
    _monitor: Monitor,
    far_end: Speech,
    canceller: AudioProcessing,
    /// By how many frames the reference is put out of line, late: to see what that does.
    pub late_frames: usize,
    /// What the microphone captured, what was heard meanwhile, and what is left.
    pub captured: Vec<f32>,
    pub heard: Vec<f32>,
    left: Vec<f32>,
}

/// Puts a call into a room: a loudspeaker at 48 kHz and a microphone at 44.1 kHz, whose clocks are 400 ppm apart.
///
/// # Errors
/// What the streams do not take: nothing here.
pub fn call() -> Result<(Room, Call), Box<dyn Error>> {
    let application: StreamSpec = "16000x1:f32le".parse()?;
    let mut config = Config::new(application, "48000x2:f32le".parse()?);
    config.clock = Some(now_ns);
    config.tap_frames = 24_000;
    let (feeder, _, renderer, mut monitor) = stream(&config)?;
    let mut config = CaptureConfig::new("44100x1:f32le".parse()?, application);
    config.clock = Some(now_ns);
    config.timeline = true;
    let (recorder, mut reader) = capture(&config)?;
    let tap = monitor.take_tap().ok_or("there is no tap")?;
    let mut reference = Reference::new(&mut reader, tap)?;
    reference.set_lead(LEAD);
    let loudspeaker = Build {
        fast: 200e-6,
        blocks: &[480, 441, 512],
        late_s: 0.002,
    };
    let microphone = Build {
        fast: -200e-6,
        blocks: &[441, 256, 640],
        late_s: 0.002,
    };
    let room = Room::new(renderer, recorder, (loudspeaker, microphone), &walls());
    let config = sonora::Config {
        echo_canceller: Some(EchoCanceller::default()),
        ..sonora::Config::default()
    };
    let canceller = AudioProcessing::builder()
        .config(config)
        .capture_config(StreamConfig::new(RATE_HZ as u32, 1))
        .render_config(StreamConfig::new(RATE_HZ as u32, 1))
        .build();
    let call = Call {
        feeder,
        reader,
        reference,
        _monitor: monitor,
        far_end: Speech::new(5),
        canceller,
        late_frames: 0,
        captured: Vec::new(),
        heard: Vec::new(),
        left: Vec::new(),
    };
    Ok((room, call))
}

/// A small room: the direct sound after half a metre, and reflections that decay by 60 dB in a fifth of a second.
fn walls() -> Vec<(f64, f32)> {
    let mut random = crate::room::Random(9);
    let mut walls = vec![(0.0015, 0.5)];
    for _ in 0..40 {
        let delay_s = 0.003 + 0.06 * random.next();
        let sign = if random.next() < 0.5 { -1.0 } else { 1.0 };
        walls.push((delay_s, (0.15 * sign * (-6.9 * delay_s / 0.2).exp()) as f32));
    }
    walls
}

impl Call {
    /// Lets the call go on until `end_s`.
    ///
    /// # Errors
    /// What the streams and the canceller do not take: nothing here.
    pub fn run(&mut self, room: &mut Room, end_s: f64) -> Result<(), Box<dyn Error>> {
        let mut result = Ok(());
        room.run(end_s, 0.01, |_| {
            if result.is_ok() {
                result = self.turn();
            }
        });
        result
    }

    /// The application's turn.
    fn turn(&mut self) -> Result<(), Box<dyn Error>> {
        // The queue is kept full of what the far end says.
        while self.feeder.free_frames() >= FRAMES {
            let mut block = [0.0; FRAMES];
            self.far_end.fill(&mut block);
            self.feeder.push(&block)?;
        }
        loop {
            let (mut captured, mut heard) = ([0.0_f32; 7], [0.0; 7]);
            let both = self
                .reference
                .read_both(&mut self.reader, &mut captured, &mut heard);
            self.captured.extend(&captured[..both.frames]);
            self.heard.extend(&heard[..both.frames]);
            if both.frames < captured.len() {
                break;
            }
        }
        while self.left.len() + FRAMES <= self.captured.len() {
            self.cancel()?;
        }
        Ok(())
    }

    fn cancel(&mut self) -> Result<(), sonora::Error> {
        let at = self.left.len();
        let mut out = [0.0; FRAMES];
        let heard: Vec<f32> = (at..at + FRAMES)
            .map(|frame| {
                frame
                    .checked_sub(self.late_frames)
                    .map_or(0.0, |frame| self.heard[frame])
            })
            .collect();
        self.canceller
            .process_render_f32(&[&heard], &mut [&mut out])?;
        let captured = &self.captured[at..at + FRAMES];
        self.canceller
            .process_capture_f32(&[captured], &mut [&mut out])?;
        self.left.extend(out);
        Ok(())
    }

    /// The echo return loss enhancement over the last seconds of what was captured, in dB: by how much less is left of
    /// it.
    pub fn erle_db(&self, last_s: f64) -> f64 {
        let end = self.left.len();
        let from = end.saturating_sub((last_s * RATE_HZ) as usize);
        let energy = |samples: &[f32]| {
            let squares = samples[from..end]
                .iter()
                .map(|sample| f64::from(*sample).powi(2));
            squares.sum::<f64>() + 1e-9
        };
        10.0 * (energy(&self.captured) / energy(&self.left)).log10()
    }
}
