//! The shape of the source: how long files are, where `unsafe` stands, and that files import each other one way.

mod imports;
mod modules;

use std::collections::BTreeSet;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};

use self::modules::Modules;
use crate::command::root;
use crate::files::{folders, read, shown, sources};

/// No file is longer, tests included.
const MOST_LINES: usize = 500;
/// `unsafe` in all crates' sources, counted as words.
const MOST_UNSAFE: usize = 80;
/// The folders, below a crate's `src`, that may hold it, and the one file that sees samples as bytes.
const UNSAFE_IN: [&str; 2] = ["simd/", "cast.rs"];

pub(crate) const USAGE: &str = "usage: cargo xtask house [--imports CRATE]";

/// What a crate's sources look like.
struct Row {
    name: String,
    files: usize,
    lines: usize,
    median: usize,
    longest: (usize, String),
    unsafe_words: usize,
    circles: usize,
}

pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    match arguments {
        [] => check(),
        [flag, name] if flag == "--imports" => {
            let modules = Modules::read(&root().join("crates").join(name).join("src"))?;
            for (from, to) in imports::of(&modules) {
                println!("{} -> {}", modules.name(from), modules.name(to));
            }
            Ok(())
        }
        _ => Err(USAGE.to_owned()),
    }
}

/// Prints a table of the crates and fails where one breaks a rule.
pub(crate) fn check() -> Result<(), String> {
    let mut faults = Vec::new();
    let mut rows = Vec::new();
    for krate in folders(&root().join("crates"))? {
        rows.push(look_at(&krate, &mut faults)?);
    }
    for path in sources(&root())? {
        let lines = read(&path)?.lines().count();
        if lines > MOST_LINES {
            faults.push(format!(
                "{} has {lines} lines; {MOST_LINES} are the most: split it by what its parts are for",
                shown(&path)
            ));
        }
    }
    let unsafe_words: usize = rows.iter().map(|row| row.unsafe_words).sum();
    if unsafe_words > MOST_UNSAFE {
        faults.push(format!(
            "{unsafe_words} `unsafe` in all; {MOST_UNSAFE} are the most"
        ));
    }
    println!(
        "{:<13} {:>5} {:>6} {:>6} {:>7} {:>6} {:>7}  longest",
        "crate", "files", "lines", "median", "longest", "unsafe", "circles"
    );
    for row in &rows {
        println!(
            "{:<13} {:>5} {:>6} {:>6} {:>7} {:>6} {:>7}  {}",
            row.name,
            row.files,
            row.lines,
            row.median,
            row.longest.0,
            row.unsafe_words,
            row.circles,
            row.longest.1
        );
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("\n"))
    }
}

fn look_at(krate: &Path, faults: &mut Vec<String>) -> Result<Row, String> {
    let source = krate.join("src");
    let modules = Modules::read(&source)?;
    let mut lengths = Vec::new();
    let mut unsafe_words = 0;
    for path in sources(&source)? {
        let text = read(&path)?;
        let below = path.strip_prefix(&source).unwrap_or(&path);
        let below = below.to_string_lossy().into_owned();
        lengths.push((text.lines().count(), below.clone()));
        let tokens: TokenStream = text
            .parse()
            .map_err(|error| format!("{}: {error}", shown(&path)))?;
        let words = count_unsafe(tokens);
        unsafe_words += words;
        if words > 0 && !UNSAFE_IN.iter().any(|place| below.starts_with(place)) {
            faults.push(format!(
                "{}: `unsafe` belongs into {}",
                shown(&path),
                UNSAFE_IN.join(" or ")
            ));
        }
    }
    lengths.sort();
    let circles = imports::circles(&imports::of(&modules));
    for circle in &circles {
        let names: BTreeSet<_> = circle.iter().map(|module| modules.name(*module)).collect();
        let names: Vec<_> = names.into_iter().collect();
        faults.push(format!(
            "{}: these files import each other in a circle: {} (cargo xtask house --imports shows who whom)",
            shown(krate),
            names.join(", ")
        ));
    }
    Ok(Row {
        name: krate
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        files: lengths.len(),
        lines: lengths.iter().map(|(lines, _)| lines).sum(),
        median: lengths
            .get(lengths.len() / 2)
            .map_or(0, |(lines, _)| *lines),
        longest: lengths.pop().unwrap_or_default(),
        unsafe_words,
        circles: circles.len(),
    })
}

/// The keyword, wherever it stands but in comments and strings.
fn count_unsafe(tokens: TokenStream) -> usize {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Ident(word) => usize::from(word == "unsafe"),
            TokenTree::Group(group) => count_unsafe(group.stream()),
            _ => 0,
        })
        .sum()
}
