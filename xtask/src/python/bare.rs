//! The wheel on a system that has nothing but Python: a Debian of the smallest kind, in a folder.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::environment::{folder, pip};
use crate::command::{command, run};
use crate::setup;

/// Whose Python is the oldest that the wheel is for.
const SUITE: &str = "bookworm";
const MIRROR: &str = "http://deb.debian.org/debian";

/// Runs `python/tests/bare.py` there; says in plain sight why it cannot.
pub(super) fn check(python: &Path, wheel: &Path) -> Result<(), String> {
    let system = folder().join(SUITE);
    if let Err(why) = bootstrap(&system) {
        println!("SKIPPED: the wheel on a bare Debian: {why}");
        return Ok(());
    }
    let inside = |path: &str| system.join(path);
    let _ = fs::remove_dir_all(inside("opt/outdata"));
    let mut install = pip(python);
    install
        .args(["install", "--quiet", "--no-index", "--no-deps", "--target"])
        .args([&inside("opt/outdata"), wheel]);
    run(install)?;
    let mut copy = command("cp");
    copy.args(["python/tests/bare.py", "python/README.md"])
        .arg(inside("opt"));
    run(copy)?;
    let mut bare = command("chroot");
    bare.arg(&system)
        .args(["/usr/bin/env", "--ignore-environment", "--chdir=/tmp"])
        .args([
            "PATH=/usr/bin:/bin",
            "PYTHONPATH=/opt/outdata",
            "python3",
            "-B",
        ])
        .args(["/opt/bare.py", "/opt/README.md"]);
    run(bare)
}

/// Makes the system, unless it is there; or says why it cannot.
fn bootstrap(system: &Path) -> Result<(), String> {
    let id = Command::new("id").arg("-u").output();
    if !id.is_ok_and(|id| id.stdout == b"0\n") {
        return Err("debootstrap and chroot take root".to_owned());
    }
    if system.exists() {
        return Ok(());
    }
    if !setup::has_program("debootstrap") {
        setup::install(&["debootstrap"])?;
    }
    println!("making a Debian {SUITE}");
    let new = system.with_extension("new");
    let _ = fs::remove_dir_all(&new);
    let mut debootstrap = command("debootstrap");
    debootstrap
        .args(["--variant=minbase", "--include=python3", SUITE])
        .arg(&new)
        .arg(MIRROR)
        .stdout(std::process::Stdio::null());
    run(debootstrap)?;
    fs::rename(&new, system).map_err(|error| format!("{}: {error}", system.display()))
}
