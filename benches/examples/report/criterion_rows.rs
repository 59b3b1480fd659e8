//! Rows from the files that criterion leaves: of each benchmark its samples, of which the fastest counts.

use std::error::Error;
use std::fs;
use std::path::Path;

use benches::clock::Cost;
use benches::rows::{Kind, Row};
use serde::Deserialize;

#[derive(Deserialize)]
struct Benchmark {
    group_id: String,
    function_id: Option<String>,
}

#[derive(Deserialize)]
struct Sample {
    iters: Vec<f64>,
    times: Vec<f64>,
}

/// Every row below a folder.
pub(crate) fn read(folder: &Path) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut rows = Vec::new();
    below(folder, &mut rows)?;
    if rows.is_empty() {
        return Err(format!("{}: criterion left nothing here", folder.display()).into());
    }
    rows.sort_by(|a, b| (&a.work, &a.who).cmp(&(&b.work, &b.who)));
    Ok(rows)
}

fn below(folder: &Path, rows: &mut Vec<Row>) -> Result<(), Box<dyn Error>> {
    let sample = folder.join("sample.json");
    if folder.ends_with("new") && sample.exists() {
        let benchmark = fs::read_to_string(folder.join("benchmark.json"))?;
        let sample: Sample = serde_json::from_str(&fs::read_to_string(sample)?)?;
        rows.push(row(serde_json::from_str(&benchmark)?, &sample));
        return Ok(());
    }
    for entry in fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            below(&path, rows)?;
        }
    }
    Ok(())
}

fn row(benchmark: Benchmark, sample: &Sample) -> Row {
    let calls = sample.times.iter().zip(&sample.iters);
    let cost = Cost::of(calls.map(|(time, calls)| time / calls).collect());
    let (work, who) = match benchmark.function_id {
        Some(who) => (benchmark.group_id, who),
        // The floor of works that have no group is a benchmark beside them.
        None => (benchmark.group_id, backend()),
    };
    Row {
        kind: kind(&work, &who),
        work,
        who,
        ns: Some(cost.min_ns),
        spread: cost.spread(),
        cold_ns: None,
    }
}

fn backend() -> String {
    rate_convert::Backend::detect().name().to_owned()
}

/// Ours is what is named for a backend.
fn kind(work: &str, who: &str) -> Kind {
    let backend = who.rsplit('-').next().unwrap_or_default();
    let backends = pcm_convert::Backend::ALL;
    if work.contains("memcpy") || who == "memcpy" {
        Kind::Floor
    } else if backends.iter().any(|known| known.name() == backend) {
        Kind::Ours
    } else {
        Kind::Peer
    }
}
