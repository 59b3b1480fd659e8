//! READMEs, as crates.io and GitHub show them.

use std::fs;
use std::path::Path;

use crate::command::{cargo, root, run};
use crate::files::{folders, read, shown};

/// What a README's first program needs besides the crate itself.
const NEEDS: [(&str, &str); 1] = [("device-io", "rt-callback")];

pub(super) fn check() -> Result<(), String> {
    let mut faults = Vec::new();
    for folder in folders(&root().join("crates"))? {
        let path = folder.join("README.md");
        let text = read(&path)?;
        faults.extend(faults_of(&text).map(|fault| format!("{}: {fault}", shown(&path))));
        let package = folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        match first_program(&text) {
            // The tool's README has commands.
            None if package == "outdata" => {}
            None => faults.push(format!("{}: there is no program", shown(&path))),
            Some(program) => compile(&package, program)?,
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("\n"))
    }
}

/// What is shown as it stands where rustdoc does not read it.
fn faults_of(text: &str) -> impl Iterator<Item = String> {
    let mut is_code = false;
    let mut titles = 0;
    let mut faults = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let at = |fault: &str| format!("line {}: {fault}", number + 1);
        if let Some(language) = line.strip_prefix("```") {
            if !is_code && language.is_empty() {
                faults.push(at("a fence says what is in it"));
            }
            is_code = !is_code;
        } else if is_code {
            if line == "#" || line.starts_with("# ") && line.ends_with([';', '{', '}', ')']) {
                faults.push(at("a line that only rustdoc hides"));
            }
        } else if line.starts_with("# ") {
            titles += 1;
        } else if is_intra_doc(line) {
            faults.push(at("a link that only rustdoc follows"));
        }
    }
    if titles != 1 {
        faults.push(format!("{titles} titles of the first rank"));
    }
    faults.into_iter()
}

/// "[`Name`]" without a target, or with a path of Rust's for one.
fn is_intra_doc(line: &str) -> bool {
    let has_no_target = line
        .match_indices("`]")
        .any(|(at, _)| !line[at + 2..].starts_with(['(', ':']) && line[..at].contains("[`"));
    has_no_target
        || line.match_indices("](").any(|(at, _)| {
            let target = &line[at + 2..];
            let target = target.split(')').next().unwrap_or_default();
            target.contains("::") || (!target.contains(['.', '/', '#']) && !target.is_empty())
        })
}

/// The first fence of Rust.
fn first_program(text: &str) -> Option<&str> {
    let fence = "```rust\n";
    let begin = text.find(fence)? + fence.len();
    let rest = text.get(begin..)?;
    rest.split("\n```").next()
}

/// Checks it as the program of a project that depends on the crate by its path, as `cargo add --path` writes it.
fn compile(package: &str, program: &str) -> Result<(), String> {
    let folder = root().join("target/newcomer").join(package);
    let mut dependencies = String::new();
    let needed = NEEDS.iter().filter(|(of, _)| *of == package);
    for name in needed.map(|(_, name)| *name).chain([package]) {
        let path = root().join("crates").join(name);
        dependencies += &format!("{name} = {{ path = {path:?} }}\n");
    }
    let manifest = format!(
        "[package]\nname = \"newcomer-{package}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [dependencies]\n{dependencies}\n[workspace]\n"
    );
    let main = match program.contains("fn main()") {
        true => program.to_owned(),
        false => format!("fn main() {{\n{program}\n}}\n"),
    };
    let write = |path: &Path, text: &str| {
        fs::create_dir_all(path.parent().unwrap_or(path))?;
        fs::write(path, text)
    };
    // The workspace's versions: nothing is asked of the registry.
    let lock = read(&root().join("Cargo.lock"))?;
    write(&folder.join("Cargo.toml"), &manifest)
        .and_then(|()| write(&folder.join("src/main.rs"), &main))
        .and_then(|()| write(&folder.join("Cargo.lock"), &lock))
        .map_err(|error| format!("{}: {error}", shown(&folder)))?;
    let manifest = folder.join("Cargo.toml");
    let mut check = cargo(["check", "--quiet", "--target-dir=target/newcomer/target"]);
    check.arg("--manifest-path").arg(manifest);
    run(check).map_err(|words| format!("{package}'s README: {words}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_rustdoc_reads_is_a_fault() {
        let good = "# a\n[`x`](https://a.b/c) and `y` [z](docs/z.md)\n```rust\nlet a = [`b`];\n# [attribute]\n```\n";
        assert_eq!(faults_of(good).collect::<Vec<_>>(), [""; 0]);
        for (bad, words) in [
            ("# a\n[`x`] is\n", "line 2: a link"),
            ("# a\n[x](y::Z)\n", "line 2: a link"),
            ("# a\n[x](Z)\n", "line 2: a link"),
            ("# a\n```\n```\n", "line 2: a fence"),
            ("# a\n```rust\n# fn f() {}\n```\n", "line 3: a line"),
            ("# a\n# b\n", "2 titles"),
        ] {
            let faults: Vec<_> = faults_of(bad).collect();
            assert!(
                faults.len() == 1 && faults[0].starts_with(words),
                "{bad}: {faults:?}"
            );
        }
    }

    #[test]
    fn the_first_program_is_the_first_fence_of_rust() {
        let text = "# a\n```sh\ncargo add\n```\n```rust\nlet b = 1;\n```\n```rust\nlet c;\n```\n";
        assert_eq!(first_program(text), Some("let b = 1;"));
        assert_eq!(first_program("# a\n"), None);
    }
}
