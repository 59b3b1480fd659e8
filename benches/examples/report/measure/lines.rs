//! What a block costs over its size, its channels and its rate, and what a stream costs among others.

use std::error::Error;
use std::time::Duration;

use benches::clock::hot;
use benches::kernels::floor;
use benches::paths::{FRAMES, PATHS, Stream};
use benches::rows::Line;
use rt_callback::{Config, Resample, ResampleTables};

const QUALITIES: [Resample; 3] = [Resample::Linear, Resample::Balanced, Resample::High];

/// All lines.
pub(crate) fn measure(is_full: bool) -> Result<Vec<Line>, Box<dyn Error>> {
    let budget = Duration::from_millis(if is_full { 500 } else { 60 });
    let mut lines = Vec::new();
    blocks(budget, &mut lines)?;
    channels(budget, &mut lines)?;
    rates(budget, &mut lines)?;
    streams(is_full, budget, &mut lines)?;
    Ok(lines)
}

/// A push and a block, in nanoseconds.
fn cost(budget: Duration, stream: &mut Stream) -> f64 {
    hot(budget, || stream.push_and_render()).min_ns
}

fn line(picture: &str, name: impl Into<String>, points: Vec<(f64, f64)>) -> Line {
    Line {
        picture: picture.to_owned(),
        name: name.into(),
        points,
    }
}

/// Nanoseconds a frame over the frames of a block.
fn blocks(budget: Duration, lines: &mut Vec<Line>) -> Result<(), Box<dyn Error>> {
    const BLOCKS: [usize; 10] = [16, 32, 64, 128, 256, 480, 512, 1_024, 2_048, 4_096];
    for path in PATHS {
        for resample in path.qualities {
            let mut points = Vec::new();
            for frames in BLOCKS {
                let mut stream = Stream::open(path.source, path.device, *resample, frames)?;
                let ns = cost(budget, &mut stream);
                points.push((frames as f64, ns / frames as f64));
            }
            let (from, to) = (path.source, path.device);
            let name = match path.qualities {
                [_] => format!("{from} to {to}"),
                _ => format!("{from} to {to}, {resample:?}"),
            };
            lines.push(line("blocks", name, points));
        }
    }
    let memcpy = BLOCKS.map(|frames| {
        let ns = hot(budget, floor(8 * frames)).min_ns;
        (frames as f64, ns / frames as f64)
    });
    lines.push(line(
        "blocks",
        "memcpy of a stereo f32 block",
        memcpy.into(),
    ));
    Ok(())
}

/// Nanoseconds a block of 480 frames over its channels.
fn channels(budget: Duration, lines: &mut Vec<Line>) -> Result<(), Box<dyn Error>> {
    const CHANNELS: [usize; 6] = [1, 2, 3, 4, 6, 8];
    let mut over = |name: String, rate: u32, resample| -> Result<(), Box<dyn Error>> {
        let mut points = Vec::new();
        for channels in CHANNELS {
            let source = format!("{rate}x{channels}:s16le");
            let device = format!("48000x{channels}:f32le");
            let mut stream = Stream::open(&source, &device, resample, FRAMES)?;
            points.push((channels as f64, cost(budget, &mut stream)));
        }
        lines.push(line("channels", name, points));
        Ok(())
    };
    over(
        "s16 to f32 at one rate".to_owned(),
        48_000,
        Resample::Linear,
    )?;
    for quality in QUALITIES {
        over(format!("24 to 48 kHz, {quality:?}"), 24_000, quality)?;
    }
    for quality in QUALITIES {
        over(format!("44.1 to 48 kHz, {quality:?}"), 44_100, quality)?;
    }
    Ok(())
}

/// Nanoseconds a block of 480 frames over the source's rate in kHz.
fn rates(budget: Duration, lines: &mut Vec<Line>) -> Result<(), Box<dyn Error>> {
    const RATES: [u32; 10] = [
        8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 88_200, 96_000, 192_000,
    ];
    for quality in QUALITIES {
        let mut points = Vec::new();
        for rate in RATES {
            let source = format!("{rate}x1:s16le");
            let mut stream = Stream::open(&source, "48000x1:f32le", quality, FRAMES)?;
            points.push((f64::from(rate) / 1_000.0, cost(budget, &mut stream)));
        }
        lines.push(line("rates", format!("{quality:?}"), points));
    }
    Ok(())
}

/// Nanoseconds for 10 ms of one stream's sound, over the number of streams that are visited in turn.
fn streams(is_full: bool, budget: Duration, lines: &mut Vec<Line>) -> Result<(), Box<dyn Error>> {
    let most = if is_full { 3_000 } else { 1_000 };
    let mut config = Config::new("24000x1:s16le".parse()?, "48000x2:f32le".parse()?);
    let mut tables = ResampleTables::default();
    tables.prepare(24_000, 48_000, Resample::Balanced)?;
    config.tables = tables;
    config.resample = Resample::Balanced;
    for (name, frames, blocks) in [
        ("a visit each 1 ms: a block of 48", 48, 1),
        ("a visit each 10 ms: a block of 480", 480, 1),
        ("a visit each 100 ms: ten blocks of 480", 480, 10),
    ] {
        let mut points = Vec::new();
        for count in [1, 3, 10, 30, 100, 300, most] {
            let streams = (0..count).map(|_| Stream::with(&config, frames));
            let mut streams = streams.collect::<Result<Vec<_>, _>>()?;
            let ns = hot(budget, || {
                for stream in &mut streams {
                    (0..blocks).for_each(|_| stream.push());
                    (0..blocks).for_each(|_| stream.render());
                }
            });
            let tens = (frames * blocks) as f64 / 480.0;
            points.push((f64::from(count), ns.min_ns / f64::from(count) / tens));
        }
        lines.push(line("streams", name, points));
    }
    Ok(())
}
