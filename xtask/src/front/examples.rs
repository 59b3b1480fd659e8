//! Every example, without a sound card, to its end.

use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::command::{cargo, command, root, run};
use crate::files::{folders, sources};

/// How long one may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Builds and runs them. The features are those of the tests, whose builds of the crates are used again.
pub(super) fn check(features: &str) -> Result<(), String> {
    run(cargo([
        "test",
        "--quiet",
        "--no-run",
        "--locked",
        "--workspace",
        "--exclude=benches",
        "--target-dir=target",
        features,
    ]))?;
    let mut names = Vec::new();
    for folder in folders(&root().join("crates"))? {
        let examples = folder.join("examples");
        if !examples.is_dir() {
            continue;
        }
        for path in sources(&examples)? {
            let is_program = path.parent() == Some(&examples) || path.ends_with("main.rs");
            let of_folder = path.parent().filter(|parent| *parent != examples);
            let name = of_folder.unwrap_or(&path).file_stem();
            names.extend(name.filter(|_| is_program).map(ToOwned::to_owned));
        }
    }
    if names.is_empty() {
        return Err("there are no examples".to_owned());
    }
    for name in &names {
        let name = name.to_string_lossy();
        println!("-- {name}");
        let mut example = command(root().join("target/debug/examples").join(&*name));
        example.stdin(Stdio::null());
        let child = example
            .spawn()
            .map_err(|error| format!("{name}: {error}"))?;
        wait(child).map_err(|words| format!("the example {name} {words}"))?;
    }
    println!("{} examples", names.len());
    Ok(())
}

fn wait(mut child: Child) -> Result<(), String> {
    let begin = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("failed ({status})")),
            Ok(None) if begin.elapsed() > LIMIT => {
                let _ = child.kill();
                return Err(format!("did not end within {} s", LIMIT.as_secs()));
            }
            Ok(None) => sleep(Duration::from_millis(20)),
            Err(error) => return Err(error.to_string()),
        }
    }
}
