//! A voice agent's playback: sentences come from a synthesizer in chunks, late and early; somebody speaks in between; the
//! agent knows how much of its sentence was heard, and says something else.
//!
//! ```text
//! cargo run --example voice_agent                        # on no device
//! cargo run --features cpal --example voice_agent card   # on the default device
//! ```
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use device_io::{Null, Player, PlayerEvent};
use rt_callback::{Buffering, Config, EventKind, Ramp};

const RATE_HZ: usize = 24_000;

fn main() -> Result<(), Box<dyn Error>> {
    let source = "24000x1:s16le".parse()?;
    let mut player = match std::env::args().nth(1) {
        Some(_) => Player::open(source)?,
        None => Player::on(Null).config(jitter).open(source)?,
    };
    let controller = player.controller().clone();

    // The user speaks 400 ms into the first sentence.
    let listening = thread::spawn(move || {
        thread::sleep(Duration::from_millis(400));
        controller.interrupt(Ramp::Milliseconds(20.0));
    });
    say(
        &mut player,
        "It was a dark and stormy night, and the rain",
        2.0,
    )?;
    listening.join().map_err(|_| "the listener panicked")?;
    // The next turn.
    say(&mut player, "Sorry, go ahead.", 0.5)?;
    player.finish()?;
    Ok(())
}

/// Chunks that come unevenly: the start of each sentence waits for as much as the gaps so far have needed.
fn jitter(config: &mut Config) {
    config.buffering = Buffering::Adaptive {
        min: Duration::from_millis(20),
        max: Duration::from_millis(300),
    };
}

/// Says a sentence to its end, or until it is interrupted.
fn say(player: &mut Player, text: &str, seconds: f64) -> Result<(), Box<dyn Error>> {
    println!("agent: {text}");
    player.begin_utterance()?;
    for chunk in synthesize(seconds) {
        match player.write(&chunk) {
            // Somebody else speaks: the rest is not wanted.
            Err(error) if error.is_interrupted() => break,
            written => written?,
        }
    }
    player.drain()?;
    for event in player.events() {
        let PlayerEvent::Stream(event) = event else {
            println!("       {event:?}");
            continue;
        };
        match event.kind {
            EventKind::Interrupted { .. } => {
                println!("user:  (speaks; {:?} of it was heard)", event.heard_time());
            }
            EventKind::Finished { .. } => println!("       (heard: {:?})", event.heard_time()),
            _ => {}
        }
    }
    Ok(())
}

/// A synthesizer: 50 ms of sound at a time, from a thread of its own, sometimes late.
fn synthesize(seconds: f64) -> Receiver<Vec<i16>> {
    let (sender, chunks) = channel();
    thread::spawn(move || {
        let chunk = RATE_HZ / 20;
        for number in 0..(seconds * 20.0) as usize {
            let late_ms = [0, 10, 60, 5][number % 4];
            thread::sleep(Duration::from_millis(late_ms));
            let sample = |at: usize| ((number * chunk + at) as f32 * 0.05).sin() * 6_000.0;
            // Nobody listens any more after an interruption.
            if sender
                .send((0..chunk).map(|at| sample(at) as i16).collect())
                .is_err()
            {
                return;
            }
        }
    });
    chunks
}
