//! What the programs that measure write, and the report reads.

use std::error::Error;
use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::machine::Machine;

/// Whose row it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// This project's.
    Ours,
    /// Another's.
    Peer,
    /// A copy of the bytes that the work writes.
    Floor,
}

/// What one work costs one of those who do it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    /// The work's name.
    pub work: String,
    /// Who does it, and how.
    pub who: String,
    /// Whose it is.
    pub kind: Kind,
    /// The fastest sample, in nanoseconds a call. Not there where only the cold cost was measured.
    pub ns: Option<f64>,
    /// How far the median sample stands above it, as a part of it.
    pub spread: f64,
    /// The median of single calls with sleeps between, in nanoseconds.
    pub cold_ns: Option<f64>,
}

/// What a resampler does to sound.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sound {
    /// The name of the work of which it is: a resampling.
    pub work: String,
    /// Who does it, as in the rows.
    pub who: String,
    /// Whose it is.
    pub kind: Kind,
    /// 997 Hz over everything else, in dB.
    pub low_db: f64,
    /// 0.9 of the lower Nyquist frequency over everything else, in dB.
    pub high_db: f64,
    /// Gain over frequency, where it was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response: Vec<f32>,
    /// The spectrogram of a sweep, where it was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sweep: Vec<Vec<u8>>,
}

impl Sound {
    /// The worse of the two.
    #[must_use]
    pub fn worst_db(&self) -> f64 {
        self.low_db.min(self.high_db)
    }
}

/// What a block costs in Python: medians, in nanoseconds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Timing {
    /// Who does it, and how.
    pub name: String,
    /// In a loop, where everything is in the caches.
    pub loop_ns: Option<u64>,
    /// Every 10 ms, as a device calls.
    pub paced_ns: Option<u64>,
}

/// What Python's program measured, or why it could not.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Python {
    /// Its rows.
    Rows(Vec<Timing>),
    /// What was missing.
    Skipped(String),
}

impl Python {
    /// Reads what the program wrote.
    ///
    /// # Errors
    /// If there is no such file, or it is another's.
    pub fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        read(path)
    }
}

/// A line of a picture.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    /// Which picture it is of.
    pub picture: String,
    /// What it is called there.
    pub name: String,
    /// Its points: what was varied, and the cost in nanoseconds.
    pub points: Vec<(f64, f64)>,
}

/// How long callbacks took, in nanoseconds, in the order of time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Callbacks {
    /// With nothing else to do.
    pub quiet: Vec<u32>,
    /// Beside two busy threads a core.
    pub loaded: Vec<u32>,
}

/// All that a program measured.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Measured {
    /// Where.
    pub machine: Machine,
    /// Costs by work.
    pub rows: Vec<Row>,
    /// What resamplers do.
    pub sounds: Vec<Sound>,
    /// Costs over something.
    #[serde(default)]
    pub lines: Vec<Line>,
    /// The callback, again and again.
    #[serde(default)]
    pub callbacks: Callbacks,
    /// What could not be measured here, and why.
    #[serde(default)]
    pub skipped: Vec<String>,
}

impl Measured {
    /// Reads what a program wrote.
    ///
    /// # Errors
    /// If there is no such file, or it is another's.
    pub fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        read(path)
    }

    /// Writes it for the report.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Box<dyn Error>> {
        let text = serde_json::to_string(self)?;
        fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()).into())
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Box<dyn Error>> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}
