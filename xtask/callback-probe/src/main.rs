//! Callbacks under watch: `callback-probe CALLBACKS [--strict] [--broken=TWIN]`.
//!
//! An allocator counts in each; with `--strict` they run on a thread to which any system call but read, write and exit
//! is death; a build with `RUSTFLAGS="--cfg=rtsan -Zsanitizer=realtime"` has RTSan look as well. It ends with 0 where
//! nothing was seen.
#![cfg_attr(rtsan, feature(sanitize))]

mod allocator;
mod covered;
mod dice;
mod strict;
mod twins;
mod watch;
mod work;

use std::process::ExitCode;

use strict::Strict;
use twins::Twin;
use watch::Watch;

fn main() -> ExitCode {
    match run() {
        Ok(words) => {
            println!("{words}");
            ExitCode::SUCCESS
        }
        Err(words) => {
            eprintln!("{words}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String, String> {
    let (mut callbacks, mut is_strict, mut twin) = (10_000, false, None);
    for argument in std::env::args().skip(1) {
        if let Some(name) = argument.strip_prefix("--broken=") {
            let known = Twin::ALL.iter().find(|(known, _)| *known == name);
            twin = Some(known.ok_or(format!("no twin is called {name}"))?.1);
        } else if argument == "--strict" {
            is_strict = true;
        } else {
            let number = argument.parse();
            callbacks = number.map_err(|error| format!("{argument}: {error}"))?;
        }
    }
    if let Some(twin) = twin {
        twins::prepare(twin);
    }
    let strict = is_strict
        .then(Strict::start)
        .transpose()
        .map_err(|error| error.to_string())?;
    let mut watch = Watch::new(strict, twin);
    let covered = work::run(&mut watch, callbacks);
    match allocator::forbidden() {
        0 => {}
        count => return Err(format!("{count} allocations and releases in callbacks")),
    }
    covered.check()?;
    Ok(format!("{} callbacks", watch.callbacks))
}
