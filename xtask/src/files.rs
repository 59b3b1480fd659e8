//! The project's files.

use std::path::{Path, PathBuf};

use crate::command::root;

/// A file's text.
pub(crate) fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", shown(path)))
}

/// A path as it is known in the project.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let say = |error| format!("{}: {error}", shown(folder));
    let entries = std::fs::read_dir(folder).map_err(say)?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(say)?;
    paths.sort();
    Ok(paths)
}

/// The folders in a folder, by name.
pub(crate) fn folders(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut paths = entries(folder)?;
    paths.retain(|path| path.is_dir());
    Ok(paths)
}

/// Every Rust file below a folder, but for what is built there.
pub(crate) fn sources(folder: &Path) -> Result<Vec<PathBuf>, String> {
    below(folder, "rs")
}

/// Every file below a folder whose name ends so, but for what is built there.
pub(crate) fn below(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for path in entries(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            found.extend(below(&path, ending)?);
        } else if path
            .extension()
            .is_some_and(|extension| extension == ending)
        {
            found.push(path);
        }
    }
    Ok(found)
}
