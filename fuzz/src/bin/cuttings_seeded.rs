//! Scripts by a seeded generator, and those of a corpus: what libFuzzer does, on any toolchain.
//!
//! `cuttings-seeded SCRIPTS [SEED] [--broken=TWIN] [FILE ...]`: runs the files, then as many scripts as said. The
//! first that fails is made as short as it can be, is shown, and is written beside the program as `failed-script`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, fs, thread};

use outdata_fuzz::{Twin, check, describe};

const LONGEST: u64 = 400;

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
    let (mut numbers, mut files, mut twin) = (Vec::new(), Vec::new(), Twin::None);
    for argument in env::args().skip(1) {
        if let Some(name) = argument.strip_prefix("--broken=") {
            let known = Twin::BROKEN.iter().find(|(known, _)| *known == name);
            twin = known.ok_or(format!("no twin is called {name}"))?.1;
        } else if let Ok(number) = argument.parse::<u64>() {
            numbers.push(number);
        } else {
            files.push(argument);
        }
    }
    let scripts = numbers.first().copied().unwrap_or(10_000);
    let seed = numbers.get(1).copied().unwrap_or(1);
    // A panic is a failure like others, and is told with its script.
    std::panic::set_hook(Box::new(|_| ()));
    for file in &files {
        let bytes = fs::read(file).map_err(|error| format!("{file}: {error}"))?;
        fails(&bytes, twin).map_or(Ok(()), |words| Err(format!("{file}: {words}")))?;
    }
    let (next, failed) = (AtomicU64::new(0), Mutex::new(None));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= scripts {
                        return;
                    }
                    // Ten million take an hour.
                    if n > 0 && n.is_multiple_of(1_000_000) {
                        eprintln!("{n} scripts");
                    }
                    let bytes = script(seed, n);
                    if fails(&bytes, twin).is_some() {
                        next.store(scripts, Ordering::Relaxed);
                        let mut failed = failed.lock().expect("nobody panics with it");
                        failed.get_or_insert((n, bytes));
                    }
                }
            });
        }
    });
    match failed.into_inner().expect("nobody panics with it") {
        None => Ok(format!("{scripts} scripts and {} files", files.len())),
        Some((n, bytes)) => {
            let bytes = shortest(bytes, twin);
            let words = fails(&bytes, twin).unwrap_or_default();
            let script = describe(&bytes);
            let path = env::current_exe().unwrap_or_default();
            let path = path.with_file_name("failed-script");
            let written = fs::write(&path, &bytes);
            let written = written.map_or_else(|error| error.to_string(), |()| String::new());
            Err(format!(
                "{script}\n{bytes:?}\n{}{written}\nscript {n} of seed {seed}: {words}",
                path.display()
            ))
        }
    }
}

fn fails(bytes: &[u8], twin: Twin) -> Option<String> {
    match catch_unwind(AssertUnwindSafe(|| check(bytes, twin))) {
        Ok(result) => result.err(),
        Err(panic) => {
            let words = panic.downcast_ref::<String>().cloned();
            let words = words.or_else(|| panic.downcast_ref().map(|words: &&str| (*words).into()));
            Some(format!("a panic: {}", words.unwrap_or_default()))
        }
    }
}

/// Script `n` of a seed: SplitMix64's numbers, by bytes.
fn script(seed: u64, n: u64) -> Vec<u8> {
    let mut state = seed
        .wrapping_mul(0xD134_2543_DE82_EF95)
        .wrapping_add(n << 20);
    let mut next = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = state;
        word = (word ^ word >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ word >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ word >> 31
    };
    let length = 40 + next() % LONGEST;
    (0..length.div_ceil(8))
        .flat_map(|_| next().to_le_bytes())
        .collect()
}

/// Takes away what the failure does not need, and makes 0 of what else can be.
fn shortest(mut bytes: Vec<u8>, twin: Twin) -> Vec<u8> {
    let mut size = bytes.len() / 2;
    while size > 0 {
        let mut at = 0;
        while at < bytes.len() {
            let mut shorter = bytes.clone();
            shorter.drain(at..(at + size).min(bytes.len()));
            if fails(&shorter, twin).is_some() {
                bytes = shorter;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
    for at in 0..bytes.len() {
        let mut simpler = bytes.clone();
        simpler[at] = 0;
        if fails(&simpler, twin).is_some() {
            bytes = simpler;
        }
    }
    bytes
}
