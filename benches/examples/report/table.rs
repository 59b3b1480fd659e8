//! The table by work: ours on each backend, the best peer that does the same, and the floor.

use std::collections::BTreeMap;

use benches::paths::PATHS;
use benches::rows::{Kind, Measured, Python, Row, Sound};
use rt_callback::StreamSpec;

/// A spread above this is marked.
const WIDE: f64 = 0.1;
/// A peer does the same work as one of our qualities if its noise is at most so much higher.
const CLOSE_DB: f64 = 10.0;
const QUALITIES: [&str; 3] = ["Linear", "Balanced", "High"];

/// A line of the table.
pub(crate) struct Entry<'a> {
    /// The work, and the quality where there are several.
    pub(crate) work: String,
    /// Ours by backend.
    pub(crate) ours: BTreeMap<&'a str, &'a Row>,
    /// The fastest of ours.
    pub(crate) best: &'a Row,
    /// The fastest peer.
    pub(crate) peer: Option<&'a Row>,
    /// The peer that is fastest when it is called cold.
    pub(crate) cold_peer: Option<&'a Row>,
    /// A copy of what is written.
    pub(crate) floor: Option<&'a Row>,
}

/// All lines, by work.
pub(crate) fn entries(measured: &Measured) -> Vec<Entry<'_>> {
    let mut works: Vec<&str> = measured.rows.iter().map(|row| row.work.as_str()).collect();
    works.sort_unstable();
    works.dedup();
    let mut entries = Vec::new();
    for work in works {
        let rows: Vec<&Row> = measured
            .rows
            .iter()
            .filter(|row| row.work == work)
            .collect();
        for quality in QUALITIES {
            entries.extend(entry(measured, work, Some(quality), &rows));
        }
        entries.extend(entry(measured, work, None, &rows));
    }
    entries
}

fn entry<'a>(
    measured: &Measured,
    work: &str,
    quality: Option<&str>,
    rows: &[&'a Row],
) -> Option<Entry<'a>> {
    let mut ours = BTreeMap::new();
    for row in rows.iter().copied().filter(|row| row.kind == Kind::Ours) {
        match (quality, row.who.split_once('-')) {
            (Some(quality), Some((of, backend))) if of == quality => ours.insert(backend, row),
            (None, None) => ours.insert(row.who.as_str(), row),
            _ => None,
        };
    }
    let best = fastest(ours.values().copied(), |row| row.ns)?;
    let sound = |who: &str| {
        let work = resampling(work);
        let mut sounds = measured.sounds.iter();
        sounds.find(|sound| sound.work == work && sound.who == who)
    };
    let own = quality.and_then(sound).map(Sound::worst_db);
    let does_the_same = |row: &&&Row| {
        row.kind == Kind::Peer
            && own.is_none_or(|own| {
                sound(&row.who).is_some_and(|sound| sound.worst_db() >= own - CLOSE_DB)
            })
    };
    let peers = || rows.iter().filter(does_the_same).copied();
    Some(Entry {
        work: quality.map_or(work.to_owned(), |quality| format!("{work}, {quality}")),
        best,
        ours,
        peer: fastest(peers(), |row| row.ns),
        cold_peer: fastest(peers(), |row| row.cold_ns),
        floor: rows.iter().copied().find(|row| row.kind == Kind::Floor),
    })
}

/// The resampling in a work, by which its sound is known.
fn resampling(work: &str) -> String {
    let path = PATHS.iter().find(|path| path.work() == work);
    let rates = path.and_then(|path| {
        let (from, to): (StreamSpec, StreamSpec) =
            (path.source.parse().ok()?, path.device.parse().ok()?);
        Some(format!("resample/{}-{}", from.rate_hz, to.rate_hz))
    });
    rates.unwrap_or_else(|| work.to_owned())
}

fn fastest<'a>(
    rows: impl Iterator<Item = &'a Row>,
    by: impl Fn(&Row) -> Option<f64>,
) -> Option<&'a Row> {
    rows.filter(|row| by(row).is_some())
        .min_by(|a, b| by(a).unwrap_or(0.0).total_cmp(&by(b).unwrap_or(0.0)))
}

/// The table as Markdown.
pub(crate) fn markdown(measured: &Measured) -> String {
    let entries = entries(measured);
    let mut backends: Vec<&str> = entries
        .iter()
        .flat_map(|entry| entry.ours.keys().copied())
        .collect();
    backends.sort_by_key(|backend| {
        let mut all = pcm_convert::Backend::ALL.iter();
        all.position(|known| known.name() == *backend)
    });
    backends.dedup();
    let mut text = format!(
        "| work | {} | best peer | peer / ours | memcpy | ours / memcpy | cold | best peer, cold |\n|---|{}---|--:|--:|--:|--:|---|\n",
        backends.join(" | "),
        "--:|".repeat(backends.len())
    );
    for entry in &entries {
        let ours = backends.iter().map(|backend| {
            let row = entry.ours.get(backend);
            row.map_or(String::new(), |row| hot(row))
        });
        let ours: Vec<_> = ours.collect();
        let ratio = |over: Option<f64>, under: Option<f64>| match (over, under) {
            (Some(over), Some(under)) => format!("{:.2}", over / under),
            _ => String::new(),
        };
        let peer = entry.peer.and_then(|row| row.ns);
        let floor = entry.floor.and_then(|row| row.ns);
        let named = |row: Option<&Row>, figure: fn(&Row) -> String| {
            row.map_or(String::new(), |row| format!("{} {}", row.who, figure(row)))
        };
        text += &format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} |\n",
            entry.work,
            ours.join(" | "),
            named(entry.peer, hot),
            ratio(peer, entry.best.ns),
            entry.floor.map_or(String::new(), hot),
            ratio(entry.best.ns, floor),
            cold(entry.best),
            named(entry.cold_peer, cold),
        );
    }
    text
}

/// A row's cost, marked where it is uncertain.
fn hot(row: &Row) -> String {
    let mark = if row.spread > WIDE { "!" } else { "" };
    row.ns.map_or(String::new(), |ns| nanoseconds(ns) + mark)
}

fn cold(row: &Row) -> String {
    row.cold_ns.map_or(String::new(), nanoseconds)
}

/// Three figures.
fn nanoseconds(ns: f64) -> String {
    if ns < 100.0 {
        format!("{ns:.1}")
    } else {
        format!("{ns:.0}")
    }
}

/// Every row, with its spread.
pub(crate) fn all_rows(measured: &Measured) -> String {
    let mut text = String::from("| work | who | ns | spread | cold ns |\n|---|---|--:|--:|--:|\n");
    for row in &measured.rows {
        let spread = row.ns.map_or(String::new(), |_| {
            let mark = if row.spread > WIDE { "!" } else { "" };
            format!("{:.0} %{mark}", 100.0 * row.spread)
        });
        text += &format!(
            "| {} | {} | {} | {spread} | {} |\n",
            row.work,
            row.who,
            row.ns.map_or(String::new(), nanoseconds),
            cold(row)
        );
    }
    text
}

/// What a block costs in Python.
pub(crate) fn python(python: &Python) -> String {
    let rows = match python {
        Python::Skipped(why) => return format!("Skipped: {why}\n"),
        Python::Rows(rows) => rows,
    };
    let mut text = String::from(
        "480 frames of stereo, by `python/examples/timing.py`; medians in nanoseconds.\n\n\
         | | in a loop | every 10 ms |\n|---|--:|--:|\n",
    );
    for row in rows {
        let [in_a_loop, paced] =
            [row.loop_ns, row.paced_ns].map(|ns| ns.map_or(String::new(), |ns| ns.to_string()));
        text += &format!("| {} | {in_a_loop} | {paced} |\n", row.name);
    }
    text
}
