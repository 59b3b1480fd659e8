//! Running other programs.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}

/// A command in the workspace's root.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// The cargo that runs this, with these arguments.
pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = command(cargo);
    command.args(arguments);
    command
}

/// Tells this program, which cargo then calls as the workspace's compiler, that it is that.
const SCALAR: &str = "XTASK_SCALAR";

/// A cargo that compiles the workspace's crates without vectors. Other people's crates are compiled as ever, so that
/// what is built of them is used again: `RUSTFLAGS` would have them compiled anew.
pub(crate) fn scalar_cargo<'a>(
    arguments: impl IntoIterator<Item = &'a str>,
) -> Result<Command, String> {
    let this = env::current_exe().map_err(|error| format!("which program this is: {error}"))?;
    let mut command = cargo(arguments);
    command
        .env("RUSTC_WORKSPACE_WRAPPER", this)
        .env(SCALAR, "1");
    Ok(command)
}

/// The compiler, where this program is called in its place.
pub(crate) fn compiler() -> Option<Command> {
    env::var_os(SCALAR)?;
    let mut arguments = env::args_os().skip(1);
    let mut compiler = Command::new(arguments.next()?);
    compiler.args(arguments).args(["--cfg", "dsp_force_scalar"]);
    Some(compiler)
}

/// Runs to a successful end, or says what failed.
pub(crate) fn run(mut command: Command) -> Result<(), String> {
    let shown = format!("{command:?}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("failed ({status}): {shown}")),
        Err(error) => Err(format!("cannot run ({error}): {shown}")),
    }
}
