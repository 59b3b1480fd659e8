//! What a crate's manifest promises: its features alone and together, its dependencies, its least Rust, its package, and
//! its public face.

mod api;
mod package;
mod unused;

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Effort, Outcome, Part};
use crate::command::{cargo, run};
use crate::setup::has_package;

pub(super) const PART: Part = Part {
    name: "features",
    shows: "each combination of features builds, no dependency is unused, packages are whole, the least Rust is enough, \
            and the public API is the one in `api`",
    run: prove,
    broken,
};

/// A crate of the workspace.
struct Crate {
    name: String,
    manifest: String,
    is_library: bool,
    features: Vec<String>,
    /// The least Rust that it says it needs.
    rust: String,
    /// What it depends on, as its sources call that, and for which of them.
    dependencies: Vec<(String, Kind)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Normal,
    Dev,
}

fn prove(effort: Effort) -> Result<Outcome, String> {
    let crates = crates(None)?;
    let mut figures = vec![combinations(&crates, effort)?];
    unused::check(&crates)?;
    let dependencies: usize = crates.iter().map(|one| one.dependencies.len()).sum();
    figures.push(format!("{dependencies} dependencies, all used"));
    figures.push(package::check(&crates)?);
    figures.push(least_rust(&crates)?);
    figures.push(api::check(&crates)?);
    Ok(Outcome::Passed(figures.join("; ")))
}

/// Packs every crate.
pub(crate) fn packages() -> Result<(), String> {
    println!("{}", package::check(&crates(None)?)?);
    Ok(())
}

fn broken() -> Result<Outcome, String> {
    let caught = [unused::broken()?, package::broken()?, api::broken()?];
    let caught: Vec<_> = caught.into_iter().flatten().collect();
    Ok(Outcome::Passed(format!("caught: {}", caught.join(", "))))
}

/// The crates that are published, or those of another manifest.
fn crates(manifest: Option<&str>) -> Result<Vec<Crate>, String> {
    let mut command = cargo(["metadata", "--no-deps", "--offline", "--format-version=1"]);
    command.args(manifest.map(|path| format!("--manifest-path={path}")));
    let output = command
        .output()
        .map_err(|error| format!("cargo metadata: {error}"))?;
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|error| {
        let words = String::from_utf8_lossy(&output.stderr);
        format!("cargo metadata: {error}: {words}")
    })?;
    let packages = list(&metadata, "packages");
    let published = packages.filter(|package| package["publish"].is_null());
    Ok(published.map(read).collect())
}

fn read(package: &Value) -> Crate {
    let features = package["features"].as_object().into_iter().flatten();
    let dependencies = list(package, "dependencies").map(|dependency| {
        let kind = if text(dependency, "kind") == "dev" {
            Kind::Dev
        } else {
            Kind::Normal
        };
        let name = if dependency["rename"].is_null() {
            "name"
        } else {
            "rename"
        };
        (text(dependency, name).replace('-', "_"), kind)
    });
    let kinds: Vec<_> = list(package, "targets")
        .flat_map(|target| list(target, "kind"))
        .collect();
    let has = |kind: &str| kinds.iter().any(|one| **one == kind);
    Crate {
        name: text(package, "name"),
        manifest: text(package, "manifest_path"),
        // The tool is a library for its own other forms only.
        is_library: has("lib") && !has("bin"),
        features: features
            .map(|(name, _)| name.clone())
            .filter(|name| name != "default")
            .collect(),
        rust: text(package, "rust_version"),
        dependencies: dependencies.collect(),
    }
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key].as_array().into_iter().flatten()
}

/// Checks each library with none of its features, each of them, and all; in the long form with every set of them, and the
/// tool as well.
fn combinations(crates: &[Crate], effort: Effort) -> Result<String, String> {
    let mut checked = 0;
    let mut left_out = BTreeSet::new();
    for one in crates {
        if !one.is_library && effort == Effort::Quick {
            continue;
        }
        let features = available(&one.features, &mut left_out);
        for set in sets(&features, effort) {
            let mut check = cargo(["check", "--quiet", "--locked", "--no-default-features"]);
            check
                .args(["--package", &one.name])
                .arg(format!("--features={}", set.join(",")));
            run(check)?;
            checked += 1;
        }
    }
    let left_out: Vec<_> = left_out.into_iter().collect();
    Ok(match left_out[..] {
        [] => format!("{checked} combinations"),
        _ => format!("{checked} combinations, skipped: {}", left_out.join(", ")),
    })
}

/// Those that this machine has the headers for.
fn available<'a>(features: &'a [String], left_out: &mut BTreeSet<String>) -> Vec<&'a str> {
    let lacks = |feature: &str| match feature {
        _ if !cfg!(target_os = "linux") => None,
        "cpal" | "pulseaudio" | "realtime" if !has_package("alsa") => Some("libasound2-dev"),
        "jack" if !has_package("jack") => Some("libjack-jackd2-dev"),
        _ => None,
    };
    let mut there = Vec::new();
    for feature in features {
        match lacks(feature) {
            Some(package) => {
                left_out.insert(format!("{feature} (sudo apt-get install {package})"));
            }
            None => there.push(feature.as_str()),
        }
    }
    there
}

fn sets<'a>(features: &[&'a str], effort: Effort) -> Vec<Vec<&'a str>> {
    if effort == Effort::Long {
        let chosen = |set: usize| {
            let chosen = features.iter().enumerate();
            chosen
                .filter(move |(at, _)| set >> at & 1 == 1)
                .map(|(_, feature)| *feature)
        };
        return (0..1 << features.len())
            .map(|set| chosen(set).collect())
            .collect();
    }
    let mut sets = vec![Vec::new()];
    sets.extend(features.iter().map(|feature| vec![*feature]));
    if features.len() > 1 {
        sets.push(features.to_vec());
    }
    sets
}

/// Checks everything with the oldest Rust that the manifests name.
fn least_rust(crates: &[Crate]) -> Result<String, String> {
    let rust = crates.first().map_or("", |one| one.rust.as_str());
    if crates.iter().any(|one| one.rust != rust) || rust.is_empty() {
        return Err("the crates do not name one least Rust".to_owned());
    }
    if !has_toolchain(rust) {
        return Ok(format!(
            "skipped: Rust {rust} (rustup toolchain install {rust})"
        ));
    }
    let mut check = crate::command::command("cargo");
    check.args([
        &format!("+{rust}"),
        "check",
        "--quiet",
        "--locked",
        "--target-dir=target/least-rust",
    ]);
    run(check)?;
    Ok(format!("Rust {rust} is enough"))
}

fn has_toolchain(name: &str) -> bool {
    let output = crate::command::command("rustup")
        .args(["run", name, "rustc", "--version"])
        .output();
    output.is_ok_and(|output| output.status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_none_each_and_all_or_every_one() {
        assert!(sets(&[], Effort::Quick).concat().is_empty());
        assert_eq!(sets(&["a"], Effort::Quick), [vec![], vec!["a"]]);
        let quick = sets(&["a", "b", "c"], Effort::Quick);
        assert_eq!(
            quick,
            [vec![], vec!["a"], vec!["b"], vec!["c"], vec!["a", "b", "c"]]
        );
        assert_eq!(sets(&["a", "b", "c"], Effort::Long).len(), 8);
    }
}
