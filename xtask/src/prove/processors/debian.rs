//! Programs of Debian that are not installed: unpacked into the build folder, and run from there.

use std::fs;
use std::path::PathBuf;

use crate::command::{command, root, run};

fn folder() -> PathBuf {
    root().join("target/processors/debian")
}

/// A program by its name: the system's, or the one that was unpacked.
pub(super) fn program(name: &str) -> Option<PathBuf> {
    let system = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&system)
        .chain([folder().join("usr/bin")])
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// Where unpacked programs have their libraries.
pub(super) fn libraries() -> PathBuf {
    folder().join("usr/lib/x86_64-linux-gnu")
}

/// Unpacks a package and all that it depends on and the system lacks.
pub(super) fn fetch(package: &str) -> Result<(), String> {
    let archives = root().join("target/processors/archives");
    fs::create_dir_all(&archives).map_err(|error| format!("{}: {error}", archives.display()))?;
    let mut list = command("apt-get");
    list.args([
        "install",
        "--print-uris",
        "--no-install-recommends",
        "-qq",
        package,
    ]);
    let output = list
        .output()
        .map_err(|error| format!("{package}: apt-get: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "apt-get has no {package}: `apt-get update`, or another system"
        ));
    }
    // 'http://.../NAME_VERSION_ARCHITECTURE.deb' FILE SIZE DIGEST
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let names: Vec<_> = text
        .lines()
        .filter_map(|line| line.split_whitespace().nth(1))
        .filter_map(|file| file.split('_').next())
        .collect();
    let mut download = command("apt-get");
    download.arg("download").args(&names).current_dir(&archives);
    run(download).map_err(|words| format!("{package}: {words}"))?;
    let entries = fs::read_dir(&archives).map_err(|error| error.to_string())?;
    for entry in entries.flatten() {
        let mut unpack = command("dpkg");
        run({
            unpack.arg("-x").arg(entry.path()).arg(folder());
            unpack
        })?;
    }
    fs::remove_dir_all(&archives).map_err(|error| format!("{}: {error}", archives.display()))
}
