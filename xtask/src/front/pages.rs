//! The documentation as it is built: what is met first has an example, and what a README names is there.

use std::collections::BTreeMap;
use std::path::Path;

use crate::command::root;
use crate::files::{below, folders, read, shown};

/// Names in the READMEs of what is not this project's.
const FOREIGN: [&str; 13] = [
    "Clone",
    "Fft",
    "From",
    "InvalidSampleRate",
    "Sync",
    "WAVEFORMATEXTENSIBLE",
    "abort()",
    "ceil(frames_in * to / from)",
    "f32::MAX",
    "f32::round",
    "quad(side)",
    "std::io::Write",
    "stop()",
];

/// A page of an item.
struct Page {
    has_example: bool,
    /// The names of the methods, variants and fields on it.
    parts: Vec<String>,
}

/// The pages of all crates, by the items' names.
type Pages = BTreeMap<String, Vec<Page>>;

/// Looks at what `cargo doc` has made.
pub(crate) fn check() -> Result<(), String> {
    let mut faults = Vec::new();
    let mut pages = Pages::new();
    let mut texts = vec![root().join("README.md")];
    texts.extend(below(&root().join("docs"), "md")?);
    for folder in folders(&root().join("crates"))? {
        let library = folder.join("src/lib.rs");
        // The tool is a library for its own other forms only.
        if !library.exists() || folder.join("src/main.rs").exists() {
            continue;
        }
        texts.push(folder.join("README.md"));
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let own = pages_of(&root().join("target/doc").join(name.replace('-', "_")))?;
        let library = read(&library)?;
        let first = met_first(&library);
        if first.is_empty() {
            faults.push(format!("{name}: `src/lib.rs` does not list where to begin"));
        }
        let bare = first.iter().filter(|item| !has_example(&own, item));
        faults.extend(bare.map(|item| format!("{name}: {item} is met first, and has no example")));
        let all = own.values().flatten();
        let with = all.clone().filter(|page| page.has_example).count();
        println!("{name}: {with} of {} pages have an example", all.count());
        for (item, more) in own {
            pages.entry(item).or_default().extend(more);
        }
    }
    for path in texts {
        let text = read(&path)?;
        let gone = named(&text).filter(|name| !FOREIGN.contains(name) && !is_there(&pages, name));
        faults.extend(gone.map(|name| format!("{}: there is no page of {name}", shown(&path))));
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("\n"))
    }
}

/// The pages of one crate; those that only lead to another are none.
fn pages_of(folder: &Path) -> Result<Pages, String> {
    const KINDS: [&str; 7] = ["constant", "enum", "fn", "macro", "struct", "trait", "type"];
    let mut pages = Pages::new();
    for path in below(folder, "html")? {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let Some((kind, rest)) = file.split_once('.') else {
            continue;
        };
        let text = read(&path)?;
        if KINDS.contains(&kind) && !text.contains("http-equiv=\"refresh\"") {
            let item = rest.trim_end_matches(".html").to_owned();
            pages.entry(item).or_default().push(page(&text));
        }
    }
    Ok(pages)
}

fn page(text: &str) -> Page {
    let ids = text.split("id=\"").skip(1);
    let parts = ids.filter_map(|rest| {
        let (kind, name) = rest.split('"').next()?.split_once('.')?;
        [
            "method",
            "tymethod",
            "variant",
            "structfield",
            "associatedconstant",
        ]
        .contains(&kind)
        .then(|| name.to_owned())
    });
    Page {
        has_example: text.contains("rust-example-rendered"),
        parts: parts.collect(),
    }
}

fn has_example(pages: &Pages, item: &str) -> bool {
    let mut all = pages.get(item).into_iter().flatten();
    all.any(|page| page.has_example)
}

/// The items that a crate's first page lists as those to begin with, but for modules.
fn met_first(library: &str) -> Vec<&str> {
    let lines = library
        .lines()
        .filter_map(|line| line.strip_prefix("//! - "));
    let links = lines.flat_map(|line| line.split("[`").skip(1));
    let items = links.filter_map(|rest| rest.split("`]").next());
    items
        .filter(|item| !library.contains(&format!("pub mod {item};")))
        .collect()
}

/// What a text names as an item of Rust: types, paths and calls between backquotes, outside of programs. A word in small
/// letters may be anything.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let prose = text.split("\n```").step_by(2);
    let spans = prose.flat_map(|prose| prose.split('`').skip(1).step_by(2));
    spans.filter(|span| {
        let path = span.split('(').next().unwrap_or_default();
        let is_path = !path.starts_with(|c: char| c.is_numeric())
            && path
                .split(['.', ':'])
                .all(|word| word.chars().all(|c| c.is_alphanumeric() || c == '_'));
        let is_call = span.ends_with(')') && !path.is_empty();
        let is_type = path.starts_with(|c: char| c.is_uppercase())
            && path.contains(|c: char| c.is_lowercase());
        is_path && (is_call || !path.contains('.') && (is_type || path.contains("::")))
    })
}

/// `Item`, `Item::part`, `module::item`, `value.part()`.
fn is_there(pages: &Pages, name: &str) -> bool {
    let path = name.split('(').next().unwrap_or_default();
    let mut words = path.rsplit(['.', ':']).filter(|word| !word.is_empty());
    let (Some(last), of) = (words.next(), words.next()) else {
        return false;
    };
    let is_part = |page: &Page| page.parts.iter().any(|part| part == last);
    let owner = of.and_then(|of| pages.get(of));
    match owner {
        Some(owner) => owner.iter().any(is_part),
        None => pages.contains_key(last) || pages.values().flatten().any(is_part),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_that_are_gone_are_seen() {
        let text = "<h1>x</h1><section id=\"method.push\"><div id=\"variant.Live\">";
        let pages = Pages::from([("Feeder".to_owned(), vec![page(text)])]);
        for there in [
            "Feeder",
            "Feeder::push",
            "feeder.push(x)",
            "Gaps::Live",
            "push()",
        ] {
            assert!(is_there(&pages, there), "{there}");
        }
        for gone in ["Feeders", "Feeder::pull", "feeder.pull(x)", "pull()"] {
            assert!(!is_there(&pages, gone), "{gone}");
        }
        assert!(!has_example(&pages, "Feeder"));
    }

    #[test]
    fn names_of_items_are_told_from_other_words() {
        let text = "`Feeder` and `a::b`, `f()` `x.f(1)` but not `cpal`, `--help`, `FL,FR`, `5.1(back)`, `Cargo.toml`, `WAV`\n```sh\n`Gone`\n```\n`Config`";
        let all: Vec<_> = named(text).collect();
        assert_eq!(all, ["Feeder", "a::b", "f()", "x.f(1)", "Config"]);
    }

    #[test]
    fn those_met_first_are_the_links_of_the_list() {
        let text = "//! [`No`]\n//! - [`A`] and [`b`]: x\n//! - [`c`].\npub mod c;\n";
        assert_eq!(met_first(text), ["A", "b"]);
    }
}
