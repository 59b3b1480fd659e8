//! A call that would hear itself: the microphone's echo of the loudspeaker is cancelled, by what was heard while it was
//! captured.
//!
//! Two devices whose clocks are 400 ppm apart, callbacks in odd blocks that come late, a room with reflections, a
//! loudspeaker and a microphone that are unplugged on the way and come back at another rate: all of it is made up, so no
//! sound card is needed. `cargo run --release -p rt-callback --example echo_cancel`
#![allow(clippy::print_stdout)]

mod canceller;
mod room;
mod speech;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let (mut room, mut call) = canceller::call()?;
    call.run(&mut room, 8.0)?;
    let usual_db = tell("after 8 s of a call", &call);
    room.lose_loudspeaker(1.3, "44100x2:f32le".parse()?);
    call.run(&mut room, 15.0)?;
    tell("loudspeaker gone for 1.3 s, and back at 44.1 kHz", &call);
    room.lose_microphone(0.7, "16000x1:f32le".parse()?);
    call.run(&mut room, 22.0)?;
    tell("microphone gone for 0.7 s, and back at 16 kHz", &call);
    room.lose_loudspeaker(0.2, "16000x1:f32le".parse()?);
    call.run(&mut room, 29.0)?;
    tell("loudspeaker gone for 0.2 s, and back at 16 kHz", &call);

    let (mut room, mut call) = canceller::call()?;
    call.late_frames = 80;
    call.run(&mut room, 8.0)?;
    let late_db = tell("with a reference that is 5 ms late", &call);
    if usual_db < 20.0 || late_db > usual_db - 10.0 {
        return Err("the echo is not cancelled as it should be".into());
    }
    Ok(())
}

/// Prints how much quieter the echo has been for 3 s, and returns it in dB.
fn tell(what: &str, call: &canceller::Call) -> f64 {
    let erle_db = call.erle_db(3.0);
    println!("{what:<50} ERLE {erle_db:5.1} dB");
    erle_db
}
