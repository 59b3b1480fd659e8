//! Where something was measured.

use std::fs;
use std::process::Command;

use serde::{Deserialize, Serialize};

/// What figures depend on besides the code.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name.
    pub cpu: String,
    /// How many of its cores are there.
    pub cores: usize,
    /// The operating system and the instruction set's family.
    pub system: String,
    /// The compiler.
    pub rustc: String,
    /// The profile and the flags that it was given.
    pub flags: String,
    /// The kernels that are chosen here.
    pub backend: String,
    /// The version of what is measured.
    pub version: String,
    /// The day.
    pub date: String,
    /// How many threads wanted to run before and after, as the system averages them over a minute.
    pub load: [f64; 2],
}

impl Machine {
    /// This one, now. [`Machine::done`] completes it.
    #[must_use]
    pub fn here() -> Self {
        let flags = std::env::var("RUSTFLAGS").unwrap_or_default();
        let cores = std::thread::available_parallelism();
        Self {
            cpu: cpu(),
            cores: cores.map_or(1, std::num::NonZero::get),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            rustc: said("rustc", "--version"),
            flags: format!("release {flags}").trim().to_owned(),
            backend: rate_convert::Backend::detect().name().to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            date: said("date", "+%Y-%m-%d"),
            load: [load(); 2],
        }
    }

    /// The same, once everything has been measured.
    #[must_use]
    pub fn done(mut self) -> Self {
        self.load[1] = load();
        self
    }
}

fn cpu() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    let name = line.and_then(|line| line.split_once(':'));
    name.map_or_else(
        || std::env::consts::ARCH.to_owned(),
        |(_, name)| name.trim().to_owned(),
    )
}

fn load() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let first = text.split(' ').next().unwrap_or_default();
    first.parse().unwrap_or(0.0)
}

/// What a program says when it is asked so; nothing, where it is not there.
fn said(program: &str, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output();
    output.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
