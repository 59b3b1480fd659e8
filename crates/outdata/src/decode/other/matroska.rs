//! What symphonia does not tell of a Matroska file: whether it has all that its header promises, which only its end
//! shows, and what a codec is called that it does not know.
//!
//! Source: RFC 8794, section 4, for lengths; RFC 9559 for the Segment.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use symphonia::core::io::MediaSource;

const EBML: u64 = 0x1a45_dfa3;
const SEGMENT: u64 = 0x1853_8067;
const TRACKS: u64 = 0x1654_ae6b;
const TRACK: u64 = 0xae;
const TRACK_TYPE: u64 = 0x83;
const CODEC: u64 = 0x86;
const CODEC_PRIVATE: u64 = 0x63a2;
const AUDIO: u64 = 0xe1;
const BIT_DEPTH: u64 = 0x6264;

/// Where the file ends, by its header; `None` where the writer could not know.
pub(crate) fn promised_end(head: &[u8]) -> Option<u64> {
    let (id, at) = number(head, 0, false)?;
    let (bytes, at) = number(head, at, true)?;
    let at = usize::try_from(bytes).ok()?.checked_add(at)?;
    let (segment, at) = number(head, at, false)?;
    let (bytes, end) = number(head, at, true)?;
    // All ones.
    let unknown = (1 << (7 * (end - at))) - 1;
    let is_known = id == EBML && segment == SEGMENT && bytes != unknown;
    is_known.then_some(bytes.saturating_add(end as u64))
}

/// The codec of the first track of sound, as far as the file's beginning tells.
pub(crate) fn sound_codec(head: &[u8]) -> Option<String> {
    let sound = [2_u8].as_slice();
    let tracks = find(find(head, SEGMENT)?, TRACKS)?;
    let mut tracks = elements(tracks).filter(|(id, _)| *id == TRACK);
    let (_, track) = tracks.find(|(_, track)| find(track, TRACK_TYPE) == Some(sound))?;
    let codec = String::from_utf8_lossy(find(track, CODEC)?);
    let bits = find(track, AUDIO).and_then(|audio| find(audio, BIT_DEPTH)?.last());
    // As in a WAV file, its tag comes first.
    let tag = find(track, CODEC_PRIVATE).and_then(|format| format.first());
    Some(match (codec.as_ref(), bits, tag) {
        ("A_MS/ACM", _, Some(6)) => "A-law".to_owned(),
        ("A_MS/ACM", _, Some(7)) => "mu-law".to_owned(),
        (codec, Some(bits), _) if codec.starts_with("A_PCM/") => format!("PCM of {bits} bits"),
        (codec, _, _) => format!("the codec {codec}"),
    })
}

/// The elements one after the other; the last one may be cut off, or of unknown length.
fn elements(bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (id, body) = number(bytes, at, false)?;
        let (length, body) = number(bytes, body, true)?;
        let end = usize::try_from(length).ok()?.saturating_add(body);
        at = end.min(bytes.len());
        Some((id, bytes.get(body..at)?))
    })
}

fn find(bytes: &[u8], id: u64) -> Option<&[u8]> {
    elements(bytes)
        .find(|(known, _)| *known == id)
        .map(|(_, body)| body)
}

/// A number whose first byte says how many bytes follow; and where it ends. A length is read without that mark.
fn number(bytes: &[u8], at: usize, is_length: bool) -> Option<(u64, usize)> {
    let first = *bytes.get(at)?;
    let count = first.leading_zeros() as usize + 1;
    let end = at.checked_add(count).filter(|_| count <= 8)?;
    let all = bytes.get(at..end)?;
    let number = all
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte));
    let mark = 1 << (7 * count);
    Some((
        if is_length {
            number & (mark - 1)
        } else {
            number
        },
        end,
    ))
}

/// A source that counts what is read.
pub(crate) struct Counted {
    source: Box<dyn MediaSource>,
    bytes: Arc<AtomicU64>,
}

impl Counted {
    pub(crate) fn new(source: Box<dyn MediaSource>) -> (Self, Arc<AtomicU64>) {
        let bytes = Arc::<AtomicU64>::default();
        let counter = Arc::clone(&bytes);
        (Self { source, bytes }, counter)
    }
}

impl Read for Counted {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buf)?;
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.source.seek(to)
    }
}

impl MediaSource for Counted {
    fn is_seekable(&self) -> bool {
        self.source.is_seekable()
    }

    fn byte_len(&self) -> Option<u64> {
        self.source.byte_len()
    }
}
