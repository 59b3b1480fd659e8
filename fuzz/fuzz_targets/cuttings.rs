//! Any two cuttings of a script are equal by bits; under libFuzzer.
#![no_main]

use outdata_fuzz::{Twin, check};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Err(words) = check(bytes, Twin::None) {
        panic!("{words}");
    }
});
