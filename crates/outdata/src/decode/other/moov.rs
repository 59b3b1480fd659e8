//! The `moov` box of an MP4 or QuickTime file: what it says of its tracks that symphonia does not tell.
//!
//! Sources: ISO/IEC 14496-12, 8.2 to 8.5; QuickTime File Format (Apple), sound sample descriptions.

use std::io::{self, Read, Seek, SeekFrom};

use crate::source::Source;

/// A `moov` box longer than this is not looked into.
const MOST_MOOV_BYTES: u64 = 1 << 26;

/// The box, or nothing where there is none.
pub(super) struct Moov(Vec<u8>);

/// A track that holds sound.
#[derive(Clone, Copy)]
pub(super) struct SoundTrack<'a> {
    moov: &'a [u8],
    track: &'a [u8],
}

impl Moov {
    /// Reads it, and goes back to where the source was.
    pub(super) fn read(source: &mut Source) -> io::Result<Self> {
        let begin = source.stream_position()?;
        let moov = find_moov(source)?;
        source.seek(SeekFrom::Start(begin))?;
        Ok(Self(moov.unwrap_or_default()))
    }

    pub(super) fn sound_tracks(&self) -> impl Iterator<Item = SoundTrack<'_>> {
        let moov = self.0.as_slice();
        let tracks = boxes(moov).filter(|(name, _)| name == b"trak");
        tracks
            .map(move |(_, track)| SoundTrack { moov, track })
            .filter(SoundTrack::is_sound)
    }

    /// The one with this number.
    pub(super) fn sound_track(&self, id: u32) -> Option<SoundTrack<'_>> {
        self.sound_tracks()
            .find(|track| track.id() == Some(id.into()))
    }
}

impl<'a> SoundTrack<'a> {
    fn is_sound(&self) -> bool {
        let handler = find(self.track, &[b"mdia", b"hdlr"]);
        handler.is_some_and(|handler| handler.get(8..12) == Some(b"soun"))
    }

    fn id(&self) -> Option<u64> {
        behind_times(find(self.track, &[b"tkhd"])?)
    }

    /// Units in a second of the whole movie.
    pub(super) fn movie_rate(&self) -> Option<u64> {
        behind_times(find(self.moov, &[b"mvhd"])?)
    }

    /// Units in a second of the track.
    pub(super) fn rate(&self) -> Option<u64> {
        behind_times(find(self.track, &[b"mdia", b"mdhd"])?)
    }

    pub(super) fn edit_list(&self) -> Option<&'a [u8]> {
        find(self.track, &[b"edts", b"elst"])
    }

    /// The first sample description: the codec's name, and what is said about it.
    fn description(&self) -> Option<([u8; 4], &'a [u8])> {
        let descriptions = find(self.track, &[b"mdia", b"minf", b"stbl", b"stsd"])?;
        // A version, flags and a number come first.
        boxes(descriptions.get(8..)?).next()
    }

    /// The codec, as people call it where that is known.
    pub(super) fn codec_name(&self) -> Option<String> {
        let (codec, _) = self.description()?;
        Some(match &codec {
            b"alaw" => "A-law".to_owned(),
            b"ulaw" => "mu-law".to_owned(),
            b"alac" => "ALAC as QuickTime keeps it".to_owned(),
            other => format!("the codec {}", other.escape_ascii()),
        })
    }

    /// Whether it is PCM of 24 bits or more with the highest byte first, as QuickTime has it unless `enda` says else.
    pub(super) fn is_big_endian_pcm(&self) -> bool {
        let Some((codec, description)) = self.description() else {
            return false;
        };
        let boxes_at = match number(description, 8, 2) {
            Some(0) => 28,
            Some(1) => 44,
            // Its flags say it, and symphonia reads these.
            _ => return false,
        };
        let boxes = description.get(boxes_at..).unwrap_or_default();
        let order = find(boxes, &[b"wave", b"enda"]).or_else(|| find(boxes, &[b"enda"]));
        let is_little = order.and_then(|order| number(order, 0, 2)) == Some(1);
        matches!(&codec, b"in24" | b"in32" | b"fl32" | b"fl64") && !is_little
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

/// The box that lies in the first of these, in the second of these in that, and so on.
fn find<'a>(body: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(body, |body, name| {
        let found = boxes(body).find(|(known, _)| known == *name);
        found.map(|(_, body)| body)
    })
}

/// What follows the times of creation and of change in `mvhd`, `tkhd` and `mdhd`.
fn behind_times(header: &[u8]) -> Option<u64> {
    let at = if header.first() == Some(&1) { 20 } else { 12 };
    number(header, at, 4)
}

pub(super) fn number(bytes: &[u8], at: usize, count: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(count)?)?;
    Some(
        bytes
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)),
    )
}
