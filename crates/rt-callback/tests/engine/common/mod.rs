//! What the engine's tests share.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used)]

pub mod allocator;

use rt_callback::{
    Config, Event, EventKind, Feeder, MixRules, Monitor, RenderStatus, Renderer, Resample,
    SampleFormat, StreamSpec,
};

/// The tests push and render samples as they lie in memory: what they call little-endian is in the machine's own order.
/// (24 bits in 3 bytes have one order on every machine.)
pub fn spec(text: &str) -> StreamSpec {
    let mut spec: StreamSpec = text.parse().unwrap();
    spec.format = match spec.format {
        SampleFormat::U16Le => SampleFormat::U16,
        SampleFormat::S16Le => SampleFormat::S16,
        SampleFormat::S24In32Le => SampleFormat::S24_IN_32,
        SampleFormat::U32Le => SampleFormat::U32,
        SampleFormat::S32Le => SampleFormat::S32,
        SampleFormat::S64Le => SampleFormat::S64,
        SampleFormat::F32Le => SampleFormat::F32,
        SampleFormat::F64Le => SampleFormat::F64,
        other => other,
    };
    spec
}

/// The original's ways: linear, and its own mixing rules.
pub fn config(source: &str, device: &str) -> Config {
    let mut config = Config::new(spec(source), spec(device));
    config.resample = Resample::Linear;
    config.mix = MixRules::Original.into();
    config
}

/// A stretch of speech-like samples: never constant, both signs.
pub fn samples(count: usize) -> Vec<i16> {
    let mut state = 0x2545_f491_u32;
    (0..count)
        .map(|i| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 20) as f64 / 4096.0 - 0.5;
            let tone = (i as f64 * 0.031).sin();
            (tone * 11_000.0 + noise * 6_000.0) as i16
        })
        .collect()
}

pub fn events(monitor: &mut Monitor) -> Vec<Event> {
    let mut events = Vec::new();
    monitor.poll(|event| events.push(event));
    events
}

/// What happened, and at which device frame.
pub fn told(monitor: &mut Monitor) -> Vec<(u64, EventKind)> {
    let told = events(monitor).into_iter();
    told.map(|event| (event.at_frame, event.kind)).collect()
}

/// Renders `frames` frames in blocks of these sizes, in turn; every block starts out poisoned.
pub fn render_blocks(renderer: &mut Renderer, frames: usize, sizes: &[usize]) -> Vec<f32> {
    let channels = renderer.device().channels();
    let mut out = Vec::new();
    for size in sizes.iter().cycle() {
        let left = frames - out.len() / channels;
        if left == 0 {
            return out;
        }
        let mut block = vec![f32::NAN; left.min(*size) * channels];
        renderer.render(&mut block);
        assert!(block.iter().all(|sample| sample.is_finite()));
        out.extend_from_slice(&block);
    }
    out
}

/// Pushes everything, ends, and renders until nothing is left.
pub fn render_all(
    feeder: &mut Feeder,
    renderer: &mut Renderer,
    data: &[i16],
    push_frames: usize,
    block_frames: usize,
) -> Vec<f32> {
    let channels = renderer.device().channels();
    let mut chunks = data.chunks(push_frames * feeder.source().channels());
    let mut out = Vec::new();
    let mut done = false;
    loop {
        while !done && renderer.missing_source_frames(block_frames) > 0 {
            match chunks.next() {
                Some(chunk) => {
                    let frames = feeder.push(chunk).unwrap();
                    assert_eq!(frames * feeder.source().channels(), chunk.len());
                }
                None => {
                    feeder.end_utterance().unwrap();
                    done = true;
                }
            }
        }
        let mut block = vec![f32::NAN; block_frames * channels];
        let status = renderer.render(&mut block);
        if status == RenderStatus::Idle {
            return out;
        }
        assert_eq!(status, RenderStatus::Rendered);
        out.extend_from_slice(&block);
    }
}
