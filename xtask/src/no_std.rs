//! Proves that the leaves and the engine need no `std`: a static library that has its own panic
//! handler, linked into a C program and run.

use std::fs;

use crate::command::{cargo, command, root, run};

pub(crate) fn check() -> Result<(), String> {
    run(cargo([
        "build",
        "--locked",
        "--release",
        "--manifest-path=xtask/no-std-probe/Cargo.toml",
        "--target-dir=target/no-std",
    ]))?;
    let folder = root().join("target/no-std/release");
    let program = folder.join("probe");
    let _ = fs::remove_file(&program);
    let mut link = command(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    link.arg("xtask/no-std-probe/main.c")
        .arg(folder.join("libno_std_probe.a"))
        .arg("-o")
        .arg(&program);
    run(link)?;
    run(command(&program))
}
