//! A device is pulled out in the middle of a word, and the word goes on on the next one, of another rate and shape. The
//! devices are made up, so that it runs anywhere.
//!
//! ```text
//! cargo run --example device_switch
//! ```
#![allow(clippy::print_stdout)]

use device_io::{Error, Fault, FaultInjector, Faults, Null, Player};

fn main() -> Result<(), Error> {
    // A device that is gone after half a second.
    let device = FaultInjector::new(Null, Faults::new(1).at(12_000, Fault::Lose));
    let mut player = Player::on(device).open("24000x1:s16le".parse()?)?;
    player.write(&[1_000_i16; 24_000])?; // a second
    player.drain()?;
    for event in player.events() {
        println!("{event:?}");
    }
    let heard = player.position();
    println!("{} of 24000 frames were heard", heard.frames);
    Ok(())
}
