//! Cancellations of utterances, on the renderer's side.

use crate::audio::intake::utterance::Utterance;
use crate::event::UtteranceId;
use crate::link::controls::Cancel;
use crate::link::shared::Shared;

/// Which cancellations have been looked at. Those of utterances that have not begun stay in their places and wait.
#[derive(Debug, Default)]
pub(super) struct Cancels {
    /// The count of requests when they were last looked at.
    seen: u64,
    is_waiting: bool,
}

impl Cancels {
    /// Whether the utterance that begins now has been cancelled.
    pub(super) fn take(&mut self, id: UtteranceId, shared: &Shared) -> bool {
        let mut found = false;
        if self.is_waiting || shared.controls.cancels_asked() != self.seen {
            self.is_waiting = shared.cancels.take(|cancel| {
                found |= cancel.utterance == id;
                cancel.utterance <= id
            });
        }
        found
    }

    /// The cancellation of `present`, the latest utterance that has begun, if one was requested since the last call.
    pub(super) fn collect(
        &mut self,
        present: Option<&Utterance>,
        shared: &Shared,
    ) -> Option<Cancel> {
        let asked = shared.controls.cancels_asked();
        if asked == self.seen {
            return None;
        }
        self.seen = asked;
        let mut found = None;
        self.is_waiting = shared.cancels.take(|cancel| {
            let Some(present) = present.filter(|present| cancel.utterance <= present.id) else {
                return false;
            };
            let concerns = cancel.utterance == present.id && !present.is_over();
            if concerns && !(cancel.only_if_silent && present.has_started()) {
                found = Some(cancel);
            }
            true
        });
        found
    }
}

#[cfg(all(test, not(rt_callback_loom)))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::Config;

    const ID: UtteranceId = UtteranceId(3);

    /// What is collected for this utterance of a cancellation of `id`.
    fn collected(present: &Utterance, id: UtteranceId, only_if_silent: bool) -> bool {
        let source = "48000x1:s16le".parse().unwrap();
        let shared = Shared::new(&Config::new(source, source));
        assert!(shared.cancel(Cancel {
            utterance: id,
            fade_frames: 0,
            only_if_silent,
        }));
        let found = Cancels::default().collect(Some(present), &shared);
        found.is_some_and(|cancel| cancel.utterance == id)
    }

    #[test]
    fn one_that_sounds_or_is_over_or_is_another_is_left_alone() {
        let silent = Utterance::new(ID, 0, false);
        let mut sounding = silent;
        sounding.note_sound();
        let mut over = silent;
        over.finish(10, 48_000);
        assert!(collected(&silent, ID, true) && collected(&silent, ID, false));
        assert!(!collected(&sounding, ID, true) && collected(&sounding, ID, false));
        assert!(!collected(&over, ID, true) && !collected(&over, ID, false));
        for other in [UtteranceId(2), UtteranceId(4)] {
            assert!(!collected(&silent, other, false));
        }
    }
}
