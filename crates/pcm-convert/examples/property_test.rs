//! A conversion of one's own, tried with this crate's strategies: full scale, ties, NaN and their neighbours come up by
//! themselves, and what fails is shrunk to the smallest value that does.
//!
//! ```text
//! cargo run -p pcm-convert --features proptest --example property_test
//! ```
#![allow(clippy::print_stdout)]

use pcm_convert::strategies::nasty_f32;
use pcm_convert::{Dither, Quantizer, Rounding};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Ties away from zero, as `f32::round` and most C code have it, and Rust's cast that saturates.
fn mine(sample: f32) -> i16 {
    (f64::from(sample) * 32_768.0).round() as i16
}

/// The same without a clip.
fn wrapping(sample: f32) -> i16 {
    (f64::from(sample) * 32_768.0).round() as i64 as i16
}

fn agrees(conversion: fn(f32) -> i16) -> Result<(), String> {
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let found = runner.run(&nasty_f32(), |sample| {
        let mut theirs = [0_i16];
        let mut quantizer = Quantizer::new(1, Rounding::HalfAwayFromZero, Dither::None, 0);
        quantizer.quantize(&[sample], &mut theirs);
        prop_assert_eq!(conversion(sample), theirs[0]);
        Ok(())
    });
    found.map_err(|error| error.to_string())
}

fn main() -> Result<(), String> {
    agrees(mine)?;
    println!("with a clip: the same for every sample");
    match agrees(wrapping) {
        Ok(()) => Err("a conversion that wraps was not found".to_owned()),
        Err(words) => {
            println!("without: {words}");
            Ok(())
        }
    }
}
