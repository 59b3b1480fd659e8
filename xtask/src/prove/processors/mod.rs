//! The same bits on other processors: the tests of the leaves and of the engine, built for them and run natively, by
//! QEMU or by node; and builds for those that nothing here runs.

mod debian;
mod target;
mod toolchain;

use std::process::{Command, Stdio};

use self::target::{TARGETS, Target, Use};
use self::toolchain::Toolchain;
use super::{Effort, Outcome, Part};
use crate::command::run;

pub(super) const PART: Part = Part {
    name: "processors",
    shows: "one digest of all outputs on x86-64, i686, aarch64 (NEON), wasm32 (simd128) and s390x (big-endian), and \
            all other tests of the leaves and the engine; builds for Cortex-M4 and RV32; checks for Windows and macOS",
    run: prove,
    broken,
};

const LEAVES: [&str; 3] = [
    "--package=pcm-convert",
    "--package=channel-mix",
    "--package=rate-convert",
];
const ENGINE: &str = "--package=rt-callback";

fn prove(effort: Effort) -> Result<Outcome, String> {
    match effort {
        Effort::Quick => quick(),
        Effort::Long => long(),
    }
}

/// The digests on 32 bits, which this processor runs itself, with overflow checks.
fn quick() -> Result<Outcome, String> {
    let target = &TARGETS[0];
    let toolchain = match Toolchain::present(target) {
        Ok(toolchain) => toolchain,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    let mut digests = toolchain.cargo("test", target)?;
    digests.args(LEAVES).arg("--test=digest");
    run(digests)?;
    Ok(Outcome::Passed(format!("the digests on {}", target.name)))
}

fn long() -> Result<Outcome, String> {
    let (mut done, mut skipped) = (Vec::new(), Vec::new());
    for target in &TARGETS {
        println!("-- {}", target.triple);
        let toolchain = match Toolchain::fetched(target) {
            Ok(toolchain) => toolchain,
            Err(why) => {
                skipped.push(why);
                continue;
            }
        };
        for command in commands(&toolchain, target)? {
            run(command)?;
        }
        done.push(format!("{} {}", target.name, target.used.done()));
    }
    match (done.is_empty(), skipped.is_empty()) {
        (true, _) => Ok(Outcome::Skipped(skipped.join("; "))),
        (false, true) => Ok(Outcome::Passed(done.join(", "))),
        (false, false) => Ok(Outcome::Passed(format!(
            "{}; SKIPPED: {}",
            done.join(", "),
            skipped.join("; ")
        ))),
    }
}

fn commands(toolchain: &Toolchain, target: &Target) -> Result<Vec<Command>, String> {
    let of = |what| toolchain.cargo(what, target);
    let mut commands = match target.used {
        Use::Tests { .. } => vec![of("test")?],
        Use::Builds => vec![of("build")?],
        Use::Checks => vec![of("check")?],
    };
    for command in &mut commands {
        match target.used {
            Use::Tests { engine, skip } => {
                command.args(LEAVES).args(engine.then_some(ENGINE));
                command.args(["--no-fail-fast", "--lib", "--tests", "--"]);
                command.args(skip.iter().map(|test| format!("--skip={test}")));
            }
            Use::Builds => {
                command.args(LEAVES).arg(ENGINE);
                command.args(["--no-default-features", "--features=rate-convert/alloc"]);
            }
            Use::Checks => {
                command.args(["--package=device-io", "--package=outdata"]);
                command.arg("--features=device-io/cpal,outdata/cpal");
            }
        }
    }
    Ok(commands)
}

/// With another digest every test of digests fails on the target.
fn broken() -> Result<Outcome, String> {
    let target = &TARGETS[0];
    let toolchain = match Toolchain::present(target) {
        Ok(toolchain) => toolchain,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    let mut digests = toolchain.cargo("test", target)?;
    digests
        .args(LEAVES)
        .args(["--no-fail-fast", "--test=digest"])
        .env("DIGEST_TWIN", "1")
        .stderr(Stdio::inherit());
    let output = digests.output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout);
    let all_failed = said.matches("test result: FAILED. 0 passed;").count();
    if all_failed != LEAVES.len() {
        return Err(format!("a digest that is another one passes: {said}"));
    }
    Ok(Outcome::Passed(format!(
        "every test of digests fails on {} with another digest",
        target.name
    )))
}
