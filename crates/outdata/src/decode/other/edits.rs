//! Which of the frames in an MP4 file are no sound: its edit list, or Apple's comment.
//!
//! Source: ISO/IEC 14496-12, 8.6.6 (`elst`).

use rt_callback::StreamSpec;

use super::moov::{SoundTrack, number};
use crate::decode::tags::Tags;

/// Which frames are sound.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Edit {
    /// Frames before them.
    pub(crate) before: u64,
    /// How many frames are sound, where that is known exactly.
    pub(crate) frames: Option<u64>,
}

impl Edit {
    /// Of this track. An edit list that does more than leave out a beginning and an end is ignored.
    pub(super) fn of(track: SoundTrack<'_>) -> Option<Self> {
        let (movie_rate, rate) = (track.movie_rate()?, track.rate()?);
        let list = track.edit_list()?;
        let is_long = list.first() == Some(&1);
        let entry_bytes = if is_long { 20 } else { 12 };
        let count = number(list, 4, 4)?;
        let entries = list
            .get(8..)?
            .chunks_exact(entry_bytes)
            .take(count as usize);
        let mut sounding = entries.filter_map(|entry| {
            let (duration, time) = if is_long {
                (number(entry, 0, 8)?, number(entry, 8, 8)?)
            } else {
                (
                    number(entry, 0, 4)?,
                    number(entry, 4, 4)? as u32 as i32 as i64 as u64,
                )
            };
            // A time of -1 is silence before it begins.
            (time as i64 >= 0).then_some((duration, time))
        });
        let (duration, before) = sounding.next()?;
        if sounding.next().is_some() {
            return None;
        }
        // Most write the length in milliseconds, which is too coarse: it would cut off sound.
        let frames = (movie_rate == rate && duration > 0).then_some(duration);
        Some(Self { before, frames })
    }

    /// How many of the next frames are left out, and how many after those are sound.
    pub(crate) fn keep(&mut self, frames: u64) -> (u64, u64) {
        let left_out = self.before.min(frames);
        self.before -= left_out;
        let kept = (frames - left_out).min(self.frames.unwrap_or(u64::MAX));
        self.frames = self.frames.map(|frames| frames - kept);
        (left_out, kept)
    }

    /// Leaves out of decoded frames what is no sound.
    pub(crate) fn apply(&mut self, spec: StreamSpec, bytes: &mut Vec<u8>) {
        let frame_bytes = spec.frame_bytes();
        let (left_out, kept) = self.keep((bytes.len() / frame_bytes) as u64);
        bytes.drain(..left_out as usize * frame_bytes);
        bytes.truncate(kept as usize * frame_bytes);
    }

    /// ` 00000000 DELAY PADDING SAMPLES`, in hexadecimal: exact, where there is one.
    pub(crate) fn or_itunes(self, tags: &Tags) -> Self {
        let words = || {
            let comment = tags
                .get("iTunSMPB")
                .or_else(|| tags.get("----:com.apple.iTunes:iTunSMPB"))?;
            let hexadecimal = |word: &str| u64::from_str_radix(word, 16).ok();
            let mut words = comment.split_whitespace().skip(1).map_while(hexadecimal);
            let (before, _, frames) = (words.next()?, words.next()?, words.next()?);
            (frames > 0 && before < 1 << 14).then_some(Self {
                before,
                frames: Some(frames),
            })
        };
        words().unwrap_or(self)
    }
}
