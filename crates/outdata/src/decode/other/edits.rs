//! Which of the frames in an MP4 file are no sound: its edit list, or Apple's comment.
//!
//! Sources: ISO/IEC 14496-12, 8.6.6 (`elst`), 8.4.2 (`mdhd`), 8.2.2 (`mvhd`).

use std::io::{self, Read, Seek, SeekFrom};

use rt_callback::StreamSpec;

use crate::decode::tags::Tags;
use crate::source::Source;

/// A `moov` box longer than this is not looked into.
const MOST_MOOV_BYTES: u64 = 1 << 26;

/// Which frames are sound.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Edit {
    /// Frames before them.
    pub(crate) before: u64,
    /// How many frames are sound, where that is known exactly.
    pub(crate) frames: Option<u64>,
}

impl Edit {
    /// Reads the first sound track's edit list, and goes back to where the source was. An edit list that does more
    /// than leave out a beginning and an end is ignored.
    pub(crate) fn read(source: &mut Source) -> io::Result<Self> {
        let begin = source.stream_position()?;
        let moov = find_moov(source)?;
        source.seek(SeekFrom::Start(begin))?;
        Ok(moov.and_then(|moov| Self::of(&moov)).unwrap_or_default())
    }

    fn of(moov: &[u8]) -> Option<Self> {
        let movie_rate = time_scale(find(moov, b"mvhd")?)?;
        let is_sound = |track: &&[u8]| {
            let handler = find(track, b"mdia").and_then(|media| find(media, b"hdlr"));
            handler.is_some_and(|handler| handler.get(8..12) == Some(b"soun"))
        };
        let track = boxes(moov)
            .filter(|(name, _)| name == b"trak")
            .map(|(_, body)| body)
            .find(is_sound)?;
        let rate = time_scale(find(find(track, b"mdia")?, b"mdhd")?)?;
        let list = find(find(track, b"edts")?, b"elst")?;
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

fn find_moov(source: &mut Source) -> io::Result<Option<Vec<u8>>> {
    loop {
        let head = source.peek(16)?;
        let (Some(short), Some(name)) = (number(head, 0, 4), head.get(4..8)) else {
            return Ok(None);
        };
        let (bytes, header) = match short {
            1 => (number(head, 8, 8).unwrap_or(0), 16),
            short => (short, 8),
        };
        let Some(body) = bytes.checked_sub(header) else {
            // 0: to the end.
            return Ok(None);
        };
        if name == b"moov" {
            let mut moov = Vec::new();
            source.seek(SeekFrom::Current(header as i64))?;
            source
                .take(body.min(MOST_MOOV_BYTES))
                .read_to_end(&mut moov)?;
            return Ok(Some(moov));
        }
        let Ok(bytes) = i64::try_from(bytes) else {
            return Ok(None);
        };
        source.seek(SeekFrom::Current(bytes))?;
    }
}

/// The boxes in a body, one after the other.
fn boxes(mut rest: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let bytes = usize::try_from(number(rest, 0, 4)?).ok()?;
        let name = *rest.get(4..)?.first_chunk()?;
        let body = rest.get(8..bytes)?;
        rest = rest.get(bytes..)?;
        Some((name, body))
    })
}

fn find<'a>(body: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(body)
        .find(|(known, _)| known == name)
        .map(|(_, body)| body)
}

/// Units in a second, of `mvhd` and `mdhd`.
fn time_scale(header: &[u8]) -> Option<u64> {
    let at = if header.first() == Some(&1) { 20 } else { 12 };
    number(header, at, 4)
}

fn number(bytes: &[u8], at: usize, count: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + count)?;
    Some(
        bytes
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)),
    )
}
