//! What `cargo xtask bench` runs: measures what criterion does not, and makes a page and pictures of everything.
//!
//! ```text
//! report measure OUT [--full]
//! report draw FOLDER CRITERION MEASURED PYTHON [C-PEERS]
//! ```
// It talks to a terminal.
#![allow(missing_docs, clippy::print_stdout)]

mod criterion_rows;
mod draw;
mod measure;
mod page;
mod table;

use std::error::Error;
use std::path::{Path, PathBuf};

use benches::rows::{Measured, Python};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["measure", out] => measure::everything(false)?.write(Path::new(out)),
        ["measure", out, "--full"] => measure::everything(true)?.write(Path::new(out)),
        ["draw", folder, criterion, measured, python, c_peers @ ..] => {
            let mut measured = Measured::read(Path::new(measured))?;
            let mut rows = criterion_rows::read(Path::new(criterion))?;
            // What was only called cold has its hot row from criterion.
            for cold in measured.rows.drain(..) {
                let same =
                    |row: &&mut benches::rows::Row| row.work == cold.work && row.who == cold.who;
                if let Some(row) = rows.iter_mut().find(same) {
                    row.cold_ns = cold.cold_ns;
                }
            }
            measured.rows = rows;
            let python = Python::read(Path::new(python))?;
            let c_peers = match c_peers {
                [] => None,
                [path, ..] => Some(Measured::read(Path::new(path))?),
            };
            let folder = PathBuf::from(folder);
            std::fs::create_dir_all(&folder)?;
            draw::everything(&folder, &measured, c_peers.as_ref())?;
            page::write(&folder, &measured, &python, c_peers.as_ref())
        }
        _ => Err(
            "usage: report measure OUT [--full] | report draw FOLDER CRITERION MEASURED PYTHON [C-PEERS]"
                .into(),
        ),
    }
}
