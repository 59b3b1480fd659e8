//! The tests against real audio servers: a PulseAudio and a JACK, which the tests start themselves.

use std::env;

use crate::command::{cargo, run};
use crate::setup::{has_package, install};

/// A server, the programs that its tests run, and where they come from.
struct Server {
    /// As the tests' module is called.
    name: &'static str,
    programs: &'static [&'static str],
    /// Headers that it takes to build its tests, as pkg-config calls them.
    headers: Option<&'static str>,
    /// As Debian and Ubuntu call them.
    packages: &'static [&'static str],
    feature: &'static str,
}

const SERVERS: [Server; 2] = [
    Server {
        name: "pulse",
        programs: &["pulseaudio", "pactl", "parec", "pacat"],
        headers: None,
        packages: &["pulseaudio", "pulseaudio-utils"],
        feature: "pulseaudio",
    },
    Server {
        name: "jack",
        programs: &["jackd", "jack_wait", "jack_lsp", "jack_connect"],
        headers: Some("jack"),
        packages: &["jackd2", "libjack-jackd2-dev"],
        feature: "jack",
    },
];

impl Server {
    fn is_there(&self) -> bool {
        self.programs.iter().all(|program| is_installed(program))
            && self.headers.is_none_or(has_package)
    }
}

/// Installs the servers, where that is allowed, and runs their tests; says in plain sight which of
/// them cannot be had.
pub(crate) fn check() -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        println!("SKIPPED: these servers are Linux's");
        return Ok(());
    }
    let missing: Vec<_> = SERVERS.iter().filter(|server| !server.is_there()).collect();
    let packages: Vec<_> = missing.iter().flat_map(|server| server.packages).collect();
    if !packages.is_empty() {
        let packages: Vec<_> = packages.into_iter().copied().collect();
        if let Err(words) = install(&packages) {
            println!("{words}");
        }
    }
    let (there, missing): (Vec<_>, Vec<_>) = SERVERS.iter().partition(|server| server.is_there());
    for server in missing {
        println!(
            "SKIPPED {}: to run its tests, type: sudo apt-get install {}",
            server.name,
            server.packages.join(" ")
        );
    }
    if there.is_empty() {
        return Ok(());
    }
    // The tests of the one need cpal's host for it, and PulseAudio's needs no more than cpal does.
    let features: Vec<_> = there
        .iter()
        .map(|server| server.feature)
        .chain(["pulseaudio"])
        .collect();
    let mut command = cargo(["test", "--locked", "--package=device-io", "--test=servers"]);
    command
        .arg(format!("--features={}", features.join(",")))
        .arg("--")
        .args(there.iter().map(|server| format!("{}::", server.name)))
        .env("SERVERS_REQUIRED", "1");
    run(command)
}

fn is_installed(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
