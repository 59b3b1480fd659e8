//! The whole path, as an application and a device use it: a push of source frames, and a block rendered.

use std::error::Error;
use std::hint::black_box;

use rt_callback::{
    Config, Controller, Feeder, MixRules, Monitor, Recorder, Renderer, Resample, StreamSpec,
    capture, stream,
};

/// Device frames a block, where nothing else is said.
pub const FRAMES: usize = 480;

/// A conversion that is measured whole.
#[derive(Debug, Clone, Copy)]
pub struct Path {
    /// The letter by which it is known.
    pub letter: char,
    /// What is pushed.
    pub source: &'static str,
    /// What the device takes.
    pub device: &'static str,
    /// The qualities in which it is measured: one, where nothing is resampled.
    pub qualities: &'static [Resample],
}

const EVERY: &[Resample] = &[Resample::Linear, Resample::Balanced, Resample::High];
const ONE: &[Resample] = &[Resample::Linear];

/// Speech, music, a notification and a film.
pub const PATHS: [Path; 4] = [
    Path {
        letter: 'a',
        source: "24000x1:s16le",
        device: "48000x2:f32le",
        qualities: EVERY,
    },
    Path {
        letter: 'b',
        source: "44100x2:s16le",
        device: "48000x2:f32le",
        qualities: EVERY,
    },
    Path {
        letter: 'c',
        source: "48000x1:s16le",
        device: "48000x2:s16le",
        qualities: ONE,
    },
    Path {
        letter: 'd',
        source: "48000x6:f32le",
        device: "48000x2:s16le",
        qualities: ONE,
    },
];

impl Path {
    /// The name of the work, by which rows of several programs meet.
    #[must_use]
    pub fn work(&self) -> String {
        format!("path/{} {} to {}", self.letter, self.source, self.device)
    }

    /// What does it here, in this quality.
    #[must_use]
    pub fn who(&self, resample: Resample) -> String {
        let backend = rate_convert::Backend::detect().name();
        match self.qualities {
            [_] => backend.to_owned(),
            _ => format!("{resample:?}-{backend}"),
        }
    }

    /// The stream in this quality.
    ///
    /// # Errors
    /// If the engine refuses the configuration.
    pub fn open(&self, resample: Resample) -> Result<Stream, Box<dyn Error>> {
        Stream::open(self.source, self.device, resample, FRAMES)
    }

    /// Bytes of a block of the device.
    #[must_use]
    pub fn block_bytes(&self) -> usize {
        self.device
            .parse::<StreamSpec>()
            .map_or(0, |device| FRAMES * device.frame_bytes())
    }
}

#[derive(Debug)]
enum Block {
    I16(Vec<i16>),
    F32(Vec<f32>),
}

/// A stream and what is pushed into it.
#[derive(Debug)]
pub struct Stream {
    feeder: Feeder,
    renderer: Renderer,
    monitor: Monitor,
    /// Held, since a stream without one is another.
    controller: Controller,
    bytes: Vec<u8>,
    block: Block,
    /// Source frames times the device's rate, for one block; and what of it is not pushed yet.
    step: u64,
    owed: u64,
    rate_hz: u64,
    frame_bytes: usize,
}

impl Stream {
    /// A stream whose queue is a little ahead, so that it is never dry.
    ///
    /// # Errors
    /// If the specs cannot be read or the engine refuses them.
    pub fn open(
        source: &str,
        device: &str,
        resample: Resample,
        frames: usize,
    ) -> Result<Self, Box<dyn Error>> {
        let mut config = Config::new(source.parse()?, device.parse()?);
        config.resample = resample;
        Self::with(&config, frames)
    }

    /// A stream of a configuration, for blocks of so many frames, a little ahead too.
    ///
    /// # Errors
    /// If the engine refuses the configuration.
    pub fn with(config: &Config, frames: usize) -> Result<Self, Box<dyn Error>> {
        let mut stream = Self::empty(config, frames)?;
        let lead = stream.bytes.get(..FRAMES * stream.frame_bytes);
        stream.feeder.push_bytes(lead.unwrap_or_default())?;
        Ok(stream)
    }

    /// A stream into which nothing has been pushed: it is idle.
    ///
    /// # Errors
    /// If the engine refuses the configuration.
    pub fn empty(config: &Config, frames: usize) -> Result<Self, Box<dyn Error>> {
        let (source, device) = (config.source, config.device);
        let mut config = config.clone();
        let (from, to) = (u64::from(source.rate_hz), u64::from(device.rate_hz));
        let step = frames as u64 * from;
        let most = step.div_ceil(to) as usize;
        config.queue_frames = config.queue_frames.max(4 * most + 2 * FRAMES);
        let (feeder, controller, renderer, monitor) = stream(&config)?;
        let bytes = noise(&source, most.max(FRAMES));
        let samples = frames * device.channels();
        Ok(Self {
            feeder,
            renderer,
            monitor,
            controller,
            bytes,
            block: match device.format.bytes_per_sample() {
                2 => Block::I16(vec![0; samples]),
                _ => Block::F32(vec![0.0; samples]),
            },
            step,
            owed: 0,
            rate_hz: to,
            frame_bytes: source.frame_bytes(),
        })
    }

    /// Pushes what a block takes.
    #[inline]
    pub fn push(&mut self) {
        self.owed += self.step;
        let frames = (self.owed / self.rate_hz) as usize;
        self.owed %= self.rate_hz;
        let bytes = self.bytes.get(..frames * self.frame_bytes);
        let _ = self.feeder.push_bytes(black_box(bytes.unwrap_or_default()));
    }

    /// Renders a block.
    #[inline]
    pub fn render(&mut self) {
        match &mut self.block {
            Block::I16(block) => self.renderer.render(black_box(&mut block[..])),
            Block::F32(block) => self.renderer.render(black_box(&mut block[..])),
        };
    }

    /// Both.
    #[inline]
    pub fn push_and_render(&mut self) {
        self.push();
        self.render();
    }

    /// Pauses it.
    pub fn pause(&self) {
        self.controller.pause();
    }

    /// Device frames that were silent because the queue was dry: a figure of which is worth nothing.
    #[must_use]
    pub fn starved_frames(&self) -> u64 {
        let counters = self.monitor.snapshot();
        counters.underrun_frames + counters.starved_frames
    }
}

/// A block that is recorded.
#[derive(Debug)]
pub struct Record {
    recorder: Recorder,
    reader: rt_callback::Reader,
    block: Vec<u8>,
    out: Vec<u8>,
}

impl Record {
    /// What a microphone of 48 kHz stereo f32 gives, for an application that takes 16 kHz mono s16.
    ///
    /// # Errors
    /// If the engine refuses the configuration.
    pub fn open() -> Result<Self, Box<dyn Error>> {
        let (device, application) = ("48000x2:f32le".parse()?, "16000x1:s16le".parse()?);
        let config = rt_callback::CaptureConfig::new(device, application);
        let (recorder, reader) = capture(&config)?;
        Ok(Self {
            recorder,
            reader,
            block: noise(&device, FRAMES),
            out: vec![0; FRAMES * application.frame_bytes()],
        })
    }

    /// What the callback does.
    #[inline]
    pub fn record(&mut self) {
        self.recorder.record_bytes(black_box(&self.block));
    }

    /// What the application does: takes all that was recorded.
    pub fn read(&mut self) {
        while self.reader.read_bytes(&mut self.out) > 0 {}
    }
}

/// Bytes of small noise, in range in 16 bits and as floats alike.
#[must_use]
pub fn noise(spec: &StreamSpec, frames: usize) -> Vec<u8> {
    let noise = (0..frames * spec.channels()).map(|i| ((i * 7_919) % 4_001) as i16 - 2_000);
    match spec.format.bytes_per_sample() {
        2 => noise.flat_map(i16::to_le_bytes).collect(),
        _ => noise
            .flat_map(|sample| (f32::from(sample) / 32_768.0).to_le_bytes())
            .collect(),
    }
}

/// The original's rules of mixing, for pictures that compare with it.
#[must_use]
pub fn as_original(source: StreamSpec, device: StreamSpec) -> Config {
    let mut config = Config::new(source, device);
    config.mix = MixRules::Original.into();
    config
}
