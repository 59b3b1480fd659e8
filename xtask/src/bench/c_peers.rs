//! C libraries beside this project, in one process: `benches/c-peers`, with what it needs of the system.

use std::fs;
use std::path::Path;

use crate::command::{cargo, command, root, run};
use crate::setup;

const MANIFEST: &str = "benches/c-peers/Cargo.toml";

/// The libraries: as pkg-config knows them, and the Debian packages that have them.
const LIBRARIES: [(&str, &[&str]); 5] = [
    ("libswresample", &["libswresample-dev", "libavutil-dev"]),
    ("soxr", &["libsoxr-dev"]),
    ("samplerate", &["libsamplerate0-dev"]),
    ("speexdsp", &["libspeexdsp-dev"]),
    ("libspa-0.2", &["libspa-0.2-dev", "libspa-0.2-modules"]),
];

/// miniaudio is one header, which no Debian package has; this one on PyPI does.
const MINIAUDIO: &str = "miniaudio==1.71";
const HEADER: &str = "target/c-peers/miniaudio/miniaudio.h";

/// Measures them and writes the rows. What cannot be had is skipped, and said.
pub(super) fn measure(rows: &Path, is_full: bool) -> Result<(), String> {
    install();
    if let Err(words) = miniaudio() {
        println!("SKIPPED: miniaudio: {words}");
    }
    let mut measure = cargo(["run", "--locked", "--release", "--manifest-path", MANIFEST]);
    measure
        .args(["--target-dir", "target/c-peers", "--"])
        .arg(rows)
        .env("MINIAUDIO", root().join(HEADER));
    if is_full {
        measure.arg("--full");
    }
    run(measure)
}

/// Installs what is missing, where there is an apt-get that may; the program says what it had to leave out.
fn install() {
    let missing = LIBRARIES
        .iter()
        .filter(|(name, _)| !setup::has_package(name));
    let mut packages: Vec<&str> = missing
        .flat_map(|(_, packages)| *packages)
        .copied()
        .collect();
    // It builds SDL 3, which is in the registry only.
    if !setup::has_program("cmake") {
        packages.push("cmake");
    }
    if packages.is_empty() {
        return;
    }
    packages.push("pkg-config");
    if let Err(words) = setup::install(&packages) {
        println!("SKIPPED: installing {}: {words}", packages.join(" "));
    }
}

/// Gets miniaudio's header.
fn miniaudio() -> Result<(), String> {
    let header = root().join(HEADER);
    if header.exists() {
        return Ok(());
    }
    let folder = header.parent().map(Path::to_path_buf).unwrap_or_default();
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let tools = folder.join("venv");
    let mut venv = command("python3");
    venv.args(["-m", "venv"]).arg(&tools);
    run(venv)?;
    let pip = |arguments: &[&str]| {
        let mut pip = command(tools.join("bin/pip"));
        pip.arg(arguments.first().unwrap_or(&"help")).arg("--quiet");
        pip.args(arguments.get(1..).unwrap_or_default())
            .current_dir(&folder);
        run(pip)
    };
    pip(&["install", "setuptools", "wheel", "cffi"])?;
    let source = ["--no-deps", "--no-binary=:all:", "--no-build-isolation"];
    pip(&[&["download"], &source[..], &[MINIAUDIO]].concat())?;
    let archive = format!("{}.tar.gz", MINIAUDIO.replace("==", "-"));
    let mut unpack = command("tar");
    let within = format!("{}/miniaudio/miniaudio.h", MINIAUDIO.replace("==", "-"));
    unpack
        .args([
            "--extract",
            "--strip-components=2",
            "--file",
            &archive,
            &within,
        ])
        .current_dir(&folder);
    run(unpack)
}
