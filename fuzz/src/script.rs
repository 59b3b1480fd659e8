//! What is done to a stream, read from bytes.

use std::sync::LazyLock;
use std::time::Duration;

use pcm_convert::NoiseShaper;
use rt_callback::{
    Buffering, ChannelLayout, Command, Config, Decibels, Dither, MixRules, Ramp, Resample,
    ResampleTables, Rounding, SampleFormat, StreamSpec, Timed, UtteranceId,
};

use crate::bytes::Bytes;
use crate::samples::Signal;

const RATES: [u32; 6] = [48_000, 24_000, 44_100, 16_000, 8_000, 96_000];
const CHANNELS: [usize; 8] = [1, 2, 1, 2, 1, 2, 6, 3];
const RESAMPLE: &[Resample] = Resample::ALL;

/// Filters take longer to compute than scripts do to run.
static TABLES: LazyLock<ResampleTables> = LazyLock::new(|| {
    let mut tables = ResampleTables::default();
    for from in RATES {
        for to in RATES {
            for resample in RESAMPLE {
                tables
                    .prepare(from, to, *resample)
                    .expect("these rates are converted");
            }
        }
    }
    tables
});

/// The last frame at which a timed command acts.
const TIMED_FRAMES: usize = 2_400;

#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) config: Config,
    pub(crate) steps: Vec<Step>,
    /// How the second run is cut.
    pub(crate) sizes: Vec<usize>,
}

#[derive(Debug)]
pub(crate) enum Step {
    Push {
        frames: usize,
        signal: Signal,
    },
    /// Any number of bytes, so that a frame is cut.
    PushBytes {
        bytes: usize,
        signal: Signal,
    },
    Source(StreamSpec),
    Begin,
    End,
    Mark,
    Now(Command),
    /// In the device's format, or in another that samples have.
    Render {
        frames: usize,
        format: Option<SampleFormat>,
    },
    WrongShape,
    Rebind(StreamSpec),
    Latency(u64),
    Absent(bool),
    Poll,
}

impl Script {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let bytes = &mut Bytes::new(bytes);
        let sizes = sizes(bytes);
        let config = config(bytes);
        let mut device = config.device;
        let mut steps = Vec::new();
        while !bytes.is_empty() {
            let step = Step::read(bytes, &device);
            if let Step::Rebind(next) = step {
                device = next;
            }
            steps.push(step);
        }
        Self {
            config,
            steps,
            sizes,
        }
    }
}

impl Step {
    fn read(bytes: &mut Bytes<'_>, device: &StreamSpec) -> Self {
        match bytes.below(32) {
            0..=6 => Self::Push {
                frames: bytes.below(700),
                signal: signal(bytes),
            },
            7..=8 => Self::PushBytes {
                bytes: bytes.below(700),
                signal: signal(bytes),
            },
            9..=10 => Self::Source(spec(bytes, Some(device))),
            11..=12 => Self::Begin,
            13 => Self::End,
            14 => Self::Mark,
            15..=18 => Self::Now(command(bytes)),
            19..=26 => Self::Render {
                frames: bytes.below(700),
                format: bytes.one_in(8).then(|| bytes.pick(SampleFormat::ALL)),
            },
            27 => Self::WrongShape,
            28 => Self::Rebind(spec(bytes, Some(device))),
            29 => Self::Latency(match bytes.below(8) {
                0 => u64::MAX,
                scale => bytes.below(256) as u64 * scale as u64,
            }),
            30 => Self::Absent(bytes.one_in(2)),
            _ => Self::Poll,
        }
    }
}

fn sizes(bytes: &mut Bytes<'_>) -> Vec<usize> {
    let special = [1, 0, 2, 3, 16, 64, 255, 256, 257, 512];
    let sizes = (0..=bytes.below(5)).map(|_| match bytes.below(256) {
        index @ 0..32 => special[index % special.len()],
        size => size,
    });
    let mut sizes: Vec<_> = sizes.collect();
    if sizes.iter().all(|size| *size == 0) {
        sizes.push(1);
    }
    sizes
}

fn config(bytes: &mut Bytes<'_>) -> Config {
    let device = spec(bytes, None);
    let mut config = Config::new(spec(bytes, Some(&device)), device);
    config.tables = TABLES.clone();
    config.resample = bytes.pick(RESAMPLE);
    config.mix = bytes
        .pick(&[MixRules::Speakers, MixRules::Original, MixRules::Discrete])
        .into();
    config.mix.normalize = bytes.one_in(4);
    config.rounding = bytes.pick(Rounding::ALL);
    config.dither = bytes.pick(&[
        Dither::None,
        Dither::None,
        Dither::Triangular,
        Dither::Rectangular,
        Dither::TriangularHighPass,
        Dither::Shaped(NoiseShaper::Lipshitz),
        Dither::Shaped(NoiseShaper::FWeighted),
    ]);
    config.dither_seed = u64::from(bytes.byte());
    config.gain = gain(bytes);
    config.ramp_frames = some_frames(bytes);
    config.queue_frames = 1_500 - bytes.below(1_500);
    if bytes.one_in(3) {
        config.prebuffer_frames = bytes.below(config.queue_frames + 1);
        config.rebuffer_frames = bytes.below(config.queue_frames + 1);
    }
    if bytes.one_in(4) {
        let nanoseconds =
            config.queue_frames as u64 * 1_000_000_000 / u64::from(config.source.rate_hz);
        let max = nanoseconds * bytes.below(256) as u64 / 256;
        let min = max * bytes.below(256) as u64 / 256;
        config.buffering = Buffering::Adaptive {
            min: Duration::from_nanos(min),
            max: Duration::from_nanos(max),
        };
    }
    if bytes.one_in(4) {
        config.prebuffer_cap = Duration::from_millis(bytes.below(40) as u64);
    }
    if bytes.one_in(4) {
        config.max_backlog = Some(Duration::from_millis(bytes.below(40) as u64));
    }
    if bytes.one_in(4) {
        config.lead_in_frames = some_frames(bytes);
        config.keep_alive_frames = bytes.one_in(2).then(|| bytes.below(600) as u64);
    }
    config.meter = bytes.one_in(2);
    if bytes.one_in(3) {
        config.tap_frames = 8_192;
    }
    config.clock = bytes.one_in(4).then_some(|| 0);
    config.marker_capacity = 1 + bytes.below(16);
    config.event_capacity = match bytes.below(4) {
        0 => 3,
        _ => 400,
    };
    config.script = (0..bytes.below(8))
        .map(|_| Timed {
            at_frame: bytes.below(TIMED_FRAMES) as u64,
            command: command(bytes),
        })
        .collect();
    config
}

/// Half of the sources are as the device is, so that sound is copied and made by turns.
fn spec(bytes: &mut Bytes<'_>, like: Option<&StreamSpec>) -> StreamSpec {
    let kind = bytes.below(4);
    match (like, kind) {
        (Some(like), 0..=1) => *like,
        (Some(like), 2) => StreamSpec {
            format: bytes.pick(SampleFormat::ALL),
            ..*like
        },
        _ => StreamSpec {
            format: bytes.pick(SampleFormat::ALL),
            rate_hz: bytes.pick(&RATES),
            layout: layout(bytes.pick(&CHANNELS)),
        },
    }
}

fn layout(channels: usize) -> ChannelLayout {
    ChannelLayout::from_count(channels).expect("there is a layout of so many channels")
}

fn signal(bytes: &mut Bytes<'_>) -> Signal {
    match bytes.below(4) {
        0 => Signal::Constant(bytes.byte()),
        1 => Signal::Odd,
        _ => Signal::Noise,
    }
}

fn some_frames(bytes: &mut Bytes<'_>) -> u32 {
    match bytes.below(4) {
        0 => 0,
        _ => bytes.below(300) as u32,
    }
}

fn ramp(bytes: &mut Bytes<'_>) -> Ramp {
    match bytes.below(8) {
        0 => Ramp::None,
        1 => Ramp::Milliseconds(f32::from(bytes.byte()) / 16.0),
        _ => Ramp::Frames(some_frames(bytes)),
    }
}

fn gain(bytes: &mut Bytes<'_>) -> Decibels {
    match bytes.below(8) {
        0..=4 => Decibels::UNITY,
        5 => Decibels(f32::NEG_INFINITY),
        _ => Decibels(f32::from(bytes.byte()) / -4.0),
    }
}

fn command(bytes: &mut Bytes<'_>) -> Command {
    match bytes.below(16) {
        0..=1 => Command::Interrupt(ramp(bytes)),
        2..=3 => Command::Cancel(UtteranceId(bytes.below(8) as u64), ramp(bytes)),
        4 => Command::Hold,
        5 => Command::Discard,
        6 => Command::Pause,
        7..=9 => Command::Resume,
        10..=12 => Command::Gain(gain(bytes), ramp(bytes)),
        13 => Command::Mute,
        _ => Command::Unmute,
    }
}
