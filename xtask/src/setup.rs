//! What the checks need besides Rust and a C linker: on Linux, ALSA's headers.

use std::process::{Command, Stdio};

use crate::command::run;

/// The packages, as Debian and Ubuntu call them. The second does not pull in the first.
const PACKAGES: [&str; 2] = ["pkg-config", "libasound2-dev"];

/// Makes sure that cpal can be built; installs what is missing where that is allowed.
pub(crate) fn alsa() -> Result<(), String> {
    if !cfg!(target_os = "linux") || has_package("alsa") {
        return Ok(());
    }
    let installed = install(&PACKAGES);
    if has_package("alsa") {
        return Ok(());
    }
    Err(format!(
        "{}ALSA's headers are needed to build the cpal feature; type: sudo apt-get install {}",
        installed.err().map_or(String::new(), |words| words + "\n"),
        PACKAGES.join(" ")
    ))
}

/// Installs packages, where there is an apt-get and it is allowed to.
pub(crate) fn install(packages: &[&str]) -> Result<(), String> {
    println!("installing {}", packages.join(" "));
    apt_get(&["update", "-qq"])?;
    let options = ["install", "-qq", "-y", "--no-install-recommends"];
    apt_get(&[&options[..], packages].concat())
}

fn apt_get(arguments: &[&str]) -> Result<(), String> {
    let mut command = Command::new("apt-get");
    // Without a network it should say so, and not try again and again.
    let patience = [
        "-o",
        "Acquire::Retries=0",
        "-o",
        "Acquire::http::Timeout=10",
    ];
    command
        .args(patience)
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    run(command)
}

/// Whether pkg-config knows such a library.
pub(crate) fn has_package(name: &str) -> bool {
    Command::new("pkg-config")
        .args(["--exists", name])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Whether there is such a program.
pub(crate) fn has_program(name: &str) -> bool {
    Command::new(name)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
}
