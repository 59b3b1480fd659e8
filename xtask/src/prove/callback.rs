//! What the callback asks of an allocator, of the system and of locks: nothing. Four look, as none sees all.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Output};

use super::{Effort, Outcome, Part};
use crate::command::{cargo, command, root, run};

pub(super) const PART: Part = Part {
    name: "callback",
    shows: "`render` and `record` allocate nothing, call nothing of the system, take no lock: under every control, \
            with meters, taps, dither, mixers, captures and duplexes",
    run: prove,
    broken,
};

const MANIFEST: &str = "--manifest-path=xtask/callback-probe/Cargo.toml";
const QUICK_CALLBACKS: &str = "50000";
const LONG_CALLBACKS: &str = "2000000";

/// Who looks while callbacks run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Watch {
    /// An allocator that counts.
    Counting,
    /// A thread to which a system call is death, but for read, write and exit.
    Strict,
    /// RTSan, in a build of its own.
    Sanitizer,
}

/// What is planted in one callback, and who must see it. A lock that is free is seen by none of them, but by its
/// symbol. The system's clock is a system call on some machines only.
const TWINS: [(&str, &[Watch]); 8] = [
    (
        "allocation",
        &[Watch::Counting, Watch::Strict, Watch::Sanitizer],
    ),
    (
        "large-allocation",
        &[Watch::Counting, Watch::Strict, Watch::Sanitizer],
    ),
    ("contended-lock", &[Watch::Strict, Watch::Sanitizer]),
    ("wake", &[Watch::Strict, Watch::Sanitizer]),
    ("sleep", &[Watch::Strict]),
    ("system-call", &[Watch::Strict]),
    ("write", &[Watch::Sanitizer]),
    ("panic", &[Watch::Counting, Watch::Strict, Watch::Sanitizer]),
];

/// The functions of `linked.rs`, but for the broken twin.
const ENTRIES: [&str; 6] = [
    "callback_render_f32",
    "callback_render_i16",
    "callback_render_bytes",
    "callback_record_f32",
    "callback_record_i16",
    "callback_record_bytes",
];
const BROKEN_ENTRY: &str = "broken_lock";

/// What is linked where a lock may be taken, memory be asked for, or the system be called.
const FORBIDDEN: [&str; 7] = [
    "lock_contended",
    "malloc",
    "calloc",
    "realloc",
    "memalign",
    "syscall",
    "clock_gettime",
];

fn prove(effort: Effort) -> Result<Outcome, String> {
    let callbacks = match effort {
        Effort::Quick => QUICK_CALLBACKS,
        Effort::Long => LONG_CALLBACKS,
    };
    let sanitizer = sanitizer();
    build(Watch::Counting)?;
    for watch in watches(sanitizer.is_none()) {
        build(watch)?;
        let mut probe = probe(watch);
        probe.arg(callbacks);
        run(probe)?;
    }
    build_linked()?;
    for entry in ENTRIES {
        let found = forbidden(entry)?;
        if !found.is_empty() {
            return Err(format!("{entry} reaches {}", found.join(", ")));
        }
    }
    let lacking = sanitizer.map_or(String::new(), |why| format!("; RTSan skipped: {why}"));
    Ok(Outcome::Passed(format!(
        "0 in {callbacks} callbacks of each watch, no lock in what is linked{lacking}"
    )))
}

fn broken() -> Result<Outcome, String> {
    let sanitizer = sanitizer();
    for watch in watches(sanitizer.is_none()) {
        build(watch)?;
        for (twin, seen_by) in TWINS {
            if !seen_by.contains(&watch) {
                continue;
            }
            let mut probe = probe(watch);
            probe.args(["2000", &format!("--broken={twin}")]);
            let output = probe
                .output()
                .map_err(|error| format!("cannot run {probe:?}: {error}"))?;
            if !sees(watch, twin, &output) {
                return Err(format!("{twin} was not seen: {probe:?}"));
            }
            println!("{twin}: seen by {}", name(watch));
        }
    }
    build_linked()?;
    let found = forbidden(BROKEN_ENTRY)?;
    if !found.contains(&"lock_contended") {
        return Err("a lock that is free was not seen".to_owned());
    }
    let names: Vec<_> = TWINS.iter().map(|(twin, _)| *twin).collect();
    let lacking = sanitizer.map_or(String::new(), |why| format!("; RTSan skipped: {why}"));
    Ok(Outcome::Passed(format!(
        "seen: {}, a lock that is free{lacking}",
        names.join(", ")
    )))
}

/// What a watch leaves when it has seen something.
fn sees(watch: Watch, twin: &str, output: &Output) -> bool {
    let status = output.status.code();
    match watch {
        Watch::Counting if twin == "panic" => status == Some(101),
        Watch::Counting => status == Some(1),
        // A small allocation calls nothing: the allocator counts there as well.
        Watch::Strict if twin == "allocation" => status == Some(1),
        Watch::Strict => status == Some(44),
        Watch::Sanitizer => status == Some(43),
    }
}

fn name(watch: Watch) -> &'static str {
    match watch {
        Watch::Counting => "the allocator",
        Watch::Strict => "seccomp",
        Watch::Sanitizer => "RTSan",
    }
}

fn watches(has_sanitizer: bool) -> impl Iterator<Item = Watch> {
    let all = [Watch::Counting, Watch::Strict, Watch::Sanitizer];
    all.into_iter()
        .filter(move |watch| has_sanitizer || *watch != Watch::Sanitizer)
        .filter(|watch| cfg!(target_os = "linux") || *watch != Watch::Strict)
}

/// Why RTSan is not to be had; `None` where it is.
fn sanitizer() -> Option<String> {
    let nightly = command("cargo").args(["+nightly", "--version"]).output();
    let is_there = nightly.is_ok_and(|output| output.status.success());
    (!is_there).then(|| "rustup toolchain install nightly".to_owned())
}

fn target() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

fn build(watch: Watch) -> Result<(), String> {
    let arguments = [
        "build",
        "--locked",
        "--release",
        MANIFEST,
        "--bin=callback-probe",
    ];
    if watch != Watch::Sanitizer {
        let mut build = cargo(arguments);
        build.arg("--target-dir=target/callback");
        return run(build);
    }
    let mut build = command("cargo");
    build
        .arg("+nightly")
        .args(arguments)
        .args(["--target-dir=target/callback-rtsan", "--target", &target()])
        .env("RUSTFLAGS", "--cfg=rtsan -Zsanitizer=realtime");
    // Those of the toolchain that runs this.
    build.env_remove("RUSTUP_TOOLCHAIN").env_remove("RUSTC");
    run(build)
}

fn probe(watch: Watch) -> Command {
    let folder = if watch == Watch::Sanitizer {
        format!("target/callback-rtsan/{}", target())
    } else {
        "target/callback".to_owned()
    };
    let mut probe = command(root().join(folder).join("release/callback-probe"));
    if watch == Watch::Strict {
        probe.arg("--strict");
    }
    probe
}

fn build_linked() -> Result<(), String> {
    run(cargo([
        "rustc",
        "--locked",
        "--lib",
        "--profile=linked",
        MANIFEST,
        "--target-dir=target/callback",
    ]))
}

/// Which of what is forbidden is linked where this function is entered.
fn forbidden(entry: &str) -> Result<Vec<&'static str>, String> {
    let folder = root().join("target/callback/linked");
    let linked: PathBuf = folder.join(entry);
    let cc = std::env::var_os("CC").unwrap_or_else(|| OsString::from("cc"));
    let mut link = command(cc);
    link.args(["-nostartfiles", "-Wl,--gc-sections"])
        .arg(format!("-Wl,--entry={entry},--undefined={entry}"))
        .arg(folder.join("liblinked.a"))
        .args(["-lm", "-lgcc_s"])
        .arg("-o")
        .arg(&linked);
    run(link)?;
    let mut nm = command("nm");
    let symbols = nm
        .arg(&linked)
        .output()
        .map_err(|error| format!("cannot run nm, which comes with the linker ({error})"))?;
    let symbols = String::from_utf8_lossy(&symbols.stdout);
    let is_linked = |name: &str| {
        let mut names = symbols.split_whitespace();
        names.any(|symbol| {
            symbol
                .split('@')
                .next()
                .is_some_and(|it| it.ends_with(name))
        })
    };
    if !is_linked(entry) {
        return Err(format!("{entry} is not linked: it proves nothing"));
    }
    Ok(FORBIDDEN
        .into_iter()
        .filter(|name| is_linked(name))
        .collect())
}
