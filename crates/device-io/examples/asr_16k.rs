//! A microphone as a speech recognizer wants it: 16 kHz mono, frames of 30 ms for the detector of speech, and each
//! utterance whole, with the 300 ms before the detector noticed it.
//!
//! ```text
//! cargo run --example asr_16k                                        # a made-up microphone: four words
//! cargo run --example asr_16k -- speech.wav                          # a file, in real time
//! cargo run --features device-io/cpal --example asr_16k -- microphone  # the default device, until it is stopped
//! ```
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::f32::consts::TAU;
use std::path::Path;
use std::time::Duration;

use device_io::wav::WavWriter;
use device_io::{
    Backend, DeviceEvent, Input, InputRequest, Policy, SupervisedInput, Supervision, WavFile,
};
use rt_callback::{CaptureConfig, Gaps, Reader, StreamSpec, capture};

const RATE_HZ: usize = 16_000;
/// What the detector looks at.
const FRAME: usize = 30 * RATE_HZ / 1_000;
/// What an utterance is given in front.
const PRE_ROLL: usize = 300 * RATE_HZ / 1_000;
/// So many frames without speech end it.
const HANGOVER: usize = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (backend, policy) = microphone(std::env::args().nth(1), folder.path())?;

    // Whatever the device is, and whatever becomes of it.
    let request = InputRequest::new("48000x1:f32le".parse()?);
    let mut input = SupervisedInput::open_boxed(backend, request, Supervision::new(policy))?;

    // What is old is of no use to a conversation.
    let mut config = CaptureConfig::new(input.spec(), "16000x1:s16le".parse()?);
    config.gaps = Gaps::LIVE;
    config.pre_roll_frames = PRE_ROLL;
    let (recorder, mut reader) = capture(&config)?;
    input.start(recorder)?;
    println!("{} -> {}", input.spec(), reader.application());

    let mut utterances = Utterances::default();
    let mut frame = [0_i16; FRAME];
    loop {
        if reader.read_exact_blocking(&mut frame, Duration::from_millis(100)) {
            utterances.take(&frame, &mut reader);
        }
        reader.poll(|gap| println!("{:?} are missing", gap.duration()));
        while let Some(event) = input.poll_event() {
            println!("{event:?}");
            if let DeviceEvent::Failed(_) = event {
                println!("{} utterances", utterances.count);
                return Ok(());
            }
        }
    }
}

/// Cuts utterances out of the frames.
#[derive(Default)]
struct Utterances {
    speech: Vec<i16>,
    /// Frames that are read again, and frames without speech since the last with it.
    again: usize,
    silent: usize,
    count: usize,
}

impl Utterances {
    fn take(&mut self, frame: &[i16], reader: &mut Reader) {
        let is_speech = is_speech(frame);
        if self.speech.is_empty() && self.again == 0 {
            if is_speech {
                // The beginning of the word lies before what was noticed.
                self.again = reader.rewind(PRE_ROLL) / FRAME;
                self.silent = 0;
            }
            return;
        }
        self.speech.extend_from_slice(frame);
        self.again = self.again.saturating_sub(1);
        self.silent = match is_speech || self.again > 0 {
            true => 0,
            false => self.silent + 1,
        };
        if self.silent == HANGOVER {
            self.count += 1;
            let seconds = |frames: usize| frames as f32 / RATE_HZ as f32;
            let end = reader.position() as f32 / reader.device().rate_hz as f32;
            let length = seconds(self.speech.len());
            // Here a recognizer would be given `self.speech`.
            println!("speech from {:.2} s to {end:.2} s", end - length);
            self.speech.clear();
        }
    }
}

/// Louder than -40 dBFS. A real detector knows more.
fn is_speech(frame: &[i16]) -> bool {
    let energy: f32 = frame.iter().map(|s| f32::from(*s) * f32::from(*s)).sum();
    (energy / frame.len() as f32).sqrt() > 327.0
}

fn microphone(
    asked: Option<String>,
    folder: &Path,
) -> Result<(Box<dyn Backend>, Policy), Box<dyn Error>> {
    match asked.as_deref() {
        #[cfg(feature = "cpal")]
        Some("microphone") => Ok((Box::<device_io::Cpal>::default(), Policy::Follow)),
        Some(path) => Ok((Box::new(WavFile::new(path)), Policy::Fail)),
        None => {
            let path = folder.join("words.wav");
            write_words(&path)?;
            Ok((Box::new(WavFile::new(path)), Policy::Fail))
        }
    }
}

/// Four words of a buzz that rises and falls, a second apart, in stereo at 44.1 kHz.
fn write_words(path: &Path) -> Result<(), Box<dyn Error>> {
    let spec: StreamSpec = "44100x2:s16le".parse()?;
    let mut words = Vec::new();
    for i in 0..5 * spec.rate_hz {
        let time = i as f32 / spec.rate_hz as f32;
        let in_word = (time - 0.3).rem_euclid(1.0);
        let swell = (TAU / 2.0 * in_word / 0.4).sin().max(0.0);
        let is_word = in_word < 0.4 && time < 4.0;
        let buzz = (TAU * 140.0 * time).sin().powi(9);
        let sample = if is_word {
            12_000.0 * swell * buzz
        } else {
            0.0
        };
        words.extend([(sample as i16).to_le_bytes(), (sample as i16).to_le_bytes()]);
    }
    let mut writer = WavWriter::create(path, &spec)?;
    writer.write(words.as_flattened())?;
    writer.finish()?;
    Ok(())
}
