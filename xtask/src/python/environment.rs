//! Virtual environments, and the package in them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{command, root, run};
use crate::files::read;
use crate::setup;

/// The oldest Python that the package is for.
const OLDEST: &str = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))";
const NEEDED: &str =
    "Python 3.11 or later with venv (Debian, Ubuntu: sudo apt-get install python3-venv)";
/// What the tests and the build of the package take.
pub(super) const REQUIREMENTS: &str = "--requirement=python/tests/requirements.txt";

/// Installs the package into an environment, built with a profile in a folder.
pub(super) fn install(python: &Path, profile: &str, folder: &Path) -> Result<(), String> {
    forget_build();
    let mut install = pip(python);
    install
        .args(["install", "--quiet", "--no-build-isolation", "--no-deps"])
        .args(["--force-reinstall", "./python"])
        .env("SETUPTOOLS_RUST_CARGO_PROFILE", profile)
        .env("CARGO_TARGET_DIR", folder);
    run(install)
}

/// What setuptools collected for another wheel would be in the next one.
pub(super) fn forget_build() {
    let _ = fs::remove_dir_all(root().join("python/build"));
}

/// Where Python's environments are, and what is given away is built.
pub(super) fn folder() -> PathBuf {
    root().join("target/python")
}

pub(super) fn pip(python: &Path) -> Command {
    let mut pip = command(python);
    // Without a network it should say so, and not try again and again.
    pip.args(["-m", "pip", "--disable-pip-version-check"])
        .args(["--retries=0", "--timeout=20"]);
    pip
}

/// An environment with these packages, and its interpreter; or why there is none.
pub(super) fn environment(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let place = folder().join(name);
    let python = place.join("bin/python");
    let stamp = place.join("packages");
    let wanted = packages.join(" ") + &read(&root().join("python/tests/requirements.txt"))?;
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|made| made == wanted) {
        return Ok(python);
    }
    let system = interpreter()?;
    let _ = fs::remove_dir_all(&place);
    let mut venv = command(system);
    venv.args(["-m", "venv"]).arg(&place);
    run(venv)?;
    let mut install = pip(&python);
    install.args(["install", "--quiet"]).args(packages);
    run(install).map_err(|words| format!("its packages cannot be had: {words}"))?;
    fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))?;
    Ok(python)
}

/// The system's Python, installed where that is allowed.
fn interpreter() -> Result<&'static str, String> {
    const PYTHON: &str = "python3";
    let is_there = || {
        command(PYTHON)
            .args(["-c", OLDEST])
            .output()
            .is_ok_and(|output| output.status.success())
    };
    if is_there() {
        return Ok(PYTHON);
    }
    if cfg!(target_os = "linux")
        && let Err(words) = setup::install(&["python3-venv"])
    {
        println!("{words}");
    }
    if is_there() {
        Ok(PYTHON)
    } else {
        Err(format!("it takes {NEEDED}"))
    }
}
