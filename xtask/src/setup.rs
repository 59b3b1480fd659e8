//! What the checks need besides Rust and a C linker: on Linux, ALSA's headers.

use std::process::{Command, Stdio};

use crate::command::run;

/// The packages, as Debian and Ubuntu call them. The second does not pull in the first.
const PACKAGES: [&str; 2] = ["pkg-config", "libasound2-dev"];

/// Makes sure that cpal can be built; installs what is missing where that is allowed.
pub(crate) fn alsa() -> Result<(), String> {
    if !cfg!(target_os = "linux") || has_alsa() {
        return Ok(());
    }
    println!(
        "ALSA's headers are missing; installing {}",
        PACKAGES.join(" ")
    );
    let installed = apt_get(&["update", "-qq"]).and_then(|()| {
        let options = ["install", "-qq", "-y", "--no-install-recommends"];
        apt_get(&[&options[..], &PACKAGES].concat())
    });
    if has_alsa() {
        return Ok(());
    }
    Err(format!(
        "{}ALSA's headers are needed to build the cpal feature; type: sudo apt-get install {}",
        installed.err().map_or(String::new(), |words| words + "\n"),
        PACKAGES.join(" ")
    ))
}

fn apt_get(arguments: &[&str]) -> Result<(), String> {
    let mut command = Command::new("apt-get");
    command
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    run(command)
}

fn has_alsa() -> bool {
    Command::new("pkg-config")
        .args(["--exists", "alsa"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
