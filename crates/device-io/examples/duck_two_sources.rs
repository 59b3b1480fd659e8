//! Music under speech: two streams in one, and the music's gain goes down while somebody speaks.
//!
//! ```text
//! cargo run --example duck_two_sources
//! ```
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Duration;

use device_io::{Backend, Null, OutputRequest};
use rt_callback::{Config, Decibels, Mixer, Ramp, stream_from};

fn main() -> Result<(), Box<dyn Error>> {
    let mut output = Null.open_output(&OutputRequest::new("48000x2:f32le".parse()?))?;
    let device = output.spec();
    let bus = "48000x2:f32le".parse()?;

    let mut mixer = Mixer::new(bus);
    let (mut music, music_control, _) = mixer.add(&Config::new("48000x2:f32le".parse()?, bus))?;
    let (mut speech, _, _) = mixer.add(&Config::new("24000x1:s16le".parse()?, bus))?;
    let mut config = Config::new(bus, device);
    config.meter = true;
    let (_, renderer, mut monitor) = stream_from(&config, Box::new(mixer))?;
    output.start(renderer)?;

    let level = |name: &str, monitor: &mut rt_callback::Monitor| {
        let peak = monitor
            .take_levels()
            .first()
            .map_or(0.0, |level| level.peak);
        println!("{name}: {:.1} dB", 20.0 * peak.log10());
    };
    music.push(&vec![0.25_f32; 2 * 24_000])?; // half a second
    std::thread::sleep(Duration::from_millis(150));
    level("music alone", &mut monitor);

    music_control.set_gain(Decibels(-12.0), Ramp::Milliseconds(50.0));
    std::thread::sleep(Duration::from_millis(100));
    let _ = monitor.take_levels();
    std::thread::sleep(Duration::from_millis(50));
    level("music, ducked", &mut monitor);

    speech.push_blocking(&[4_000_i16; 2_400], Duration::from_secs(1))?; // 100 ms
    speech.drain(Duration::from_secs(1))?;
    level("with speech", &mut monitor);
    music_control.set_gain(Decibels(0.0), Ramp::Milliseconds(200.0));
    music.drain(Duration::from_secs(2))?;
    drop(output.stop()?);
    Ok(())
}
