//! What was lost, where, and what is said about it.

/// How many damages are told one by one; of the rest only the number is.
const MOST_TOLD: usize = 8;

/// Keeps the time, and what happened when.
#[derive(Default)]
pub(super) struct Damage {
    /// Seconds up to here.
    now: f64,
    told: Vec<Lost>,
    notes: Vec<String>,
    untold: u64,
}

struct Lost {
    at: f64,
    seconds: f64,
}

impl Damage {
    /// So many frames came out.
    pub(super) fn pass(&mut self, rate_hz: u32, frames: u64) {
        self.now += frames as f64 / f64::from(rate_hz);
    }

    /// So many frames did not, and silence comes out for them.
    pub(super) fn lost(&mut self, rate_hz: u32, frames: u64) {
        let (at, seconds) = (self.now, frames as f64 / f64::from(rate_hz));
        self.now += seconds;
        let is_full = self.told.len() == MOST_TOLD;
        match self.told.last_mut() {
            // What follows at once is the same damage.
            Some(last) if self.untold == 0 && at - (last.at + last.seconds) < 1e-9 => {
                last.seconds += seconds;
            }
            _ if is_full => self.untold += 1,
            _ => self.told.push(Lost { at, seconds }),
        }
    }

    pub(super) fn note(&mut self, words: String) {
        if self.notes.len() < MOST_TOLD && !self.notes.contains(&words) {
            self.notes.push(words);
        }
    }

    pub(super) fn words(&self) -> Vec<String> {
        let told = self.told.iter().map(|Lost { at, seconds }| {
            let at = clock(*at);
            if *seconds > 0.0 {
                let milliseconds = seconds * 1e3;
                format!(
                    "is damaged at {at}: {milliseconds:.0} ms of silence stand for what was there"
                )
            } else {
                format!("is damaged at {at}: how much is missing there cannot be known")
            }
        });
        let mut words: Vec<_> = told.collect();
        if self.untold > 0 {
            words.push(format!("is damaged in {} more places", self.untold));
        }
        words.extend(self.notes.iter().cloned());
        words
    }
}

/// What is said of a file with fewer bytes of samples than its header says.
pub(crate) fn cut_short(promised: u64, held: u64) -> String {
    format!("is cut short: its header promises {promised} bytes of samples, it holds {held}")
}

/// A time as players write it, in minutes and seconds, to the millisecond.
pub(crate) fn clock(seconds: f64) -> String {
    let milliseconds = (seconds * 1e3).round() as u64;
    let (minutes, rest) = (milliseconds / 60_000, milliseconds % 60_000);
    if minutes == 0 {
        format!("{}.{:03} s", rest / 1_000, rest % 1_000)
    } else {
        format!("{minutes}:{:02}.{:03}", rest / 1_000, rest % 1_000)
    }
}
