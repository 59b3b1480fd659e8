//! A resampler in a static arena, without an allocator: what a microcontroller does between its decoder and its codec.
//!
//! ```text
//! cargo run -p rate-convert --example no_std_static
//! cargo build -p rate-convert --example no_std_static --no-default-features --target thumbv7em-none-eabihf
//! ```
#![cfg_attr(target_os = "none", no_std, no_main)]

use rate_convert::{Quality, RateError, Sinc};

const FROM_HZ: u32 = 16_000;
const TO_HZ: u32 = 48_000;
/// What the filter, its history and its coefficients take.
const WORDS: usize = match Sinc::storage_len(FROM_HZ, TO_HZ, 1, Quality::Balanced) {
    Ok(words) => words,
    Err(_) => 0,
};

fn convert(arena: &mut [f32; WORDS]) -> Result<usize, RateError> {
    let mut resampler = Sinc::new(FROM_HZ, TO_HZ, 1, Quality::Balanced, arena)?;
    let mut block = [0.0_f32; 480];
    let speech = [0.25_f32; 160]; // 10 ms
    let mut frames = 0;
    for _ in 0..10 {
        frames += resampler.process(&speech, &mut block).frames_written;
    }
    frames += resampler.flush(&mut block).frames_written;
    Ok(frames)
}

#[cfg(not(target_os = "none"))]
#[expect(clippy::print_stdout)]
fn main() -> Result<(), RateError> {
    let mut arena = [0.0; WORDS];
    println!("{} frames, in {} bytes", convert(&mut arena)?, 4 * WORDS);
    Ok(())
}

#[cfg(target_os = "none")]
mod target {
    /// The board's run-time crate calls it with memory of its own.
    #[expect(unsafe_code)] // its name is nobody else's
    #[unsafe(no_mangle)]
    extern "C" fn start(arena: &mut [f32; super::WORDS]) -> usize {
        super::convert(arena).unwrap_or(0)
    }

    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
        loop {}
    }
}
