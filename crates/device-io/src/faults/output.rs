//! The relay between a device and a renderer.

use rt_callback::{Config, FrameSource, Renderer, SampleFormat, StreamSpec, stream_from};

use super::hostile::Borrowed;
use super::script::{Hostility, Next};
use crate::error::DeviceError;

/// Makes a renderer for the device, with the faults behind it.
pub(super) fn relay(
    renderer: Borrowed<Renderer>,
    device: StreamSpec,
    hostility: Hostility,
) -> Result<Renderer, DeviceError> {
    let between = Between {
        renderer,
        device,
        hostility,
        ahead: Vec::new(),
        read: 0,
        latency_frames: 0,
    };
    let source = StreamSpec {
        format: SampleFormat::F32,
        ..device
    };
    let (_, relay, _) = stream_from(&Config::new(source, device), Box::new(between))
        .map_err(DeviceError::Rebind)?;
    Ok(relay)
}

/// Asks the renderer for blocks as a hostile device does, and gives the device the frames that it asks for.
struct Between {
    renderer: Borrowed<Renderer>,
    device: StreamSpec,
    hostility: Hostility,
    /// The rendered bytes. The device has been given those before `read`.
    ahead: Vec<u8>,
    read: usize,
    /// The latency of the device's present block.
    latency_frames: u64,
}

impl Between {
    /// Renders the next block, which begins `done` frames into the device's present block.
    fn render(&mut self, frames: usize, wrong_shapes: usize, done: usize) {
        let frame_bytes = self.device.frame_bytes();
        self.read = 0;
        let Some(renderer) = &mut self.renderer.lent else {
            self.ahead.clear();
            return;
        };
        renderer.set_device_latency(self.latency_frames.saturating_add(done as u64));
        // If a frame is one byte, there is no wrong shape.
        for _ in 0..if frame_bytes > 1 { wrong_shapes } else { 0 } {
            self.ahead.resize(frames * frame_bytes + 1, 0);
            renderer.render_bytes(&mut self.ahead);
        }
        self.ahead.resize(frames * frame_bytes, 0);
        renderer.render_bytes(&mut self.ahead);
        self.hostility.pass(frames);
    }
}

impl FrameSource for Between {
    fn fill(&mut self, block: &mut [f32]) -> usize {
        let channels = self.device.channels();
        let frame_bytes = self.device.frame_bytes();
        let frames = block.len() / channels;
        block.fill(0.0);
        let mut done = 0;
        while done < frames {
            let rendered = self.ahead.get(self.read..).unwrap_or_default();
            if rendered.is_empty() {
                match self.hostility.next() {
                    Next::Dead => return frames,
                    Next::Stalled(left) => {
                        let left = usize::try_from(left).unwrap_or(usize::MAX);
                        let silent = left.min(frames - done);
                        self.hostility.wait_out(silent);
                        done += silent;
                    }
                    Next::Block {
                        frames: own,
                        wrong_shapes,
                    } => self.render(own.unwrap_or(frames - done), wrong_shapes, done),
                }
                continue;
            }
            let count = (rendered.len() / frame_bytes).min(frames - done);
            let rendered = rendered.get(..count * frame_bytes).unwrap_or_default();
            let to = block.get_mut(done * channels..).unwrap_or_default();
            pcm_convert::bytes::decode(self.device.format, rendered, to);
            self.read += count * frame_bytes;
            done += count;
        }
        frames
    }

    fn set_device_latency(&mut self, frames: u64) {
        self.latency_frames = frames;
    }
}
