//! C libraries beside this project, in one process: `c-peers OUT [--full]` writes the rows for the report. And
//! web-audio-api, on whose crates the workspace is not to depend.

mod library;
mod web_audio;

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use benches::clock::{Call, cold, hot};
use benches::kernels::{KERNELS, floor, resampled};
use benches::machine::Machine;
use benches::paths::{FRAMES, PATHS};
use benches::quality::{Convert, sound};
use benches::rows::{Kind, Measured, Row, Sound};
use library::{Library, all};
use pcm_convert::SampleFormat;
use rt_callback::{Resample, StreamSpec};

/// How long each row is measured.
struct Effort {
    budget: Duration,
    cold_calls: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (out, is_full) = match arguments.as_slice() {
        [out] => (out, false),
        [out, full] if full == "--full" => (out, true),
        _ => return Err("usage: c-peers OUT [--full]".into()),
    };
    let effort = Effort {
        budget: Duration::from_millis(if is_full { 500 } else { 100 }),
        cold_calls: if is_full { 1_000 } else { 200 },
    };
    let mut measured = Measured {
        machine: Machine::here(),
        rows: Vec::new(),
        sounds: Vec::new(),
        lines: Vec::new(),
        callbacks: Default::default(),
        skipped: Vec::new(),
    };
    let skipped = env!("SKIPPED")
        .split("; ")
        .filter(|words| !words.is_empty());
    measured.skipped.extend(skipped.map(str::to_owned));
    let libraries = all();
    for kernel in KERNELS {
        println!("{}", kernel.work);
        let mut rows = Rows::new(kernel.work, &effort);
        rows.add("memcpy", Kind::Floor, floor(kernel.out_bytes()));
        if kernel.qualities.is_empty() {
            rows.add(&kernel.who(None), Kind::Ours, kernel.ours(None)?);
        }
        for quality in kernel.qualities {
            let who = kernel.who(Some(*quality));
            rows.add(&who, Kind::Ours, kernel.ours(Some(*quality))?);
        }
        let specs = (kernel.from.parse()?, kernel.to.parse()?);
        rows.peers(
            &libraries,
            specs,
            kernel.is_dithered,
            kernel.frames,
            &mut measured.skipped,
        )?;
        rows.web_audio(specs);
        measured.rows.extend(rows.hot());
        if !kernel.qualities.is_empty() {
            sounds(kernel.work, specs, &libraries, &mut measured.sounds)?;
        }
    }
    for path in PATHS {
        println!("{}", path.work());
        let mut rows = Rows::new(&path.work(), &effort);
        rows.add("memcpy", Kind::Floor, floor(path.block_bytes()));
        for resample in path.qualities {
            let mut stream = path.open(*resample)?;
            let call = move || stream.push_and_render();
            rows.add(&path.who(*resample), Kind::Ours, call);
        }
        let specs = (path.source.parse()?, path.device.parse()?);
        rows.peers(&libraries, specs, false, FRAMES, &mut measured.skipped)?;
        rows.web_audio(specs);
        measured.rows.extend(rows.hot_and_cold());
    }
    for skipped in &measured.skipped {
        println!("SKIPPED: {skipped}");
    }
    measured.machine = measured.machine.done();
    measured.write(Path::new(out))
}

/// The rows of one work.
struct Rows<'e> {
    work: String,
    effort: &'e Effort,
    rows: Vec<Row>,
    /// What each row is of.
    calls: Vec<Call>,
}

impl<'e> Rows<'e> {
    fn new(work: &str, effort: &'e Effort) -> Self {
        Self {
            work: work.to_owned(),
            effort,
            rows: Vec::new(),
            calls: Vec::new(),
        }
    }

    fn add(&mut self, who: &str, kind: Kind, mut call: impl FnMut() + 'static) {
        self.add_hot(who, kind, 1, &mut call);
        self.calls.push(Box::new(call));
    }

    /// Adds the row of calls that make so many blocks each.
    fn add_hot(&mut self, who: &str, kind: Kind, blocks: u32, call: &mut dyn FnMut()) {
        let cost = hot(self.effort.budget, call);
        self.rows.push(Row {
            work: self.work.clone(),
            who: who.to_owned(),
            kind,
            ns: Some(cost.min_ns / f64::from(blocks)),
            spread: cost.spread(),
            cold_ns: None,
        });
    }

    /// Web Audio, which has floats only. It mixes and interpolates, and is given nothing else to do.
    fn web_audio(&mut self, (from, to): (StreamSpec, StreamSpec)) {
        let is_its = from.channels() != to.channels() || from.rate_hz != to.rate_hz;
        if to.format == SampleFormat::F32 && is_its {
            println!("  {}", web_audio::NAME);
            let blocks = to.rate_hz / FRAMES as u32;
            let mut second = web_audio::second(&from, &to);
            self.add_hot(web_audio::NAME, Kind::Peer, blocks, &mut second);
        }
    }

    fn hot(self) -> Vec<Row> {
        self.rows
    }

    /// The rows, with what each costs if it is called cold.
    fn hot_and_cold(mut self) -> Vec<Row> {
        let costs = cold(self.effort.cold_calls, &mut self.calls);
        // Those that have no calls of a block come last.
        for (row, cost) in self.rows.iter_mut().zip(costs) {
            row.cold_ns = Some(cost.median_ns);
        }
        self.rows
    }

    /// Every library that can do it, in every setting, for calls that give so many frames on the average.
    fn peers(
        &mut self,
        libraries: &[Library],
        specs: (StreamSpec, StreamSpec),
        is_dithered: bool,
        frames: usize,
        skipped: &mut Vec<String>,
    ) -> Result<(), Box<dyn Error>> {
        const CALLS: usize = 50;
        let (from, to) = (&specs.0, &specs.1);
        let taken = frames * from.rate_hz as usize / to.rate_hz as usize;
        for library in libraries {
            for setting in 0..library.settings.len() {
                let opened = library.open((from, to), setting, is_dithered, taken)?;
                let Some(mut converter) = opened else {
                    continue;
                };
                let who = library.who(setting);
                println!("  {who}");
                let given: usize = (0..CALLS).map(|_| converter.call()).sum();
                // The first calls may fill a filter; a converter that gives nothing costs nothing.
                if given < CALLS * frames * 3 / 4 {
                    let calls = format!("{given} frames came of {CALLS} calls");
                    skipped.push(format!("{}, {who}: {calls}", self.work));
                    continue;
                }
                self.add(&who, Kind::Peer, move || {
                    converter.call();
                });
            }
        }
        Ok(())
    }
}

/// What each resampler does to sound: ours too, so that the rows of this run have theirs.
fn sounds(
    work: &str,
    (from, to): (StreamSpec, StreamSpec),
    libraries: &[Library],
    sounds: &mut Vec<Sound>,
) -> Result<(), Box<dyn Error>> {
    let rates = (from.rate_hz, to.rate_hz);
    let mut add = |who: String, kind, is_pictured, convert: &mut Convert<'_>| {
        sounds.push(sound(work, rates, (who, kind), is_pictured, convert));
    };
    for quality in Resample::ALL {
        resampled(&[0.0], rates.0, rates.1, *quality)?;
        // Ours are pictured by the other run.
        add(format!("{quality:?}"), Kind::Ours, false, &mut |x| {
            resampled(x, rates.0, rates.1, *quality).unwrap_or_default()
        });
    }
    // It interpolates linearly, which is pictured as ours.
    add(web_audio::NAME.to_owned(), Kind::Peer, false, &mut |x| {
        web_audio::convert(x, &from, &to)
    });
    for library in libraries {
        for setting in 0..library.settings.len() {
            let block = from.rate_hz as usize / 100;
            let open = || library.open((&from, &to), setting, false, block);
            if open()?.is_none() {
                continue;
            }
            // Of a library's settings the first, or nobody could tell the lines apart.
            add(library.who(setting), Kind::Peer, setting == 0, &mut |x| {
                let mut y = Vec::new();
                let Ok(Some(mut converter)) = open() else {
                    return y;
                };
                // Silence behind it, so that the end comes out of filters that hold much back.
                let silent = std::iter::repeat_n(0.0, 20 * block);
                let x: Vec<f32> = x.iter().copied().chain(silent).collect();
                for x in x.chunks_exact(block) {
                    let bytes = x.iter().flat_map(|sample| sample.to_le_bytes());
                    converter
                        .input
                        .bytes_mut()
                        .iter_mut()
                        .zip(bytes)
                        .for_each(|(to, byte)| *to = byte);
                    let frames = converter.call();
                    let samples = converter.out.bytes().chunks_exact(4).take(frames);
                    y.extend(samples.map(|bytes| bytes.try_into().map_or(0.0, f32::from_le_bytes)));
                }
                y
            });
        }
    }
    Ok(())
}
