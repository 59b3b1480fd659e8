//! Debian's compiler, linkers and emulators, unpacked into the build folder: nothing is installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{command, root, run};

/// A compiler, and the source of its standard library, which cargo builds for each target.
const COMPILER: [&str; 2] = ["rustc-web", "rust-web-src"];

fn folder() -> PathBuf {
    root().join("target/processors/debian")
}

/// A file that was unpacked, by its path below `/usr`.
pub(super) fn unpacked(path: &str) -> Option<PathBuf> {
    Some(folder().join("usr").join(path)).filter(|file| file.exists())
}

/// A program by its name: the system's, or the one that was unpacked.
pub(super) fn program(name: &str) -> Option<PathBuf> {
    let system = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&system)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .or_else(|| unpacked(&format!("bin/{name}")))
}

/// Where unpacked programs have their libraries.
pub(super) fn libraries() -> PathBuf {
    folder().join("usr/lib/x86_64-linux-gnu")
}

/// Unpacks these packages, and the compiler if it is not there yet, and all that they depend on and the system lacks.
pub(super) fn fetch(packages: &[&str]) -> Result<(), String> {
    let archives = root().join("target/processors/archives");
    fs::create_dir_all(&archives).map_err(|error| format!("{}: {error}", archives.display()))?;
    // The system's lists of packages may be older than the compiler.
    run(apt(&archives, &["update", "-qq"]))?;
    let install = ["install", "--print-uris", "--no-install-recommends", "-qq"];
    let compiler = match unpacked("bin/rustc") {
        Some(_) => &[][..],
        None => &COMPILER,
    };
    let output = apt(&archives, &install)
        .args(compiler)
        .args(packages)
        .output();
    let output = output.map_err(|error| format!("apt-get: {error}"))?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(format!("apt-get: {why}"));
    }
    // 'http://.../NAME_VERSION_ARCHITECTURE.deb' FILE SIZE DIGEST
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let files = text
        .lines()
        .filter_map(|line| line.split_whitespace().nth(1));
    let names = files.filter_map(|file| file.split('_').next());
    let mut download = apt(&archives, &["download", "-qq"]);
    download.args(names).current_dir(&archives);
    run(download)?;
    let entries = fs::read_dir(&archives).map_err(|error| error.to_string())?;
    let entries = entries.flatten().map(|entry| entry.path());
    for archive in entries.filter(|path| path.extension().is_some_and(|end| end == "deb")) {
        let mut unpack = command("dpkg");
        unpack.arg("-x").args([&archive, &folder()]);
        run(unpack)?;
    }
    // Where the compiler looks for WASI's C library.
    let wasm = folder().join("usr/lib/rustlib/wasm32-wasip1/lib");
    fs::create_dir_all(&wasm).map_err(|error| format!("{}: {error}", wasm.display()))?;
    let mut link = command("ln");
    link.args(["-sfn", "../../../wasm32-wasi", "self-contained"]);
    link.current_dir(wasm);
    run(link)?;
    fs::remove_dir_all(&archives).map_err(|error| format!("{}: {error}", archives.display()))
}

/// A command of apt-get with lists of packages of its own, from the system's sources.
fn apt(state: &Path, arguments: &[&str]) -> Command {
    let mut apt = command("apt-get");
    for what in ["Dir::State::Lists", "Dir::Cache"] {
        apt.arg("-o").arg(format!("{what}={}", state.display()));
    }
    // Another user could not write into the build folder.
    apt.args(["-o", "APT::Sandbox::User="]);
    apt.args(arguments);
    apt
}
