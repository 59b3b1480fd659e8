//! Streams that are fed and rendered as an application and a device do it.

use std::hint::black_box;
use std::time::Instant;

use pcm_convert::{Rounding, bytes};
use rt_callback::{Feeder, RenderStatus, Renderer, StreamSpec, stream};

use super::row::{BLOCKS_AHEAD, Row};
use crate::console::Failure;

/// After so many frames, noise may begin again.
const NOISE_FRAMES: usize = 4_096;

/// What is in one callback.
pub(super) struct Streams {
    streams: Vec<Stream>,
    source: StreamSpec,
    block_frames: usize,
    /// What is pushed: as much as a stream may ask for at a time.
    sound: Vec<u8>,
}

struct Stream {
    feeder: Feeder,
    renderer: Renderer,
    block: Vec<u8>,
    /// Bytes that it is to be fed.
    missing_bytes: usize,
}

impl Streams {
    pub(super) fn new(row: &Row) -> Result<Self, Failure> {
        let source = row.config.source;
        let make = |_| {
            let (feeder, _, renderer, _) = stream(&row.config).map_err(Failure::usage)?;
            Ok(Stream {
                feeder,
                renderer,
                block: vec![0; row.block_bytes()],
                missing_bytes: 0,
            })
        };
        Ok(Self {
            streams: (0..row.streams).map(make).collect::<Result<_, _>>()?,
            source,
            block_frames: row.block_frames,
            sound: sound(source, row.most_frames()),
        })
    }

    /// What the application does before a callback: it fills the queues. Returns when it began, and when it was done.
    pub(super) fn push(&mut self) -> Result<(Instant, Instant), Failure> {
        for stream in &mut self.streams {
            let frames = BLOCKS_AHEAD * self.block_frames;
            let frames = stream.renderer.missing_source_frames(frames);
            stream.missing_bytes = frames * self.source.frame_bytes();
        }
        let begin = Instant::now();
        for stream in &mut self.streams {
            let sound = self.sound.get(..stream.missing_bytes);
            let sound = sound.unwrap_or(&self.sound);
            stream
                .feeder
                .push_bytes(black_box(sound))
                .map_err(Failure::failed)?;
        }
        Ok((begin, Instant::now()))
    }

    /// The callback. Returns when it was done.
    pub(super) fn render(&mut self) -> Result<Instant, Failure> {
        let mut worst = RenderStatus::Rendered;
        for stream in &mut self.streams {
            let status = stream.renderer.render_bytes(black_box(&mut stream.block));
            if status != RenderStatus::Rendered {
                worst = status;
            }
        }
        let end = Instant::now();
        if worst == RenderStatus::Rendered {
            Ok(end)
        } else {
            // Something else would have been measured.
            Err(Failure::failed(format!(
                "a block of {} frames of {} was not rendered, but {worst:?}",
                self.block_frames, self.source
            )))
        }
    }
}

/// Noise at -12 dBFS: what it costs does not depend on it, as long as it is not silence.
fn sound(spec: StreamSpec, frames: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state as f32 / u32::MAX as f32 - 0.5) * 0.5
    };
    let samples: Vec<f32> = (0..NOISE_FRAMES * spec.channels())
        .map(|_| noise())
        .collect();
    let mut period = vec![0; NOISE_FRAMES * spec.frame_bytes()];
    bytes::encode(spec.format, Rounding::default(), &samples, &mut period);
    let bytes = frames * spec.frame_bytes();
    period.into_iter().cycle().take(bytes).collect()
}
