//! Dependencies whose name no source says.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};

use super::{Crate, Kind, crates};
use crate::command::root;
use crate::files::{read, shown, sources};

/// Names every dependency that is never named.
pub(super) fn check(crates: &[Crate]) -> Result<(), String> {
    let mut faults = Vec::new();
    for one in crates {
        let folder = Path::new(&one.manifest).parent().unwrap_or(Path::new(""));
        let source = Named::read(&folder.join("src"))?;
        let mut all = vec![source];
        for beside in ["tests", "examples", "benches"] {
            let beside = folder.join(beside);
            if beside.is_dir() {
                all.push(Named::read(&beside)?);
            }
        }
        for (name, kind) in &one.dependencies {
            let is_used = match kind {
                Kind::Normal => all.iter().take(1).any(|named| named.code.contains(name)),
                Kind::Dev => all.iter().any(|named| named.has(name)),
            };
            // What a crate says of itself is for its tests' features.
            if !is_used && *name != one.name.replace('-', "_") {
                faults.push(format!("{}: {name} is used nowhere", one.name));
            }
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("\n"))
    }
}

/// What is named in the sources of a folder.
#[derive(Default)]
struct Named {
    /// Every identifier.
    code: BTreeSet<String>,
    /// All of it as text: the examples of the documentation are code as well.
    text: String,
}

impl Named {
    fn read(folder: &Path) -> Result<Self, String> {
        let mut named = Self::default();
        for path in sources(folder)? {
            let text = read(&path)?;
            let tokens: TokenStream = text
                .parse()
                .map_err(|error| format!("{}: {error}", shown(&path)))?;
            collect(tokens, &mut named.code);
            named.text += &text;
        }
        Ok(named)
    }

    fn has(&self, name: &str) -> bool {
        self.code.contains(name) || self.text.contains(&format!("{name}::"))
    }
}

fn collect(tokens: TokenStream, names: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(name) => {
                names.insert(name.to_string());
            }
            TokenTree::Group(group) => collect(group.stream(), names),
            _ => (),
        }
    }
}

/// A crate that names one of its two dependencies.
pub(super) fn broken() -> Result<Vec<&'static str>, String> {
    let folder = root().join("target/unused");
    let manifest = "[package]\nname = \"unused\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
        pcm-convert = { path = \"../../crates/pcm-convert\" }\nchannel-mix = { path = \"../../crates/channel-mix\" }\n";
    let source = "//! channel_mix is named in a comment only.\npub use pcm_convert::Sample;\n";
    let write = || {
        fs::create_dir_all(folder.join("src"))?;
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::write(folder.join("src/lib.rs"), source)
    };
    write().map_err(|error| format!("target/unused: {error}"))?;
    let scratch = crates(Some("target/unused/Cargo.toml"))?;
    match check(&scratch) {
        Err(words) if words == "unused: channel_mix is used nowhere" => {
            Ok(vec!["an unused dependency"])
        }
        Err(words) => Err(format!("of an unused dependency it says: {words}")),
        Ok(()) => Err("an unused dependency was not caught".to_owned()),
    }
}
