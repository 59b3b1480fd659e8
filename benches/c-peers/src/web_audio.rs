//! web-audio-api, the Web Audio of browsers in Rust. It is here since what it depends on is too much for the workspace.
//!
//! It renders graphs, a second of sound at a time here: a source of a buffer, and the destination, which mixes. What
//! that costs is counted for a block.

use std::hint::black_box;

use rt_callback::StreamSpec;
use web_audio_api::AudioBuffer;
use web_audio_api::context::{BaseAudioContext, OfflineAudioContext};
use web_audio_api::node::{AudioNode, AudioScheduledSourceNode};

/// As the rows name it.
pub const NAME: &str = "web-audio-api";

/// Interleaved samples to the rate and channels of `to`.
pub fn convert(x: &[f32], from: &StreamSpec, to: &StreamSpec) -> Vec<f32> {
    let source = buffer(x, from);
    let frames = source.length() * to.rate_hz as usize / from.rate_hz as usize;
    let rendered = render(&source, to, frames);
    let planes: Vec<_> = (0..to.channels())
        .map(|channel| rendered.get_channel_data(channel))
        .collect();
    (0..frames)
        .flat_map(|frame| planes.iter().map(move |plane| plane[frame]))
        .collect()
}

/// A call that makes a second of `to`, of floats.
pub fn second(from: &StreamSpec, to: &StreamSpec) -> impl FnMut() + use<> {
    let bytes = benches::paths::noise(from, from.rate_hz as usize);
    let mut x = vec![0.0; from.rate_hz as usize * from.channels()];
    pcm_convert::bytes::decode(from.format, &bytes, &mut x);
    let (source, to) = (buffer(&x, from), *to);
    move || {
        black_box(render(black_box(&source), &to, to.rate_hz as usize));
    }
}

fn buffer(x: &[f32], spec: &StreamSpec) -> AudioBuffer {
    let channels = spec.channels();
    let plane = |channel| x.iter().skip(channel).step_by(channels).copied().collect();
    AudioBuffer::from((0..channels).map(plane).collect(), spec.rate_hz as f32)
}

fn render(source: &AudioBuffer, to: &StreamSpec, frames: usize) -> AudioBuffer {
    let mut context = OfflineAudioContext::new(to.channels(), frames, to.rate_hz as f32);
    let mut node = context.create_buffer_source();
    node.set_buffer(source.clone());
    node.connect(&context.destination());
    node.start();
    context.start_rendering_sync()
}
