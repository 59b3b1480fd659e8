//! Speech from a task: `push_async` waits for room without a thread, and can be cancelled.
//!
//! ```text
//! cargo run --example tokio_feed
//! ```
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Duration;

use device_io::{Null, Player};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let player = Player::on(Null).open("24000x1:s16le".parse()?)?;
    // The parts: the feeder goes where the sound comes from. The output plays as long as it is kept.
    let (mut feeder, controller, monitor, _output) = player.into_parts();

    let feeding = tokio::spawn(async move {
        for number in 0..10 {
            let chunk = [number * 100_i16; 2_400]; // 100 ms
            feeder.push_async(&chunk).await?;
        }
        let drained = feeder.drain_async().await;
        Ok::<_, rt_callback::FeedError>(drained)
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    println!("{:?} heard so far", monitor.heard().time());
    controller.pause();
    tokio::time::sleep(Duration::from_millis(100)).await;
    controller.resume();
    println!("{:?}", feeding.await??);
    println!("{:?} heard", monitor.heard().time());
    Ok(())
}
