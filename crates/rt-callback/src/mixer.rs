//! Several streams in one: music under speech.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::config::{Config, ConfigError};
use crate::controller::Controller;
use crate::feeder::Feeder;
use crate::monitor::Monitor;
use crate::plan::piece;
use crate::renderer::Renderer;
use crate::source::FrameSource;
use crate::spec::StreamSpec;

/// A [`FrameSource`] that adds up streams, each with everything a stream has: its own queue, source
/// format and rate, utterances, gain, pause, interruption, counters and events.
///
/// Ducking is a gain of one of them, ramped, from its own [`Controller`]. The sum is not limited:
/// beyond full scale an integer device clips it (and counts).
///
/// ```
/// use rt_callback::{Config, Decibels, Mixer, Ramp, stream_from};
///
/// let bus = "48000x2:f32le".parse()?;
/// let mut mixer = Mixer::new(bus);
/// let (mut music, music_control, _) = mixer.add(&Config::new("48000x2:f32le".parse()?, bus))?;
/// let (mut speech, _, _) = mixer.add(&Config::new("24000x1:s16le".parse()?, bus))?;
/// let config = Config::new(bus, "48000x2:s16le".parse()?);
/// let (_, mut renderer, _) = stream_from(&config, Box::new(mixer))?;
///
/// music.push(&[0.25_f32; 2 * 480])?;
/// speech.push(&[8192_i16; 480])?;
/// music_control.set_gain(Decibels(-12.0), Ramp::Milliseconds(5.0));
/// let mut block = [0_i16; 2 * 480];
/// renderer.render(&mut block);
/// let music = 0.25 * Decibels(-12.0).to_gain();
/// assert!((f32::from(block[900]) / 32_768.0 - (0.25 + music)).abs() < 1e-3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Mixer {
    spec: StreamSpec,
    inputs: Vec<Renderer>,
    /// One piece of one input.
    piece: Box<[f32]>,
}

impl Mixer {
    /// A mixer without inputs, which gives silence. `spec` is what it gives: take it as
    /// [`Config::source`] of the stream that it goes into. (Its format is `f32`, whatever it says.)
    #[must_use]
    pub fn new(spec: StreamSpec) -> Self {
        Self {
            spec,
            inputs: Vec::new(),
            piece: piece(spec.channels()),
        }
    }

    /// Adds an input and hands out the halves of its stream; the fourth stays in the mixer.
    ///
    /// # Errors
    /// [`ConfigError::MixerDevice`] unless [`Config::device`] has the mixer's rate and channels, and
    /// whatever [`stream`](crate::stream) says.
    pub fn add(&mut self, config: &Config) -> Result<(Feeder, Controller, Monitor), ConfigError> {
        if (config.device.rate_hz, config.device.layout) != (self.spec.rate_hz, self.spec.layout) {
            return Err(ConfigError::MixerDevice);
        }
        let (feeder, controller, renderer, monitor) = crate::stream(config)?;
        self.inputs.push(renderer);
        Ok((feeder, controller, monitor))
    }
}

impl FrameSource for Mixer {
    fn fill(&mut self, block: &mut [f32]) -> usize {
        let Some((first, others)) = self.inputs.split_first_mut() else {
            block.fill(0.0);
            return block.len() / self.spec.channels();
        };
        first.render(block);
        for input in others {
            for part in block.chunks_mut(self.piece.len()) {
                let piece = self.piece.get_mut(..part.len()).unwrap_or_default();
                input.render(piece);
                for (sum, sample) in part.iter_mut().zip(piece) {
                    *sum += *sample;
                }
            }
        }
        block.len() / self.spec.channels()
    }

    /// Once every input is: a mixer without inputs never is.
    fn is_ended(&self) -> bool {
        !self.inputs.is_empty() && self.inputs.iter().all(Renderer::is_at_end)
    }

    fn set_device_latency(&mut self, frames: u64) {
        for input in &mut self.inputs {
            input.set_device_latency(frames);
        }
    }
}
