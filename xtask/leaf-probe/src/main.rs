//! Calls every public function of the leaves, and what reads text and headers, with arguments that a seed makes: buffers
//! that end where their allocation ends, at odd offsets, of any length, with samples of every kind.
//!
//! All backends are compared with the plain one in the process. What cannot be told its backend goes into a digest: a
//! build with `--cfg dsp_force_scalar` must print the same. Run it under a sanitizer to see what is read beyond an end.

mod exact;
mod mix;
mod parse;
mod pcm;
mod planted;
mod random;
mod rate;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::exact::Digest;
use crate::planted::Planted;
use crate::random::Random;

/// Least cases between two lines of output; many cases have some hundred lines.
const LINE: u64 = 1_000;

/// What a case goes with: chance, a digest of what came out, and a count of calls.
pub struct Case {
    pub random: Random,
    pub digest: Digest,
    pub calls: u64,
    pub planted: Planted,
}

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => {
            eprintln!("{words}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: impl Iterator<Item = String>) -> Result<(), String> {
    let (mut first, mut cases, mut seconds, mut planted) = (0, 1_000, u64::MAX, Planted::Nothing);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().unwrap_or_default();
        let number = || value.parse().map_err(|_| format!("{argument} {value}"));
        match argument.as_str() {
            "--first" => first = number()?,
            "--cases" => cases = number()?,
            "--seconds" => seconds = number()?,
            "--planted" => planted = Planted::named(&value).ok_or(value)?,
            _ => return Err(format!("unknown option {argument}")),
        }
    }
    let mut rates = rate::Tables::new();
    let mut case = Case {
        random: Random::new(0),
        digest: Digest::new(),
        calls: 0,
        planted,
    };
    let (begin, most) = (Instant::now(), Duration::from_secs(seconds.min(1 << 30)));
    let (line, mut done) = (LINE.max(cases / 500), 0);
    for index in first..first.saturating_add(cases) {
        case.random = Random::new(index);
        let kind = index % 8;
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| match kind {
            0..=3 => pcm::case(&mut case, index / 8),
            4 | 5 => mix::case(&mut case),
            6 => rate::case(&mut case, &mut rates),
            _ => parse::case(&mut case),
        }));
        if result.is_err() {
            return Err(format!("failed: --first {index} --cases 1"));
        }
        done += 1;
        if done % line == 0 {
            println!("{index} {:016x}", case.digest.value());
            if begin.elapsed() > most {
                break;
            }
        }
    }
    println!("{done} cases, {} calls", case.calls);
    Ok(())
}
