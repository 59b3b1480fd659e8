//! Which file needs which.

use std::collections::BTreeSet;

use super::modules::{Modules, Name};

/// Pairs of files: the first names something that the second defines. A folder's own `mod` and `pub use` lines, which
/// only show what stands in it, are no such need.
pub(super) fn of(modules: &Modules) -> BTreeSet<(usize, usize)> {
    let mut edges = BTreeSet::new();
    for (at, module) in modules.all.iter().enumerate() {
        let mut need = |path: &[String], is_shown: bool| {
            if let Some(to) = resolve(modules, at, path, 0) {
                let is_below = modules
                    .all
                    .get(to)
                    .is_some_and(|to| to.name.starts_with(&module.name));
                if to != at && !(is_shown && is_below) {
                    edges.insert((at, to));
                }
            }
        };
        for import in &module.imports {
            need(&import.path, import.is_public);
        }
        // A name alone is a local one, or was imported.
        for path in module.paths.iter().filter(|path| path.len() > 1) {
            need(path, false);
        }
    }
    edges
}

/// The file that defines what a path names, as seen from module `at`; `None` for other crates' items.
fn resolve(modules: &Modules, at: usize, path: &[String], depth: usize) -> Option<usize> {
    // Two modules may import each other whole.
    if depth > 16 {
        return None;
    }
    let module = modules.all.get(at)?;
    let Some((first, rest)) = path.split_first() else {
        return Some(at);
    };
    let below = |parent: &[String], name: &str| -> Name {
        let mut all = parent.to_vec();
        all.push(name.to_owned());
        all
    };
    match first.as_str() {
        "crate" => return resolve(modules, modules.find(&[])?, rest, depth + 1),
        "self" => return resolve(modules, at, rest, depth + 1),
        "super" => {
            let (_, parent) = module.name.split_last()?;
            return resolve(modules, modules.find(parent)?, rest, depth + 1);
        }
        _ => {}
    }
    if let Some(child) = modules.find(&below(&module.name, first)) {
        return resolve(modules, child, rest, depth + 1);
    }
    if module.items.contains(first) {
        return Some(at);
    }
    if let Some(import) = module.imports.iter().find(|import| import.name == *first) {
        let mut whole = import.path.clone();
        whole.extend_from_slice(rest);
        return resolve(modules, at, &whole, depth + 1);
    }
    let globs = module.imports.iter().filter(|import| import.name == "*");
    globs
        .filter_map(|glob| resolve(modules, at, &glob.path, depth + 1))
        .filter(|target| *target != at)
        .find_map(|target| resolve(modules, target, path, depth + 4))
}

/// Groups of files that need each other in a circle.
pub(super) fn circles(edges: &BTreeSet<(usize, usize)>) -> Vec<BTreeSet<usize>> {
    let reach = |from: usize| {
        let mut seen = BTreeSet::new();
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            for (_, to) in edges.range((at, 0)..=(at, usize::MAX)) {
                if seen.insert(*to) {
                    open.push(*to);
                }
            }
        }
        seen
    };
    let files: BTreeSet<_> = edges.iter().map(|(from, _)| *from).collect();
    let mut found: Vec<BTreeSet<usize>> = Vec::new();
    for file in files {
        if found.iter().any(|circle| circle.contains(&file)) {
            continue;
        }
        let ahead = reach(file);
        if ahead.contains(&file) {
            let circle = ahead
                .into_iter()
                .filter(|other| reach(*other).contains(&file));
            found.push(circle.collect());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_found_and_a_line_is_none() {
        let line = BTreeSet::from([(0, 1), (1, 2), (0, 2)]);
        assert!(circles(&line).is_empty());
        let ring = BTreeSet::from([(0, 1), (1, 2), (2, 0), (3, 0), (4, 5), (5, 4)]);
        let found = circles(&ring);
        assert_eq!(found, [BTreeSet::from([0, 1, 2]), BTreeSet::from([4, 5])]);
    }
}
