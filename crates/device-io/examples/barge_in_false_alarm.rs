//! Somebody coughs: the agent stops at once, hears that nobody speaks, and goes on where it was. Then somebody speaks.
//!
//! ```text
//! cargo run --example barge_in_false_alarm
//! ```
#![allow(clippy::print_stdout)]

use std::thread::sleep;
use std::time::Duration;

use device_io::{Error, Null, Player, PlayerEvent};
use rt_callback::EventKind;

fn main() -> Result<(), Error> {
    let mut player = Player::on(Null).open("24000x1:s16le".parse()?)?;
    let controller = player.controller().clone();
    player.begin_utterance()?;
    player.write(&[1_000_i16; 12_000])?; // half a second

    // A sound was heard: silence, and nothing is lost.
    sleep(Duration::from_millis(100));
    controller.hold();
    sleep(Duration::from_millis(100));
    let held = player.position();
    println!("held after {:?}", held.time());

    // It was a cough.
    controller.resume();
    sleep(Duration::from_millis(100));
    println!("resumed, and now at {:?}", player.position().time());

    // Another sound, and somebody speaks: the rest is dropped, and the receipt says what was heard.
    controller.hold();
    controller.discard();
    player.drain()?;
    for event in player.events() {
        if let PlayerEvent::Stream(event) = event
            && let EventKind::Interrupted { .. } = event.kind
        {
            println!("interrupted after {:?}", event.heard_time());
        }
    }
    Ok(())
}
