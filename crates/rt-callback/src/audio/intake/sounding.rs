//! Whether something sounds, and where the queue ran dry in it.

/// The state of the present sound. Frames are device frames since the start of the stream.
#[derive(Debug, Default)]
pub(super) struct Sounding {
    /// Whether something has sounded since the last end. Missing frames are then an underrun.
    is_sounding: bool,
    /// The frame behind the last frame that sounded.
    until: u64,
    dry: Option<Dry>,
}

/// Where the queue ran dry before a sound had come to its end.
#[derive(Debug, Clone, Copy)]
struct Dry {
    at_frame: u64,
    /// The source frames that had been taken until then.
    position: u64,
}

impl Sounding {
    pub(super) fn is_sounding(&self) -> bool {
        self.is_sounding
    }

    /// Whether it sounds, and is not in a gap.
    pub(super) fn is_heard(&self) -> bool {
        self.is_sounding && self.dry.is_none()
    }

    /// The frame behind the last frame that sounded.
    pub(super) fn until(&self) -> u64 {
        self.until
    }

    pub(super) fn note_written(&mut self, frames: usize, now: u64) {
        self.until = now + frames as u64;
        self.is_sounding = true;
        self.dry = None;
    }

    /// Notes that the queue ran dry at frame `now`, after `position` source frames. Returns whether a gap begins with
    /// that.
    pub(super) fn note_dry(&mut self, now: u64, position: u64) -> bool {
        let begins = self.is_heard();
        if begins {
            self.dry = Some(Dry {
                at_frame: now,
                position,
            });
        }
        begins
    }

    /// The frame at which a sound ended whose end is passed now: where the queue ran dry, if it did.
    pub(super) fn end_frame(&self, now: u64) -> u64 {
        self.dry.map_or(now, |dry| dry.at_frame.min(now))
    }

    /// Whether the queue ran dry, and no source frame has been taken since.
    pub(super) fn has_ended_dry(&self, position: u64) -> bool {
        self.dry.is_some_and(|dry| dry.position == position)
    }

    /// Notes that the sound has come to its end.
    pub(super) fn end(&mut self) {
        self.is_sounding = false;
        self.dry = None;
    }
}

#[cfg(all(test, not(rt_callback_loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_sound_that_ran_dry_ended_there_unless_it_goes_on() {
        let mut sounding = Sounding::default();
        assert!(!sounding.note_dry(10, 0), "nothing sounds yet");
        sounding.note_written(480, 100);
        assert_eq!((sounding.until(), sounding.end_frame(700)), (580, 700));
        assert!(sounding.note_dry(600, 240));
        assert!(!sounding.note_dry(650, 240), "the gap has begun already");
        assert!(sounding.is_sounding() && !sounding.is_heard());
        assert_eq!(sounding.end_frame(700), 600);
        assert!(sounding.has_ended_dry(240) && !sounding.has_ended_dry(241));
        sounding.note_written(480, 700);
        assert!(sounding.is_heard() && !sounding.has_ended_dry(240));
        assert_eq!(sounding.end_frame(1_500), 1_500);
        sounding.end();
        assert!(!sounding.is_sounding());
    }
}
