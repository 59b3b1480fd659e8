//! A crate's files as modules: what each defines, and what it imports.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use syn::visit::Visit;
use syn::{Attribute, Item, ItemUse, UseTree, Visibility};

use crate::files::{read, shown, sources};

/// A path from the crate's root: `crate::` is left off.
pub(super) type Name = Vec<String>;

/// One file.
#[derive(Default)]
pub(super) struct Module {
    pub(super) name: Name,
    /// What stands in it: types, functions, macros, modules within the file.
    pub(super) items: HashSet<String>,
    /// What it imports, by the name that it has here; globs have the name `*`.
    pub(super) imports: Vec<Import>,
    /// Paths that begin with `crate`, `self`, `super` or a name, as they are written outside of imports.
    pub(super) paths: Vec<Name>,
}

/// A name that is imported.
pub(super) struct Import {
    pub(super) name: String,
    pub(super) path: Name,
    /// It is passed on under this module's own name.
    pub(super) is_public: bool,
}

/// All files of a crate but its tests.
pub(super) struct Modules {
    pub(super) all: Vec<Module>,
    by_name: HashMap<Name, usize>,
}

impl Modules {
    pub(super) fn read(source: &Path) -> Result<Self, String> {
        let mut modules = Self {
            all: Vec::new(),
            by_name: HashMap::new(),
        };
        // A file that another includes under a name of its own choice has the name of its place all the same.
        for path in sources(source)? {
            let file = syn::parse_file(&read(&path)?)
                .map_err(|error| format!("{}: {error}", shown(&path)))?;
            let below = path
                .strip_prefix(source)
                .unwrap_or(&path)
                .with_extension("");
            let mut name: Name = below
                .iter()
                .map(|part| part.to_string_lossy().into_owned())
                .collect();
            let is_root = matches!(name.as_slice(), [only] if only == "lib" || only == "main");
            if is_root || name.last().is_some_and(|last| last == "mod") {
                name.pop();
            }
            if name.iter().any(|part| part == "tests" || part == "model") || is_test(&file.attrs) {
                continue;
            }
            let mut module = Module {
                name: name.clone(),
                ..Module::default()
            };
            module.visit_file(&file);
            modules.by_name.insert(name, modules.all.len());
            modules.all.push(module);
        }
        Ok(modules)
    }

    pub(super) fn find(&self, name: &[String]) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    pub(super) fn name(&self, module: usize) -> String {
        let name = self.all.get(module).map(|module| module.name.join("/"));
        name.filter(|name| !name.is_empty())
            .unwrap_or_else(|| "(root)".to_owned())
    }
}

impl<'ast> Visit<'ast> for Module {
    fn visit_item(&mut self, item: &'ast Item) {
        let (name, attributes) = match item {
            Item::Const(item) => (Some(&item.ident), &item.attrs),
            Item::Enum(item) => (Some(&item.ident), &item.attrs),
            Item::Fn(item) => (Some(&item.sig.ident), &item.attrs),
            Item::Impl(item) => (None, &item.attrs),
            Item::Macro(item) => (item.ident.as_ref(), &item.attrs),
            Item::Mod(item) => (item.content.as_ref().map(|_| &item.ident), &item.attrs),
            Item::Static(item) => (Some(&item.ident), &item.attrs),
            Item::Struct(item) => (Some(&item.ident), &item.attrs),
            Item::Trait(item) => (Some(&item.ident), &item.attrs),
            Item::Type(item) => (Some(&item.ident), &item.attrs),
            Item::Union(item) => (Some(&item.ident), &item.attrs),
            Item::Use(item) => (None, &item.attrs),
            _ => return,
        };
        if is_test(attributes) {
            return;
        }
        if let Some(name) = name {
            self.items.insert(name.to_string());
        }
        syn::visit::visit_item(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let is_public = !matches!(item.vis, Visibility::Inherited);
        flatten(&item.tree, &mut Vec::new(), is_public, &mut self.imports);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = path.segments.iter().map(|part| part.ident.to_string());
        self.paths.push(names.collect());
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.look_into(call.tokens.clone());
    }

    // Who may see an item is no import.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

impl Module {
    /// Paths in a macro's tokens, which nobody else parses.
    fn look_into(&mut self, tokens: proc_macro2::TokenStream) {
        use proc_macro2::TokenTree::{Group, Ident, Punct};
        let mut path: Name = Vec::new();
        let mut colons = 0;
        let mut last = String::new();
        for token in tokens {
            match token {
                Ident(word) => {
                    if colons != 2 {
                        self.end_path(&mut path);
                    }
                    // `pub(in crate::simd)` names no item.
                    if last != "in" {
                        path.push(word.to_string());
                    }
                    last = word.to_string();
                    colons = 0;
                }
                Punct(sign) if sign.as_char() == ':' => colons += 1,
                Punct(_) => {
                    self.end_path(&mut path);
                    colons = 0;
                }
                Group(group) => {
                    self.end_path(&mut path);
                    colons = 0;
                    self.look_into(group.stream());
                }
                proc_macro2::TokenTree::Literal(_) => self.end_path(&mut path),
            }
        }
        self.end_path(&mut path);
    }

    fn end_path(&mut self, path: &mut Name) {
        if path.len() > 1 {
            self.paths.push(core::mem::take(path));
        }
        path.clear();
    }
}

fn flatten(tree: &UseTree, before: &mut Name, is_public: bool, found: &mut Vec<Import>) {
    let mut add = |name: String, last: String| {
        let mut path = before.clone();
        if last != "self" {
            path.push(last);
        }
        found.push(Import {
            name,
            path,
            is_public,
        });
    };
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            flatten(&path.tree, before, is_public, found);
            before.pop();
        }
        UseTree::Name(name) if name.ident == "self" => {
            add(
                before.last().cloned().unwrap_or_default(),
                "self".to_owned(),
            );
        }
        UseTree::Name(name) => add(name.ident.to_string(), name.ident.to_string()),
        UseTree::Rename(rename) => add(rename.rename.to_string(), rename.ident.to_string()),
        UseTree::Glob(_) => add("*".to_owned(), "self".to_owned()),
        UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, before, is_public, found);
            }
        }
    }
}

/// Whether something is there for tests alone.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg")
                && attribute
                    .parse_args::<syn::Meta>()
                    .is_ok_and(|condition| asks_for_test(&condition))
    })
}

fn asks_for_test(condition: &syn::Meta) -> bool {
    match condition {
        syn::Meta::Path(path) => path.is_ident("test"),
        syn::Meta::List(list) if list.path.is_ident("all") => list
            .parse_args_with(
                syn::punctuated::Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated,
            )
            .is_ok_and(|conditions| conditions.iter().any(asks_for_test)),
        _ => false,
    }
}
