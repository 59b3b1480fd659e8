//! The Python package: its tests in an environment of its own, what it costs, and its wheel.

mod bare;
mod environment;
mod wheel;

pub(crate) use wheel::{USAGE, wheel};

use std::fs;
use std::path::Path;

use crate::command::{cargo, command, root, run};
use environment::{REQUIREMENTS, environment, folder, install};

/// Tests the package as it is installed; says in plain sight why it cannot.
pub(crate) fn check() -> Result<(), String> {
    let python = match environment("venv", &[REQUIREMENTS]) {
        Ok(python) => python,
        Err(why) => {
            println!("SKIPPED: {why}");
            return Ok(());
        }
    };
    // The tool whose bits the package must give.
    run(cargo(["build", "--locked", "--package=outdata"]))?;
    // Of the crates of others, those that the workspace's tests have built are used again.
    install(&python, "dev", &root().join("target"))?;
    let mut tests = command(&python);
    tests
        .args(["-B", "-m", "pytest", "--quiet", "--durations=3"])
        .current_dir(root().join("python"))
        .env("OUTDATA_TOOL", root().join("target/debug/outdata"))
        .env("HYPOTHESIS_STORAGE_DIRECTORY", folder().join("hypothesis"));
    run(tests)
}

/// Measures the package as it is given away, into a file for the report; or says why it cannot.
pub(crate) fn measure(file: &Path) -> Result<(), String> {
    let python = match environment("venv", &[REQUIREMENTS]) {
        Ok(python) => python,
        Err(why) => {
            println!("SKIPPED: Python: {why}");
            let skipped = serde_json::json!({ "skipped": why }).to_string();
            return fs::write(file, skipped)
                .map_err(|error| format!("{}: {error}", file.display()));
        }
    };
    install(&python, "release", &folder())?;
    let mut timing = command(&python);
    timing
        .args(["-B", "python/examples/timing.py", "--json"])
        .arg(file);
    run(timing)
}
