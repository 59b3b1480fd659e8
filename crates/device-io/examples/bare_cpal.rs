//! The renderer in a callback of your own: no seam, no supervision, only cpal and the engine.
//!
//! ```text
//! cargo run --features cpal --example bare_cpal
//! ```
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Duration;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use rt_callback::{ChannelLayout, Config, SampleFormat, StreamSpec, stream};

fn main() -> Result<(), Box<dyn Error>> {
    let Some(device) = cpal::default_host().default_output_device() else {
        println!("there is no audio device");
        return Ok(());
    };
    let supported = match device.default_output_config() {
        Ok(supported) if supported.sample_format() == cpal::SampleFormat::F32 => supported,
        Ok(other) => {
            println!("this example renders f32, and the device takes {other:?}");
            return Ok(());
        }
        Err(error) => {
            println!("the default device cannot be opened: {error}");
            return Ok(());
        }
    };

    // What the device takes, in the engine's words.
    let layout = ChannelLayout::from_count(usize::from(supported.channels()))
        .ok_or("a device of so many channels")?;
    let takes = StreamSpec::new(SampleFormat::F32, supported.sample_rate(), layout);
    let source = "24000x1:s16le".parse()?;
    let (mut feeder, _controller, mut renderer, _monitor) = stream(&Config::new(source, takes))?;

    // The callback is one call. It fills the block, whatever its length.
    let playing = device.build_output_stream(
        supported.into(),
        move |block: &mut [f32], _: &cpal::OutputCallbackInfo| {
            renderer.render(block);
        },
        |error| println!("{error}"),
        None,
    )?;
    playing.play()?;

    let tone: Vec<i16> = (0..24_000)
        .map(|frame| ((frame as f32 * 0.1).sin() * 6_000.0) as i16)
        .collect();
    feeder.push_blocking(&tone, Duration::from_secs(10))?;
    println!("{:?}", feeder.drain(Duration::from_secs(10)));
    Ok(())
}
