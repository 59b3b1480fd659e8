//! What would be published.

use super::Crate;
use crate::command::{cargo, run};

/// What each package must hold.
const NEEDED: [&str; 4] = ["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];
/// What none may: it is the workshop's, or was made.
const UNWANTED: [&str; 2] = ["target/", "xtask/"];

/// Packs every crate, without asking the registry, and looks at what is packed.
pub(super) fn check(crates: &[Crate]) -> Result<String, String> {
    let mut files = 0;
    for one in crates {
        let packed = packed(&one.name)?;
        look_at(&one.name, &packed)?;
        files += packed.len();
    }
    // Together, because one depends on the other; their builds are the other stages' work.
    let mut pack = cargo([
        "package",
        "--quiet",
        "--offline",
        "--locked",
        "--no-verify",
        "--allow-dirty",
    ]);
    pack.args(["--target-dir=target/package-check", "--workspace"]);
    pack.args(["--exclude=benches", "--exclude=xtask"]);
    run(pack)?;
    Ok(format!("{} packages of {files} files", crates.len()))
}

fn packed(name: &str) -> Result<Vec<String>, String> {
    let output = cargo([
        "package",
        "--list",
        "--offline",
        "--allow-dirty",
        "--package",
        name,
    ])
    .output()
    .map_err(|error| format!("cargo package: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "cargo package --list --package {name}: {}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    let list = String::from_utf8_lossy(&output.stdout);
    Ok(list.lines().map(|line| line.replace('\\', "/")).collect())
}

fn look_at(name: &str, packed: &[String]) -> Result<(), String> {
    let has = |file: &str| packed.iter().any(|packed| packed == file);
    if let Some(lacking) = NEEDED.iter().find(|file| !has(file)) {
        return Err(format!("the package of {name} lacks {lacking}"));
    }
    if !has("src/lib.rs") && !has("src/main.rs") {
        return Err(format!("the package of {name} has no source"));
    }
    let is_unwanted = |file: &&String| UNWANTED.iter().any(|unwanted| file.contains(unwanted));
    match packed.iter().find(is_unwanted) {
        Some(unwanted) => Err(format!("the package of {name} holds {unwanted}")),
        None => Ok(()),
    }
}

pub(super) fn broken() -> Result<Vec<&'static str>, String> {
    let whole = packed("pcm-convert")?;
    look_at("pcm-convert", &whole)?;
    let without: Vec<_> = whole
        .iter()
        .filter(|file| *file != "LICENSE-MIT")
        .cloned()
        .collect();
    let with: Vec<_> = whole
        .iter()
        .cloned()
        .chain(["target/x".to_owned()])
        .collect();
    if look_at("pcm-convert", &without).is_ok() || look_at("pcm-convert", &with).is_ok() {
        return Err(
            "a package without its license, or with what was built, was not caught".to_owned(),
        );
    }
    if packed("no-such-crate").is_ok() {
        return Err("a crate that is not there was packed".to_owned());
    }
    Ok(vec![
        "a package without its license",
        "one with what was built",
    ])
}
