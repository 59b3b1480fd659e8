//! A source of your own in place of the queue: a generator that is asked for its frames in the callback, at its own rate.
//!
//! ```text
//! cargo run -p rt-callback --example custom_source
//! ```
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::f32::consts::TAU;

use rt_callback::{Config, Decibels, FrameSource, Ramp, stream_from};

/// Three seconds of a tone that glides from 200 Hz upwards.
struct Glide {
    phase: f32,
    frame: usize,
}

const RATE_HZ: usize = 22_050;
const FRAMES: usize = 3 * RATE_HZ;

impl FrameSource for Glide {
    // In the callback: nothing here may allocate, lock or wait.
    fn fill(&mut self, block: &mut [f32]) -> usize {
        let frames = block.len().min(FRAMES - self.frame);
        for sample in block.iter_mut().take(frames) {
            let frequency_hz = 200.0 + 600.0 * self.frame as f32 / FRAMES as f32;
            self.phase = (self.phase + frequency_hz / RATE_HZ as f32).fract();
            *sample = 0.25 * (TAU * self.phase).sin();
            self.frame += 1;
        }
        frames
    }

    fn is_ended(&self) -> bool {
        self.frame == FRAMES
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let config = Config::new("22050x1:f32le".parse()?, "48000x2:s16le".parse()?);
    let glide = Glide {
        phase: 0.0,
        frame: 0,
    };
    let (controller, mut renderer, monitor) = stream_from(&config, Box::new(glide))?;
    controller.set_gain(Decibels(-6.0), Ramp::Milliseconds(100.0));

    // The callback, of a device that wants blocks of 480 frames.
    let mut block = [0_i16; 2 * 480];
    let (mut blocks, mut peak) = (0, 0);
    while !renderer.is_at_end() {
        renderer.render(&mut block);
        peak = block
            .iter()
            .fold(peak, |peak, sample| peak.max(sample.abs()));
        blocks += 1;
    }
    println!(
        "{blocks} blocks, peak {peak}, {} frames heard",
        monitor.snapshot().heard_frames
    );
    Ok(())
}
