//! The front door: a device, its supervision and a stream in one value.
//!
//! Nothing here can do more than the parts can: [`Player`] is a [`Supervised`](crate::Supervised) output and the four
//! halves of [`rt_callback::stream()`], [`Microphone`] the same of a capture, [`Call`] both with
//! [`rt_callback::duplex()`] between them.

mod builder;
mod call;
mod clock;
mod error;
mod microphone;
mod platform;
mod player;

use rt_callback::{Drained, Sample, StreamSpec};

pub use call::{Call, CallBuilder, CallEvent};
pub use clock::now_ns;
pub use error::Error;
pub use microphone::{Microphone, MicrophoneBuilder, MicrophoneEvent};
pub use player::{Player, PlayerBuilder, PlayerEvent};

/// Plays samples on the default device, and returns when the last frame has been heard.
///
/// `samples` are interleaved, at the rate and of the channels of `source`; a last part of a frame is
/// [refused](Error::PartialFrame).
///
/// ```no_run
/// let beep: Vec<i16> = (0..24_000).map(|i| ((i % 50) * 400 - 10_000) as i16).collect();
/// device_io::play(&beep, "24000x1:s16le".parse()?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error`], as [`Player::open`] and [`Player::finish`].
pub fn play<S: Sample>(samples: &[S], source: StreamSpec) -> Result<Drained, Error> {
    let mut player = Player::open(source)?;
    player.write(samples)?;
    player.finish()
}

/// Records `frames` frames from the default device, at the rate and of the channels of `application`, and returns them
/// interleaved.
///
/// ```no_run
/// let five_seconds: Vec<i16> = device_io::record(5 * 16_000, "16000x1:s16le".parse()?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error`], as [`Microphone::open`] and [`Microphone::read`].
pub fn record<S: Sample>(frames: usize, application: StreamSpec) -> Result<Vec<S>, Error> {
    let mut microphone = Microphone::open(application)?;
    let mut samples = vec![S::EQUILIBRIUM; frames * application.channels()];
    let read = microphone.read(&mut samples)?;
    samples.truncate(read * application.channels());
    microphone.stop()?;
    Ok(samples)
}
