//! A compiler with the standard library of a target, and what links and runs programs: the compiler that runs this
//! where it has that, else Debian's, which builds the library and which is fetched.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::debian;
use super::target::{Linker, Runner, Target, Use};
use crate::command::{cargo, command, root};

pub(super) struct Toolchain {
    /// Debian's compiler, where the one that runs this has not the target.
    debian: Option<PathBuf>,
    linker: Option<PathBuf>,
    runner: Option<String>,
}

const FETCHES: &str = "`cargo xtask prove processors` fetches it";

impl Toolchain {
    /// With what is on this machine, or why not.
    pub(super) fn present(target: &Target) -> Result<Self, String> {
        if target.runner == Runner::Native && !runs_here(target) {
            return Err(format!("{}: not this processor", target.name));
        }
        let debian = if has_std(target) {
            None
        } else {
            // With its source it builds the standard library.
            debian::unpacked("lib/rustlib/src/rust/library/Cargo.lock")
                .ok_or_else(|| no(&format!("standard library for {}", target.triple)))?;
            Some(debian::unpacked("bin/rustc").ok_or_else(|| no("compiler of Debian's"))?)
        };
        let linker = match target.linker {
            Linker::None => None,
            Linker::Gcc(processor) => Some(program(&format!("{processor}-linux-gnu-gcc"))?),
            Linker::Lld(_) if debian.is_none() => None,
            Linker::Lld(name) => {
                Some(debian::unpacked(&format!("lib/llvm-22/bin/{name}")).ok_or_else(|| no(name))?)
            }
        };
        let runner = match target.runner {
            Runner::Native => None,
            Runner::Qemu(name) => {
                let emulator = program(&format!("qemu-{name}-static"))?;
                Some(emulator.display().to_string())
            }
            Runner::Node => {
                let node = program("node")?;
                let script = root().join("xtask/src/prove/processors/wasi.mjs");
                let (node, script) = (node.display(), script.display());
                // Node 20 crashes where a hot loop makes V8 call WASI's functions by its fast way.
                Some(format!(
                    "{node} --no-warnings --no-turbo-fast-api-calls {script}"
                ))
            }
        };
        Ok(Self {
            debian,
            linker,
            runner,
        })
    }

    /// With what Debian has, where this machine lacks something.
    pub(super) fn fetched(target: &Target) -> Result<Self, String> {
        if runs_here(target) && Self::present(target).is_err() {
            debian::fetch(target.packages)?;
        }
        Self::present(target)
    }

    /// A command of cargo for the target.
    pub(super) fn cargo(&self, what: &str, target: &Target) -> Command {
        let variable = |what: &str| {
            let triple = target.triple.to_uppercase().replace('-', "_");
            format!("CARGO_TARGET_{triple}_{what}")
        };
        let mut command = cargo([what, "--locked", "--target", target.triple]);
        command
            .arg("--target-dir=target/processors/build")
            .env(variable("RUSTFLAGS"), target.rustflags)
            .env("LD_LIBRARY_PATH", debian::libraries());
        if let Some(rustc) = &self.debian {
            // `-Z` is nightly's; the variable lets any cargo and compiler take it.
            command
                .arg(format!("-Zbuild-std={}", target.used.crates()))
                .envs([
                    ("RUSTC", rustc.as_os_str()),
                    ("RUSTC_BOOTSTRAP", "1".as_ref()),
                ]);
        }
        if let Some(linker) = &self.linker {
            command.env(variable("LINKER"), linker);
        }
        if let Some(runner) = &self.runner {
            command.env(variable("RUNNER"), runner);
        }
        command
    }
}

fn no(what: &str) -> String {
    format!("no {what}: {FETCHES}")
}

fn program(name: &str) -> Result<PathBuf, String> {
    debian::program(name).ok_or_else(|| no(name))
}

fn runs_here(target: &Target) -> bool {
    let is_tested = matches!(target.used, Use::Tests { .. });
    !is_tested || cfg!(all(target_os = "linux", target_arch = "x86_64"))
}

/// The compiler that runs this has the target's standard library.
fn has_std(target: &Target) -> bool {
    let mut ask = command("rustc");
    ask.args(["--print", "target-libdir", "--target", target.triple]);
    let Ok(output) = ask.stderr(Stdio::null()).output() else {
        return false;
    };
    let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success() && Path::new(&folder).exists()
}
