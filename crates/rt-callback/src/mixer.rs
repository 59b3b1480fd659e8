//! The mixer: several streams in one, such as music under speech.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::app::controller::Controller;
use crate::app::feeder::Feeder;
use crate::app::monitor::Monitor;
use crate::audio::renderer::Renderer;
use crate::audio::source::FrameSource;
use crate::config::{Config, ConfigError};
use crate::link::queue::{Receiver, Sender, items};
use crate::link::sync::{AtomicBool, Ordering};
use crate::plan::piece;
use crate::spec::StreamSpec;

/// A [`FrameSource`] that adds up streams.
///
/// Each input is a full stream, with its own queue, source format and rate, utterances, gain, pause, interruption,
/// counters and events.
///
/// For ducking, ramp the gain of an input by its own [`Controller`]. The sum is not limited: an integer device clips
/// and counts what is beyond full scale.
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
///
/// [`Mixer::with_room`] makes a mixer whose inputs come and go while it plays.
#[derive(Debug)]
pub struct Mixer {
    spec: StreamSpec,
    /// Boxed, so that adding or removing an input moves a pointer.
    #[expect(clippy::vec_box)]
    inputs: Vec<Box<Renderer>>,
    /// Room for one piece of one input.
    piece: Box<[f32]>,
    inlet: Option<Inlet>,
    /// The latency of the next block, for inputs that are added.
    latency_frames: u64,
}

/// The most inputs that come and go.
const MAX_ROOM: usize = 65_536;

/// The mixer's side of its [`MixerInputs`].
#[derive(Debug)]
struct Inlet {
    added: Receiver<Box<Renderer>>,
    /// Has a place for every input, so that it is never full.
    removed: Sender<Box<Renderer>>,
    is_closed: Arc<AtomicBool>,
}

/// Adds inputs to a playing [`Mixer`], from another thread. [`Mixer::with_room`] makes both.
///
/// An input is removed when its [`Feeder`] has been dropped and it has been played to its end. Interrupt it to remove
/// it at once. Once this half is dropped, the mixer ends when its inputs have ended.
#[derive(Debug)]
pub struct MixerInputs {
    spec: StreamSpec,
    most: usize,
    /// How many inputs have been added and not come back.
    count: usize,
    added: Sender<Box<Renderer>>,
    removed: Receiver<Box<Renderer>>,
    is_closed: Arc<AtomicBool>,
}

impl Mixer {
    /// Makes a mixer without inputs, which gives silence. Allocates.
    ///
    /// `spec` has the rate and channels that the mixer gives. Use it as [`Config::source`] of the stream that plays the
    /// mixer. The format of `spec` is ignored: a mixer gives `f32`.
    #[must_use]
    pub fn new(spec: StreamSpec) -> Self {
        Self {
            spec,
            inputs: Vec::new(),
            piece: piece(spec.channels()),
            inlet: None,
            latency_frames: 0,
        }
    }

    /// Makes a mixer with room for `most` inputs (65,536 at most), and the half that adds them, also while the mixer plays.
    ///
    /// Allocates the room here. [`MixerInputs::add`] allocates the input on the caller's thread, and frees inputs that
    /// have ended.
    ///
    /// ```
    /// use rt_callback::{Config, Mixer, stream_from};
    ///
    /// let bus = "48000x2:f32le".parse()?;
    /// let (mixer, mut inputs) = Mixer::with_room(bus, 8);
    /// let (_, mut renderer, _) = stream_from(&Config::new(bus, bus), Box::new(mixer))?;
    /// let mut block = [0.0_f32; 2 * 480];
    /// renderer.render(&mut block); // it plays
    ///
    /// let (mut feeder, _, _) = inputs.add(&Config::new("48000x1:s16le".parse()?, bus))?;
    /// feeder.push(&[8192_i16; 480])?;
    /// renderer.render(&mut block);
    /// assert_eq!(block, [0.25; 960]);
    /// drop(feeder); // once it has been heard, the input's place is free again
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_room(spec: StreamSpec, most: usize) -> (Self, MixerInputs) {
        let most = most.min(MAX_ROOM);
        let (added, receive_added) = items(most);
        let (send_removed, removed) = items(most);
        let is_closed = Arc::new(AtomicBool::new(false));
        let mut mixer = Self::new(spec);
        mixer.inputs.reserve_exact(most);
        mixer.inlet = Some(Inlet {
            added: receive_added,
            removed: send_removed,
            is_closed: Arc::clone(&is_closed),
        });
        let inputs = MixerInputs {
            spec,
            most,
            count: 0,
            added,
            removed,
            is_closed,
        };
        (mixer, inputs)
    }

    /// Adds an input before the mixer plays, and returns three halves of its stream. The renderer stays in the mixer.
    ///
    /// # Errors
    /// [`ConfigError::MixerDevice`] if [`Config::device`] does not have the mixer's rate and channels,
    /// [`ConfigError::MixerFull`] if the mixer was made by [`with_room`](Self::with_room) (use [`MixerInputs::add`]),
    /// and those of [`stream`](crate::stream).
    pub fn add(&mut self, config: &Config) -> Result<(Feeder, Controller, Monitor), ConfigError> {
        let (feeder, controller, renderer, monitor) = input(config, &self.spec, crate::stream)?;
        self.put(renderer)?;
        Ok((feeder, controller, monitor))
    }

    /// Adds an input that plays `source`, for example another mixer, as [`stream_from`](crate::stream_from) does.
    ///
    /// # Errors
    /// Those of [`add`](Self::add).
    pub fn add_source(
        &mut self,
        config: &Config,
        source: Box<dyn FrameSource>,
    ) -> Result<(Controller, Monitor), ConfigError> {
        let made = input(config, &self.spec, |config| {
            crate::stream_from(config, source)
        })?;
        let (controller, renderer, monitor) = made;
        self.put(renderer)?;
        Ok((controller, monitor))
    }

    fn put(&mut self, renderer: Renderer) -> Result<(), ConfigError> {
        if self.inlet.is_some() {
            return Err(ConfigError::MixerFull);
        }
        self.inputs.push(Box::new(renderer));
        Ok(())
    }

    /// Takes the inputs that were added, and gives back those that have ended.
    fn exchange(&mut self) {
        let Some(inlet) = &mut self.inlet else { return };
        let has_room = |inputs: &Vec<Box<Renderer>>| inputs.len() < inputs.capacity();
        while has_room(&self.inputs)
            && let Some(mut input) = inlet.added.pop()
        {
            input.set_device_latency(self.latency_frames);
            // Checked again, so that the compiler sees that the vector does not grow here.
            if has_room(&self.inputs) {
                self.inputs.push(input);
            }
        }
        let mut at = 0;
        while let Some(input) = self.inputs.get(at) {
            if !input.is_at_end() {
                at += 1;
            } else if inlet.removed.free() > 0 && at < self.inputs.len() {
                // There is room. A refused input would be leaked, because this thread must not free.
                let refused = inlet.removed.push(self.inputs.swap_remove(at));
                refused.unwrap_or_else(core::mem::forget);
            } else {
                break;
            }
        }
    }
}

/// Makes an input for a mixer with the rate and channels of `spec`.
fn input<T>(
    config: &Config,
    spec: &StreamSpec,
    make: impl FnOnce(&Config) -> Result<T, ConfigError>,
) -> Result<T, ConfigError> {
    if (config.device.rate_hz, config.device.layout) != (spec.rate_hz, spec.layout) {
        return Err(ConfigError::MixerDevice);
    }
    make(config)
}

impl MixerInputs {
    /// Adds an input, and returns three halves of its stream. It sounds from the mixer's next block on.
    ///
    /// # Errors
    /// [`ConfigError::MixerFull`] if the mixer has no room for another input, [`ConfigError::MixerDevice`] as for
    /// [`Mixer::add`], and those of [`stream`](crate::stream).
    pub fn add(&mut self, config: &Config) -> Result<(Feeder, Controller, Monitor), ConfigError> {
        self.check_room()?;
        let (feeder, controller, renderer, monitor) = input(config, &self.spec, crate::stream)?;
        self.put(renderer)?;
        Ok((feeder, controller, monitor))
    }

    /// Adds an input that plays `source`, as [`Mixer::add_source`] does. It sounds from the mixer's next block on.
    ///
    /// # Errors
    /// Those of [`add`](Self::add).
    pub fn add_source(
        &mut self,
        config: &Config,
        source: Box<dyn FrameSource>,
    ) -> Result<(Controller, Monitor), ConfigError> {
        self.check_room()?;
        let made = input(config, &self.spec, |config| {
            crate::stream_from(config, source)
        })?;
        let (controller, renderer, monitor) = made;
        self.put(renderer)?;
        Ok((controller, monitor))
    }

    fn check_room(&mut self) -> Result<(), ConfigError> {
        self.collect();
        if self.count >= self.most {
            return Err(ConfigError::MixerFull);
        }
        Ok(())
    }

    fn put(&mut self, renderer: Renderer) -> Result<(), ConfigError> {
        let added = self.added.push(Box::new(renderer));
        added.map_err(|_| ConfigError::MixerFull)?;
        self.count += 1;
        Ok(())
    }

    /// How many inputs have been added and have not ended.
    pub fn count(&mut self) -> usize {
        self.collect();
        self.count
    }

    /// Frees the inputs that have ended.
    fn collect(&mut self) {
        while self.removed.pop().is_some() {
            self.count -= 1;
        }
    }
}

impl Drop for MixerInputs {
    fn drop(&mut self) {
        self.is_closed.store(true, Ordering::Release);
    }
}

impl FrameSource for Mixer {
    fn fill(&mut self, block: &mut [f32]) -> usize {
        self.exchange();
        let frames = block.len() / self.spec.channel_count();
        let Some((first, others)) = self.inputs.split_first_mut() else {
            block.fill(0.0);
            return frames;
        };
        first.render(block);
        for input in others {
            for part in block.chunks_mut(self.piece.len().max(1)) {
                let piece = self.piece.get_mut(..part.len()).unwrap_or_default();
                input.render(piece);
                for (sum, sample) in part.iter_mut().zip(piece) {
                    *sum += *sample;
                }
            }
        }
        frames
    }

    /// Whether every input has ended, and none can be added any more. A mixer without room and without inputs never
    /// ends.
    fn is_ended(&self) -> bool {
        let is_silent = self.inputs.iter().all(|input| input.is_at_end());
        match &self.inlet {
            Some(inlet) => {
                inlet.is_closed.load(Ordering::Acquire) && inlet.added.peek().is_none() && is_silent
            }
            None => !self.inputs.is_empty() && is_silent,
        }
    }

    fn set_device_latency(&mut self, frames: u64) {
        self.latency_frames = frames;
        for input in &mut self.inputs {
            input.set_device_latency(frames);
        }
    }

    fn pass(&mut self, frames: usize) {
        for input in &mut self.inputs {
            input.pass(frames);
        }
    }
}
