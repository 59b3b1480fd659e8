//! The same bits on other processors: the tests of the leaves and of the engine, built for them and run natively, by
//! QEMU or by node; and builds for those that nothing here runs.

mod debian;
mod target;
mod toolchain;

use std::process::{Command, Stdio};
use std::time::Instant;

use self::target::{TARGETS, Target, Use};
use self::toolchain::Toolchain;
use super::{Effort, Outcome, Part};
use crate::command::run;
use crate::stages::LEAVES;

pub(super) const PART: Part = Part {
    name: "processors",
    shows: "one digest of all outputs on x86-64, i686, aarch64 (NEON), wasm32 (simd128) and s390x (big-endian), and \
            all other tests of the leaves and the engine; builds for Cortex-M4 and RV32, an example among them; checks for Windows and macOS",
    run: prove,
    broken,
};

const ENGINE: &str = "--package=rt-callback";
/// How tests are built.
const PROFILE: &str = "--profile=processors";

fn prove(effort: Effort) -> Result<Outcome, String> {
    match effort {
        Effort::Quick => quick(),
        Effort::Long => long(),
    }
}

/// The digests on 32 bits, which this processor runs itself, with overflow checks.
fn quick() -> Result<Outcome, String> {
    let target = &TARGETS[0];
    let toolchain = match Toolchain::fetched(target) {
        Ok(toolchain) => toolchain,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    run(digests(&toolchain, target))?;
    Ok(Outcome::Passed(format!("the digests on {}", target.name)))
}

fn digests(toolchain: &Toolchain, target: &Target) -> Command {
    let mut digests = toolchain.cargo("test", target);
    digests
        .args(LEAVES)
        .args([PROFILE, "--no-fail-fast", "--test=digest"]);
    digests
}

/// One target after the other; what fails on one does not hide what comes of the next.
fn long() -> Result<Outcome, String> {
    let (mut done, mut skipped, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for target in &TARGETS {
        println!("-- {}", target.triple);
        let begin = Instant::now();
        match on(target) {
            Ok(()) => {
                let seconds = begin.elapsed().as_secs();
                let line = format!("{} {} in {seconds} s", target.name, target.used.done());
                println!("{line}");
                done.push(line);
            }
            Err(Missed::Lacks(why)) => {
                println!("skipped: {why}");
                skipped.push(why);
            }
            Err(Missed::Fails(why)) => {
                println!("failed: {why}");
                failed.push(format!("{}: {why}", target.name));
            }
        }
    }
    if !failed.is_empty() {
        return Err(failed.join("\n"));
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

/// Why nothing was shown on a target.
enum Missed {
    /// What this machine lacks, and cannot fetch.
    Lacks(String),
    Fails(String),
}

fn on(target: &Target) -> Result<(), Missed> {
    let toolchain = Toolchain::fetched(target).map_err(Missed::Lacks)?;
    run(command(&toolchain, target)).map_err(Missed::Fails)?;
    if target.used == Use::Builds {
        let mut example = toolchain.cargo("build", target);
        example.args(["--package=rate-convert", "--no-default-features"]);
        example.arg("--example=no_std_static");
        run(example).map_err(Missed::Fails)?;
    }
    Ok(())
}

fn command(toolchain: &Toolchain, target: &Target) -> Command {
    let mut command = toolchain.cargo(target.used.command(), target);
    match target.used {
        Use::Tests { engine, skip } => {
            command.args(LEAVES).args(engine.then_some(ENGINE));
            command.args([PROFILE, "--no-fail-fast", "--lib", "--tests", "--"]);
            command.args(skip.iter().map(|test| format!("--skip={test}")));
        }
        Use::Builds => {
            command.args(LEAVES).arg(ENGINE);
            command.args([
                "--no-default-features",
                "--features=rate-convert/alloc,rt-callback/portable-atomic",
            ]);
        }
        Use::Checks => {
            command.args(["--package=device-io", "--package=outdata"]);
            command.arg("--features=device-io/cpal,outdata/cpal");
        }
    }
    command
}

/// With another digest every test of digests fails on the target.
fn broken() -> Result<Outcome, String> {
    let target = &TARGETS[0];
    let toolchain = match Toolchain::fetched(target) {
        Ok(toolchain) => toolchain,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    let mut digests = digests(&toolchain, target);
    digests.env("DIGEST_TWIN", "1").stderr(Stdio::inherit());
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
