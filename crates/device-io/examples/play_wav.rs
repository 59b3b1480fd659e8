//! Plays a WAV file to its end, with what has been heard so far.
//!
//! ```text
//! cargo run --example play_wav                                   # a tone that it makes, on no device
//! cargo run --example play_wav -- FILE.wav                       # a file, on no device
//! cargo run --features cpal --example play_wav -- FILE.wav card  # a file, on the default device
//! ```
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use device_io::wav::{WavReader, WavWriter};
use device_io::{Null, Player};
use rt_callback::StreamSpec;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = match std::env::args().nth(1) {
        Some(path) => path.into(),
        None => tone(folder.path())?,
    };
    let mut file = WavReader::new(BufReader::new(File::open(&path)?))?;
    let source = file.header().spec;
    let mut player = match std::env::args().nth(2) {
        Some(_) => Player::open(source)?,
        None => Player::on(Null).open(source)?,
    };
    println!("{}: {source} -> {}", path.display(), player.spec());

    let mut bytes = vec![0; 64 * 1024];
    loop {
        let count = file.read(&mut bytes)?;
        if count == 0 {
            break;
        }
        player.write_bytes(bytes.get(..count).unwrap_or_default())?; // waits while the queue is full
        println!("{:.1} s heard", player.position().time().as_secs_f64());
        for event in player.events() {
            println!("{event:?}");
        }
    }
    println!("{:?}", player.finish()?);
    Ok(())
}

/// Half a second of 440 Hz.
fn tone(folder: &Path) -> Result<std::path::PathBuf, Box<dyn Error>> {
    let path = folder.join("tone.wav");
    let spec: StreamSpec = "48000x1:s16le".parse()?;
    let mut writer = WavWriter::create(&path, &spec)?;
    for frame in 0..24_000 {
        let phase = frame as f32 * 440.0 / 48_000.0 * std::f32::consts::TAU;
        writer.write(&((phase.sin() * 8_000.0) as i16).to_le_bytes())?;
    }
    writer.finish()?;
    Ok(path)
}
