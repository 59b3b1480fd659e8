//! What one call of each work touches: instructions, and distinct 64-byte lines of code and of data. They are counted
//! under valgrind, so they are the same on every run of one build, and stand in a file of the repository. Where in a line
//! functions begin is the linker's choice, so the lines of code are not the same in another build.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::command::{cargo, command, root, run};
use crate::setup;

/// Where the counts stand.
const FILE: &str = "benches/counts.txt";
/// How much more than recorded is no rise: of instructions, in parts of a thousand.
const TOLERANCE: u64 = 20;
/// And of lines, whose number depends on where the stack happens to begin.
const LINES: u64 = 3;
/// And of lines of code, in parts of a thousand: a resampler whose source had not changed took 113 and 122 in two builds.
const PLACEMENT: u64 = 100;

/// What one call touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Count {
    instructions: u64,
    code: u64,
    data: u64,
}

type Counts = BTreeMap<String, Count>;

/// Fails where a count is higher than the file says.
pub(super) fn check() -> Result<(), String> {
    let Some(now) = count()? else {
        return Ok(());
    };
    let path = root().join(FILE);
    let text = fs::read_to_string(&path).map_err(|error| format!("{FILE}: {error}"))?;
    let recorded = parse(&text)?;
    let (rises, falls) = compare(&recorded, &now);
    for fall in &falls {
        println!("fewer: {fall}");
    }
    if rises.is_empty() {
        println!("{} works: none costs more than {FILE} says", now.len());
        return Ok(());
    }
    let (then, here) = (text.lines().next().unwrap_or_default(), header()?);
    let note = if then == here {
        String::new()
    } else {
        format!("\nrecorded with `{then}`, counted with `{here}`")
    };
    Err(format!(
        "{}{note}\nwhere that is meant, `cargo xtask bench --record` updates {FILE}",
        rises.join("\n")
    ))
}

/// Writes the counts into the file.
pub(super) fn record() -> Result<(), String> {
    let Some(now) = count()? else {
        return Err("nothing was counted, so nothing is recorded".to_owned());
    };
    let mut text = format!(
        "{}\n# written by `cargo xtask bench --record`: instructions, lines of code, lines of data, work\n",
        header()?
    );
    for (work, count) in &now {
        text += &format!(
            "{:>8} {:>5} {:>5}  {work}\n",
            count.instructions, count.code, count.data
        );
    }
    fs::write(root().join(FILE), text).map_err(|error| format!("{FILE}: {error}"))?;
    println!("{} works are in {FILE}", now.len());
    Ok(())
}

/// What the counts depend on besides the code.
fn header() -> Result<String, String> {
    let output = Command::new("rustc").arg("--version").output();
    let output = output.map_err(|error| format!("rustc: {error}"))?;
    let rustc = String::from_utf8_lossy(&output.stdout);
    Ok(format!("# {} {}", rustc.trim(), std::env::consts::ARCH))
}

/// Counts all works, if there is a valgrind.
fn count() -> Result<Option<Counts>, String> {
    if !setup::has_program("valgrind") {
        println!(
            "SKIPPED: no valgrind here, so nothing is counted (Debian: apt-get install valgrind)"
        );
        return Ok(None);
    }
    run(cargo([
        "build",
        "--locked",
        "--release",
        "--package=benches",
        "--bin=counts",
    ]))?;
    let binary = root().join("target/release/counts");
    let mut valgrind = command("valgrind");
    valgrind
        .args(["--tool=lackey", "--trace-mem=yes", "--basic-counts=no"])
        .arg(binary)
        // The environment stands on the stack, and moves it.
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = valgrind.spawn().map_err(|e| format!("valgrind: {e}"))?;
    let trace = child.stderr.take().ok_or("valgrind: no trace")?;
    let counts = read(BufReader::with_capacity(1 << 20, trace))?;
    let status = child.wait().map_err(|error| format!("valgrind: {error}"))?;
    if !status.success() || counts.is_empty() {
        return Err(format!("valgrind: {status}, {} works", counts.len()));
    }
    Ok(Some(counts))
}

/// Reads a trace: `I` is an instruction, `L`, `S` and `M` are loads, stores and both, each with address and length.
fn read(mut trace: impl BufRead) -> Result<Counts, String> {
    let mut counts = Counts::new();
    let (mut mark, mut work, mut is_on) = (String::new(), String::new(), false);
    let (mut instructions, mut code, mut data) = (0, BTreeSet::new(), BTreeSet::new());
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = trace.read_until(b'\n', &mut line);
        if length.map_err(|error| format!("the trace: {error}"))? == 0 {
            return Ok(counts);
        }
        match line.as_slice() {
            [b'M', b'A', b'R', b'K', b' ', address @ ..] => {
                let address = String::from_utf8_lossy(address);
                mark = format!("{:0>8}", address.trim());
            }
            [b'W', b'O', b'R', b'K', b' ', name @ ..] => {
                String::from_utf8_lossy(name).trim().clone_into(&mut work);
            }
            [b' ', b'S', b' ', at @ ..] if !mark.is_empty() && at.starts_with(mark.as_bytes()) => {
                if is_on {
                    let count = Count {
                        instructions,
                        code: code.len() as u64,
                        data: data.len() as u64,
                    };
                    counts.insert(std::mem::take(&mut work), count);
                }
                is_on = !is_on;
                instructions = 0;
                code.clear();
                data.clear();
            }
            [b'I', b' ', at @ ..] if is_on => {
                instructions += 1;
                code.extend(lines(at));
            }
            [b' ', b'L' | b'S' | b'M', b' ', at @ ..] if is_on => data.extend(lines(at)),
            _ => {}
        }
    }
}

/// The 64-byte lines that `ADDRESS,LENGTH` lies in.
fn lines(at: &[u8]) -> std::ops::RangeInclusive<u64> {
    let text = std::str::from_utf8(at).unwrap_or_default().trim();
    let (address, length) = text.split_once(',').unwrap_or(("0", "1"));
    let address = u64::from_str_radix(address, 16).unwrap_or(0);
    let length = length.parse().unwrap_or(1_u64);
    address >> 6..=(address + length.max(1) - 1) >> 6
}

fn parse(text: &str) -> Result<Counts, String> {
    let entry = |line: &str| {
        let mut words = line.split_whitespace();
        let mut number = || words.next()?.parse().ok();
        let count = Count {
            instructions: number()?,
            code: number()?,
            data: number()?,
        };
        let work: Vec<_> = words.collect();
        Some((work.join(" "), count))
    };
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| entry(line).ok_or_else(|| format!("{FILE}: cannot read `{line}`")))
        .collect()
}

/// What rose, and what fell by more than the tolerance. A work that the file does not know has risen.
fn compare(recorded: &Counts, now: &Counts) -> (Vec<String>, Vec<String>) {
    let (mut rises, mut falls) = (Vec::new(), Vec::new());
    for (work, &is) in now {
        let Some(&was) = recorded.get(work) else {
            rises.push(format!("{work}: not in {FILE}"));
            continue;
        };
        let fields = [
            (
                "instructions",
                was.instructions,
                is.instructions,
                was.instructions * TOLERANCE / 1_000,
            ),
            (
                "lines of code",
                was.code,
                is.code,
                LINES + was.code * PLACEMENT / 1_000,
            ),
            ("lines of data", was.data, is.data, LINES),
        ];
        for (what, was, is, tolerance) in fields {
            let words = format!("{work}: {is} {what}, recorded {was}");
            if is > was + tolerance {
                rises.push(words);
            } else if is + tolerance < was {
                falls.push(words);
            }
        }
    }
    let gone = recorded.keys().filter(|work| !now.contains_key(*work));
    rises.extend(gone.map(|work| format!("{work}: in {FILE}, and not counted")));
    (rises, falls)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(instructions: u64, code: u64, data: u64) -> Counts {
        let count = Count {
            instructions,
            code,
            data,
        };
        [("a work".to_owned(), count)].into()
    }

    #[test]
    fn a_trace_is_counted_between_its_marks() {
        let trace = "\
==1== Lackey
MARK 4040c0
I  00401000,3
WORK a work
 S 004040c0,8
I  00401000,3
I  0040103e,4
 L 1ffefff000,8
 M 1ffefff03c,8
 S 004040c0,8
I  00409000,3
";
        let counts = read(trace.as_bytes());
        // Two instructions, the second across a line's end; one load, one change across a line's end.
        assert_eq!(counts, Ok(one(2, 2, 2)));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = "# a header\n     120    7     9  a work\n";
        assert_eq!(parse(text), Ok(one(120, 7, 9)));
        assert!(parse("12 a work\n").is_err());
    }

    #[test]
    fn a_rise_beyond_the_tolerance_fails_and_no_other() {
        let recorded = one(1_000, 50, 60);
        let rises = |now: &Counts| compare(&recorded, now).0.len();
        assert_eq!(rises(&one(1_020, 58, 63)), 0);
        assert_eq!(rises(&one(1_021, 50, 60)), 1);
        assert_eq!(rises(&one(1_000, 59, 60)), 1);
        assert_eq!(rises(&one(1_000, 50, 64)), 1);
        assert_eq!(rises(&one(900, 40, 50)), 0);
        assert_eq!(compare(&recorded, &one(900, 50, 50)).1.len(), 2);
        // A work that is new, and one that is gone.
        assert_eq!(rises(&Counts::new()), 1);
        assert_eq!(compare(&Counts::new(), &recorded).0.len(), 1);
    }
}
