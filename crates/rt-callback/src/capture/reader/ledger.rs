//! How many device frames application frames were made of.

use heapless::Deque;

/// How many runs are told apart. Later ones count as the last.
const RUNS: usize = 16;

/// Device frames in order, as runs of sound and of a gap's silence, by turns.
#[derive(Debug, Clone, Default)]
pub(super) struct Ledger(Deque<Run, RUNS>);

#[derive(Debug, Clone, Copy)]
struct Run {
    is_sound: bool,
    frames: u64,
}

impl Ledger {
    pub(super) fn add(&mut self, is_sound: bool, frames: usize) {
        self.add_run(Run {
            is_sound,
            frames: frames as u64,
        });
    }

    pub(super) fn add_all(&mut self, other: &Self) {
        for run in &other.0 {
            self.add_run(*run);
        }
    }

    fn add_run(&mut self, run: Run) {
        let is_full = self.0.is_full();
        match self.0.back_mut() {
            Some(last) if is_full || last.is_sound == run.is_sound => last.frames += run.frames,
            _ => {
                // There is always room here.
                let _ = self.0.push_back(run);
            }
        }
    }

    pub(super) fn frames(&self) -> u64 {
        self.0.iter().map(|run| run.frames).sum()
    }

    pub(super) fn sound(&self) -> u64 {
        let sound = self.0.iter().filter(|run| run.is_sound);
        sound.map(|run| run.frames).sum()
    }

    /// Takes up to `frames` of the oldest frames out, and returns how many of them are sound.
    pub(super) fn take(&mut self, frames: u64) -> u64 {
        let (mut left, mut sound) = (frames, 0);
        while let Some(run) = self.0.front_mut() {
            let count = run.frames.min(left);
            sound += if run.is_sound { count } else { 0 };
            left -= count;
            run.frames -= count;
            if run.frames > 0 {
                break;
            }
            self.0.pop_front();
        }
        sound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_taken_and_only_sound_counts() {
        let mut ledger = Ledger::default();
        for (is_sound, frames) in [(false, 5), (true, 10), (true, 20), (false, 7), (true, 1)] {
            ledger.add(is_sound, frames);
        }
        assert_eq!((ledger.frames(), ledger.sound()), (43, 31));
        assert_eq!(ledger.take(4), 0);
        assert_eq!(ledger.take(2), 1);
        assert_eq!(ledger.take(31), 29);
        let mut more = ledger.clone();
        more.add_all(&ledger);
        assert_eq!((more.frames(), more.sound()), (12, 2));
        assert_eq!(more.take(100), 2);
        assert_eq!((more.frames(), more.take(1)), (0, 0));
    }

    #[test]
    fn too_many_runs_lose_no_frame() {
        let mut ledger = Ledger::default();
        for run in 0..100 {
            ledger.add(run % 2 == 0, 3);
        }
        assert_eq!(ledger.frames(), 300);
        ledger.take(300);
        assert_eq!(ledger.frames(), 0);
    }
}
