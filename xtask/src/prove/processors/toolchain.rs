//! A compiler with the standard library of a target, or with its source where nothing is to run: the one that runs this
//! where it has that, else one of rustup's in the build folder, which `--long` fetches.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::debian;
use super::target::{Linker, Runner, Target, Use};
use crate::command::{command, root};

pub(super) struct Toolchain {
    cargo: PathBuf,
    rustc: PathBuf,
    /// What links and runs, where that is not the system's.
    linker: Option<PathBuf>,
    runner: Option<String>,
}

const FETCHES: &str = "`cargo xtask prove processors --long` fetches it";

impl Toolchain {
    /// With what is on this machine, or why not.
    pub(super) fn present(target: &Target) -> Result<Self, String> {
        if target.runner == Runner::Native && !runs_here(target) {
            return Err(format!("{}: not this processor", target.name));
        }
        let (cargo, rustc) = with_std(target).ok_or_else(|| {
            format!(
                "no standard library for {triple}: {FETCHES}, or `rustup target add {triple}`",
                triple = target.triple
            )
        })?;
        let linker = match target.linker {
            Linker::Own => None,
            Linker::Gcc {
                processor,
                architecture,
            } => {
                let name = format!("{processor}-linux-gnu");
                let program = debian::program(&format!("{name}-gcc"));
                Some(program.ok_or_else(|| {
                    format!(
                        "no {name}-gcc: {FETCHES}, or `apt-get install gcc-{name} \
                         libc6-dev-{architecture}-cross`"
                    )
                })?)
            }
        };
        let runner = match target.runner {
            Runner::Native => None,
            Runner::Qemu(name) => {
                let program = debian::program(&format!("qemu-{name}"))
                    .or_else(|| debian::program(&format!("qemu-{name}-static")));
                let program = program.ok_or_else(|| {
                    format!("no qemu-{name}: {FETCHES}, or `apt-get install qemu-user-static`")
                })?;
                Some(program.display().to_string())
            }
            Runner::Node => {
                let node = debian::program("node")
                    .ok_or_else(|| "no node: `apt-get install nodejs`".to_owned())?;
                let script = root().join("xtask/src/prove/processors/wasi.mjs");
                Some(format!(
                    "{} --no-warnings {}",
                    node.display(),
                    script.display()
                ))
            }
        };
        Ok(Self {
            cargo,
            rustc,
            linker,
            runner,
        })
    }

    /// With what can be fetched into the build folder.
    pub(super) fn fetched(target: &Target) -> Result<Self, String> {
        if Self::present(target).is_ok() {
            return Self::present(target);
        }
        if with_std(target).is_none() {
            fetch_std(target)?;
        }
        if let Linker::Gcc {
            processor,
            architecture,
        } = target.linker
            && debian::program(&format!("{processor}-linux-gnu-gcc")).is_none()
        {
            debian::fetch(&format!("gcc-{processor}-linux-gnu"))?;
            debian::fetch(&format!("libc6-dev-{architecture}-cross"))?;
        }
        if let Runner::Qemu(_) = target.runner
            && Self::present(target).is_err()
        {
            debian::fetch("qemu-user-static")?;
        }
        Self::present(target)
    }

    /// A command of cargo for the target.
    pub(super) fn cargo(&self, what: &str, target: &Target) -> Result<Command, String> {
        let variable = |what: &str| {
            let triple = target.triple.to_uppercase().replace('-', "_");
            format!("CARGO_TARGET_{triple}_{what}")
        };
        let mut command = command(&self.cargo);
        command
            .args([what, "--locked", "--target", target.triple])
            .arg("--target-dir=target/processors/build")
            .env("RUSTC", &self.rustc)
            .env(variable("RUSTFLAGS"), target.rustflags);
        if !has_std(&self.rustc, target) {
            // A flag of nightly's, which the compiler that its source is of takes as well.
            command.arg("-Zbuild-std").env("RUSTC_BOOTSTRAP", "1");
        }
        if let Linker::Gcc { .. } = target.linker {
            command.env("LD_LIBRARY_PATH", debian::libraries());
        }
        if let Some(linker) = &self.linker {
            command.env(variable("LINKER"), linker);
        }
        if let Some(runner) = &self.runner {
            command.env(variable("RUNNER"), runner);
        }
        Ok(command)
    }
}

fn runs_here(target: &Target) -> bool {
    let is_tested = matches!(target.used, Use::Tests { .. });
    !is_tested || cfg!(all(target_os = "linux", target_arch = "x86_64"))
}

/// The cargo and rustc that run this.
fn ours() -> Option<(PathBuf, PathBuf)> {
    let cargo = PathBuf::from(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let output = command("rustc")
        .args(["--print", "sysroot"])
        .output()
        .ok()?;
    let sysroot = String::from_utf8(output.stdout).ok()?;
    let rustc = Path::new(sysroot.trim()).join("bin/rustc");
    rustc.exists().then_some((cargo, rustc))
}

fn home() -> PathBuf {
    root().join("target/processors/rustup")
}

/// Those of the toolchain that was fetched.
fn own() -> Option<(PathBuf, PathBuf)> {
    let toolchains = std::fs::read_dir(home().join("toolchains")).ok()?;
    let newest = toolchains
        .filter_map(|entry| Some(entry.ok()?.path()))
        .max()?;
    Some((newest.join("bin/cargo"), newest.join("bin/rustc")))
}

/// The cargo and rustc that have a target's standard library, or can build it.
fn with_std(target: &Target) -> Option<(PathBuf, PathBuf)> {
    let both = || ours().into_iter().chain(own());
    let built = || both().find(|(_, rustc)| can_build_std(rustc, target));
    both()
        .find(|(_, rustc)| has_std(rustc, target))
        .or_else(built)
}

/// With its source; programs that run want what comes with a finished one, too.
fn can_build_std(rustc: &Path, target: &Target) -> bool {
    let source = rustc.ancestors().nth(2).unwrap_or(Path::new(""));
    let source = source.join("lib/rustlib/src/rust/library/Cargo.lock");
    !matches!(target.used, Use::Tests { .. }) && source.exists()
}

fn has_std(rustc: &Path, target: &Target) -> bool {
    let mut ask = command(rustc);
    ask.args(["--print", "target-libdir", "--target", target.triple]);
    let Ok(output) = ask.stderr(Stdio::null()).output() else {
        return false;
    };
    let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success() && Path::new(&folder).exists()
}

/// The version of the compiler that runs this, with the target, into a home of its own.
fn fetch_std(target: &Target) -> Result<(), String> {
    let output = command("rustc").arg("--version").output();
    let output = output.map_err(|error| format!("rustc: {error}"))?;
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = words.split_whitespace().nth(1).unwrap_or("stable");
    let version = if version.contains('-') {
        "stable"
    } else {
        version
    };
    let mut install = command("rustup");
    install
        .args(["toolchain", "install", version, "--profile=minimal"])
        .args(["--no-self-update", "--target", target.triple])
        .env("RUSTUP_HOME", home());
    match install.status() {
        Ok(status) if status.success() => Ok(()),
        _ => Err(format!(
            "{}: rustup could not fetch its standard library",
            target.name
        )),
    }
}
