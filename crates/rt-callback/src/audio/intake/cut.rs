//! Interruptions: what is dropped, and the fade before it.

use channel_mix::GainRamp;

/// The interruption under way, and what the last one has still to drop. Positions are source frames since the start of
/// the stream.
#[derive(Debug)]
pub(super) struct Cuts {
    under_way: Option<Cut>,
    /// Everything before this position is dropped, as soon as it is seen.
    drop_until: u64,
    /// Length of the fade of a discard, in device frames.
    pub(super) ramp_frames: u32,
    /// Whether the stream is paused.
    is_paused: bool,
    /// Whether the stream was paused in the span of frames before.
    was_paused: bool,
    /// Whether the receipt of an interruption outside any utterance is still due.
    pub(super) owes_receipt: bool,
}

/// An interruption under way: the frames before its end fade out, then the rest of them is dropped.
#[derive(Debug)]
struct Cut {
    /// The position before which frames are dropped. `None` is the end of the present utterance, which was cancelled.
    end: Option<u64>,
    fade: GainRamp,
    /// How many device frames of the fade are left.
    fade_left: usize,
}

impl Cuts {
    pub(super) fn new(ramp_frames: u32) -> Self {
        Self {
            under_way: None,
            drop_until: 0,
            ramp_frames,
            is_paused: false,
            was_paused: false,
            owes_receipt: false,
        }
    }

    pub(super) fn set_paused(&mut self, is_paused: bool) {
        self.was_paused = core::mem::replace(&mut self.is_paused, is_paused);
    }

    /// Whether a pause silences the stream, or has just ended. In the second case the seam fades the sound in.
    pub(super) fn is_silenced(&self) -> bool {
        self.is_paused || self.was_paused
    }

    pub(super) fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// The position before which the interruption under way drops frames, if it has one.
    pub(super) fn end(&self) -> Option<u64> {
        self.under_way.as_ref().and_then(|cut| cut.end)
    }

    /// How many device frames may be written before the fade under way reaches zero.
    pub(super) fn room_frames(&self) -> usize {
        self.under_way
            .as_ref()
            .map_or(usize::MAX, |cut| cut.fade_left)
    }

    /// Whether the fade under way has not reached zero.
    pub(super) fn is_fading(&self) -> bool {
        self.under_way.as_ref().is_some_and(|cut| cut.fade_left > 0)
    }

    /// Applies the fade under way to whole frames that have been written.
    pub(super) fn fade(&mut self, sound: &mut [f32], channels: usize) {
        if let Some(cut) = &mut self.under_way {
            cut.fade.apply_interleaved(sound, channels);
            let frames = sound.len() / channels.max(1);
            cut.fade_left -= frames.min(cut.fade_left);
        }
    }

    /// Begins an interruption. Without `is_heard` there is no fade.
    pub(super) fn begin(&mut self, end: Option<u64>, fade_frames: u32, is_heard: bool) {
        let mut fade = GainRamp::new(1.0);
        fade.set(0.0, fade_frames);
        self.under_way = Some(Cut {
            end,
            fade,
            fade_left: if is_heard { fade_frames as usize } else { 0 },
        });
    }

    /// Whether an interruption up to this position has not been handled yet.
    #[inline]
    pub(super) fn is_news(&self, end: u64) -> bool {
        end > self.drop_until
    }

    /// Extends the interruption under way to `end`. Returns false if there is none.
    pub(super) fn extend(&mut self, end: u64) -> bool {
        if let Some(cut) = &mut self.under_way {
            cut.end = cut.end.max(Some(end));
        }
        self.is_under_way()
    }

    /// Makes everything before this position be dropped.
    pub(super) fn drop_until(&mut self, end: u64) {
        self.drop_until = end;
    }

    /// Lets the fade under way reach zero in `fade_frames` frames at the latest.
    pub(super) fn hasten(&mut self, fade_frames: u32) {
        if let Some(cut) = &mut self.under_way
            && cut.fade_left > fade_frames as usize
        {
            cut.fade.set(0.0, fade_frames);
            cut.fade_left = fade_frames as usize;
        }
    }

    /// Ends the fade under way where it is. Returns whether it had not reached zero.
    pub(super) fn break_off(&mut self) -> bool {
        let left = self.under_way.as_mut().map(|cut| &mut cut.fade_left);
        left.is_some_and(|left| core::mem::take(left) > 0)
    }

    /// Whether the interruption under way is over.
    ///
    /// It is over when its fade is. It is also over when everything that it drops has been read and written: `position`
    /// has reached its end, or the utterance is no longer a cancelled one, and the segment is not active.
    #[inline]
    pub(super) fn is_over(&self, position: u64, is_cancelled: bool, is_active: bool) -> bool {
        self.under_way.as_ref().is_some_and(|cut| {
            let is_read = cut.end.map_or(!is_cancelled, |end| end <= position);
            cut.fade_left == 0 || is_read && !is_active
        })
    }

    /// Ends the interruption under way, and drops what is left before its end. Returns false if there is none.
    pub(super) fn finish(&mut self) -> bool {
        let Some(cut) = self.under_way.take() else {
            return false;
        };
        self.drop_until = cut.end.unwrap_or(self.drop_until);
        true
    }

    /// How many of the next source frames to drop. The number may be larger than what is queued. `None` if the next
    /// frame is to be heard.
    #[inline]
    pub(super) fn to_be_dropped(&self, position: u64, is_cancelled: bool) -> Option<u64> {
        if position < self.drop_until {
            Some(self.drop_until - position)
        } else if is_cancelled && !self.is_under_way() {
            Some(u64::MAX)
        } else {
            None
        }
    }
}

#[cfg(all(test, not(rt_callback_loom)))]
mod tests {
    use super::*;

    #[test]
    fn what_an_interruption_leaves_behind_its_fade_is_dropped() {
        let mut cuts = Cuts::new(480);
        assert_eq!((cuts.room_frames(), cuts.end()), (usize::MAX, None));
        assert!(!cuts.extend(50), "none is under way");
        cuts.begin(Some(100), 4, true);
        assert!(cuts.extend(150) && cuts.extend(120));
        assert_eq!((cuts.room_frames(), cuts.end()), (4, Some(150)));
        let mut sound = [1.0; 6];
        cuts.fade(&mut sound, 2);
        assert!(sound[4] < sound[0] && sound[4] > 0.0);
        assert!(cuts.is_fading() && !cuts.is_over(10, false, true));
        cuts.fade(&mut [1.0; 2], 2);
        assert!(!cuts.is_fading() && cuts.is_over(10, false, true));
        assert!(cuts.finish() && !cuts.finish());
        assert_eq!(cuts.to_be_dropped(10, false), Some(140));
        assert_eq!(cuts.to_be_dropped(150, false), None);
        assert!(cuts.is_news(151) && !cuts.is_news(150));
    }

    #[test]
    fn what_is_read_to_its_end_need_not_fade_to_zero() {
        let mut cuts = Cuts::new(480);
        cuts.begin(Some(100), 480, true);
        assert!(!cuts.is_over(100, false, true), "its tail is to be written");
        assert!(cuts.is_over(100, false, false));
    }

    #[test]
    fn a_cancelled_utterance_goes_up_to_its_end() {
        let mut cuts = Cuts::new(480);
        cuts.begin(None, 480, false);
        assert!(cuts.is_over(10, true, true), "nothing is heard of it");
        assert!(cuts.finish());
        assert_eq!(cuts.to_be_dropped(10, true), Some(u64::MAX));
        assert_eq!(cuts.to_be_dropped(10, false), None);
    }
}
