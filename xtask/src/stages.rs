//! The checks, in the order in which they run.

use std::process::Command;
use std::time::Instant;

use crate::command::{cargo, run, scalar_cargo};
use crate::{front, house, no_std, prove, python, servers, setup};

/// Features that need no further system package, by name: `--all-features` would reach for jack
/// and pipewire some day.
const FEATURES: &str = "--features=channel-mix/audioadapter,device-io/cpal,device-io/realtime,outdata/cpal,\
                        pcm-convert/dasp,pcm-convert/proptest,rate-convert/alloc,\
                        rate-convert/audioadapter,rt-callback/futures";

pub(crate) const USAGE: &str = "\
usage: cargo xtask test [STAGE ...]      check everything, or these stages, in the order in which they stand
       cargo xtask test --exhaustive     and the tests that take minutes";

/// A named check.
struct Stage {
    name: &'static str,
    check: fn() -> Result<(), String>,
}

const STAGES: &[Stage] = &[
    Stage {
        name: "setup",
        check: setup::alsa,
    },
    Stage {
        name: "fmt",
        check: fmt,
    },
    Stage {
        name: "house",
        check: house::check,
    },
    Stage {
        name: "clippy",
        check: clippy,
    },
    Stage {
        name: "test",
        check: || {
            let mut all = cargo([
                "test",
                "--locked",
                "--workspace",
                "--exclude=benches",
                FEATURES,
            ]);
            side_by_side(&mut all);
            run(all)
        },
    },
    Stage {
        name: "defaults",
        check: || {
            let all = ["test", "--locked", "--workspace", "--exclude=benches"];
            let mut some = cargo(all.into_iter().chain(BY_FEATURES));
            side_by_side(&mut some);
            run(some)
        },
    },
    Stage {
        name: "front",
        check: || front::check(FEATURES),
    },
    Stage {
        name: "servers",
        check: servers::check,
    },
    Stage {
        name: "python",
        check: python::check,
    },
    Stage {
        name: "doc",
        check: doc,
    },
    Stage {
        name: "package",
        check: prove::packages,
    },
    Stage {
        name: "scalar",
        check: scalar,
    },
    Stage {
        name: "prove",
        check: prove::quick,
    },
    Stage {
        name: "no-std",
        check: no_std::check,
    },
];

/// Lets twice as many tests run at a time as there are processors: many wait for a clock.
fn side_by_side(tests: &mut Command) {
    const THREADS: &str = "RUST_TEST_THREADS";
    if std::env::var_os(THREADS).is_none()
        && let Ok(processors) = std::thread::available_parallelism()
    {
        tests.env(THREADS, (2 * processors.get()).to_string());
    }
}

/// The tests of what is another thing without features: the tool, and the front door that has no devices. (The rest is
/// less, by the same code.) They are of the whole workspace, whose builds are used again.
const BY_FEATURES: [&str; 3] = ["--bin=outdata", "--test=cli", "--test=front"];

/// The crates that have kernels.
pub(crate) const LEAVES: [&str; 3] = [
    "--package=pcm-convert",
    "--package=channel-mix",
    "--package=rate-convert",
];

pub(crate) fn names() -> String {
    let names: Vec<_> = STAGES.iter().map(|stage| stage.name).collect();
    names.join(" ")
}

pub(crate) fn test(arguments: &[String]) -> Result<(), String> {
    let (flags, wanted): (Vec<_>, Vec<_>) = arguments
        .iter()
        .map(String::as_str)
        .partition(|argument| argument.starts_with('-'));
    if let Some(unknown) = flags.iter().find(|flag| **flag != "--exhaustive") {
        return Err(format!("unknown option {unknown}; there is --exhaustive"));
    }
    let is_stage = |name: &&str| STAGES.iter().any(|stage| stage.name == *name);
    if let Some(unknown) = wanted.iter().find(|name| !is_stage(name)) {
        return Err(format!("unknown stage {unknown}; there are: {}", names()));
    }
    let mut passed = 0;
    let mut pass = |name: &str, check: fn() -> Result<(), String>| {
        println!("== {name}");
        let begin = Instant::now();
        check().map_err(|words| format!("{words}\n== {name} failed"))?;
        println!("== {name} passed in {:.0} s", begin.elapsed().as_secs_f64());
        passed += 1;
        Ok::<_, String>(())
    };
    for stage in STAGES {
        if wanted.is_empty() || wanted.contains(&stage.name) {
            pass(stage.name, stage.check)?;
        }
    }
    if !flags.is_empty() {
        pass("exhaustive", exhaustive)?;
    }
    println!("stages: {passed} passed, 0 failed");
    Ok(())
}

/// The Python package's crate is a workspace of its own.
const PYTHON: &str = "--manifest-path=python/Cargo.toml";

fn fmt() -> Result<(), String> {
    run(cargo(["fmt", "--all", "--check"]))?;
    run(cargo(["fmt", PYTHON, "--check"]))
}

fn clippy() -> Result<(), String> {
    let all = ["clippy", "--locked", "--workspace", "--all-targets"];
    let deny = ["--", "-D", "warnings"];
    run(cargo(all.into_iter().chain(deny)))?;
    run(cargo(all.into_iter().chain([FEATURES]).chain(deny)))?;
    for feature in ["--no-default-features", "--features=cpal"] {
        let lint = [
            "clippy",
            "--locked",
            PYTHON,
            // As the workspace's own: what was looked at for it is used again.
            "--target-dir=target",
            feature,
        ];
        let mut python = cargo(lint.into_iter().chain(deny));
        // It is for any interpreter, so none has to be there.
        for variable in ["PYO3_NO_PYTHON", "PYO3_BUILD_EXTENSION_MODULE"] {
            python.env(variable, "1");
        }
        run(python)?;
    }
    Ok(())
}

fn doc() -> Result<(), String> {
    let mut command = cargo([
        "doc",
        "--locked",
        "--workspace",
        "--exclude=benches",
        "--exclude=xtask",
        "--no-deps",
        FEATURES,
    ]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    run(command)?;
    front::pages::check()
}

/// The engine's tests of minutes of simulated sound.
pub(crate) const HOURS: [&str; 6] = [
    "arrivals::",
    "duplex::",
    "echo_cancel::",
    "reference::",
    "soak::",
    "stalls::",
];

/// Every kernel falls back to its scalar definition, and everything still holds. Of the engine's tests those are left out
/// that take minutes of simulated sound: what they look at is no kernel.
fn scalar() -> Result<(), String> {
    let tests = || scalar_cargo(["test", "--locked"]);
    let mut leaves = tests()?;
    leaves.args(LEAVES).args(["--lib", "--tests"]);
    run(leaves)?;
    let mut engine = tests()?;
    engine.args(["--package=rt-callback", "--lib", "--test=engine", "--"]);
    engine.args(HOURS.map(|of| format!("--skip={of}")));
    run(engine)
}

fn exhaustive() -> Result<(), String> {
    run(ignored_tests())
}

/// The tests that take minutes: those that are ignored otherwise.
pub(crate) fn ignored_tests() -> Command {
    cargo([
        "test",
        "--locked",
        "--release",
        "--workspace",
        "--exclude=benches",
        FEATURES,
        "--",
        "--ignored",
    ])
}
