//! Lengths in AIFF, CAF and MP4 that are not so. symphonia refuses a file that ends before its header says, and one that was
//! written into a pipe, where no length was known.
//!
//! Sources: Audio Interchange File Format 1.3 (Apple, 1989); Core Audio Format 1.0 (Apple); ISO/IEC 14496-12, 4.2.

use std::io::{self, Read, Seek, SeekFrom};

use symphonia::core::io::MediaSource;

use super::moov::number;
use crate::decode::damage::cut_short;
use crate::source::Source;

/// No AIFF is longer, as its outermost chunk has a length of 32 bits.
const MOST_AIFF_BYTES: u64 = 8 + u32::MAX as u64;
/// In an AIFF's chunk of samples, an offset and a block size come first.
const AIFF_BEFORE: u64 = 8;
/// In a CAF's, a count of edits.
const CAF_BEFORE: u64 = 4;
/// What is before the packets' lengths in CAF's table of them.
const CAF_TABLE_HEAD: u64 = 24;
/// A longer table is not looked into.
const MOST_TABLE_BYTES: u64 = 1 << 26;

/// What is to be read instead of what stands there.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Lengths {
    /// These bytes, each from this position on.
    patches: Vec<(u64, Vec<u8>)>,
    /// Where what can be used ends.
    end: u64,
    /// What is to be said of it.
    pub(super) cut: Option<String>,
}

impl Lengths {
    fn patch(&mut self, at: u64, bytes: &[u8]) {
        self.patches.push((at, bytes.to_vec()));
    }

    /// A chunk that holds no samples is not all there.
    fn leave_out(&mut self, name: &[u8]) {
        let name = name.escape_ascii();
        self.cut = Some(format!("is cut short: its chunk {name} is left out"));
    }

    /// Of an AIFF or AIFF-C file. The source is then where it was.
    pub(super) fn of_aiff(source: &mut Source) -> io::Result<Self> {
        let mut lengths = Self::default();
        let file_end = source.byte_len().unwrap_or(0).min(MOST_AIFF_BYTES);
        let form = chunk_head::<8>(source, 0)?.unwrap_or_default();
        let form_end = 8 + number(&form, 4, 4).unwrap_or(0);
        let is_form_right = (12..=file_end).contains(&form_end);
        let last = if is_form_right { form_end } else { file_end };
        lengths.end = 12;
        while lengths.end.next_multiple_of(2) < last {
            let at = lengths.end.next_multiple_of(2);
            let Some(head) = chunk_head::<8>(source, at)? else {
                break;
            };
            let rest = file_end.saturating_sub(at + 8);
            let size = number(&head, 4, 4).unwrap_or(0);
            let name = head.first_chunk::<4>().unwrap_or(b"    ");
            let is_sound = name == b"SSND";
            if size <= rest && !(is_sound && size < AIFF_BEFORE) {
                lengths.end = at + 8 + size;
                continue;
            }
            if !is_sound || rest < AIFF_BEFORE {
                lengths.leave_out(name);
                break;
            }
            // The third is SoX's.
            let is_open = matches!(size, 0..AIFF_BEFORE | 0xffff_ffff | 0x7f00_0008);
            lengths.cut = (!is_open).then(|| cut_short(size - AIFF_BEFORE, rest - AIFF_BEFORE));
            lengths.patch(at + 4, &(rest as u32).to_be_bytes());
            lengths.end = file_end;
        }
        let form_bytes = lengths.end.saturating_sub(8) as u32;
        lengths.patch(4, &form_bytes.to_be_bytes());
        source.seek(SeekFrom::Start(0))?;
        Ok(lengths)
    }

    /// Of a CAF file. The source is then where it was.
    pub(super) fn of_caf(source: &mut Source) -> io::Result<Self> {
        let mut lengths = Self::default();
        let file_end = source.byte_len().unwrap_or(0);
        lengths.end = 8;
        // How many numbers there are for each packet in the table of packets, and whether that has come.
        let (mut numbers, mut has_table) = (0, false);
        while let Some(head) = chunk_head::<12>(source, lengths.end)? {
            let body = lengths.end + 12;
            let rest = file_end.saturating_sub(body);
            let size = number(&head, 4, 8).unwrap_or(0);
            let name = head.first_chunk::<4>().unwrap_or(b"    ");
            let is_data = name == b"data";
            has_table |= name == b"pakt";
            if name == b"desc" {
                numbers = numbers_of_a_packet(&chunk_head(source, body)?.unwrap_or([0; 32]));
            }
            if size <= rest && !(is_data && size < CAF_BEFORE) {
                lengths.end = body + size;
                continue;
            }
            if is_data && rest >= CAF_BEFORE {
                // All ones: the writer could not know, as into a pipe.
                let is_open = size < CAF_BEFORE || size == u64::MAX;
                lengths.cut = (!is_open).then(|| cut_short(size - CAF_BEFORE, rest - CAF_BEFORE));
                lengths.patch(body - 8, &rest.to_be_bytes());
                lengths.end = file_end;
            } else if name == b"pakt" && rest >= CAF_TABLE_HEAD && numbers > 0 {
                lengths.cut_table(source, body, rest, numbers)?;
            } else {
                lengths.leave_out(name);
            }
            break;
        }
        if numbers > 0 && !has_table {
            let words = "is cut short: the table that tells its packets apart is missing";
            lengths.cut = Some(words.to_owned());
        }
        source.seek(SeekFrom::Start(0))?;
        Ok(lengths)
    }

    /// Of an MP4 file. The source is then where it was.
    pub(super) fn of_mp4(source: &mut Source) -> io::Result<Self> {
        let file_end = source.byte_len().unwrap_or(0);
        let mut lengths = Self {
            end: file_end,
            ..Self::default()
        };
        let mut at = 0;
        while let Some(head) = chunk_head::<8>(source, at)? {
            let rest = file_end.saturating_sub(at);
            // A length of 1 stands for one that follows, of 64 bits; 0 means up to the end.
            let (size, head_bytes) = match number(&head, 0, 4).unwrap_or(0) {
                1 => (
                    chunk_head(source, at + 8)?.map_or(0, u64::from_be_bytes),
                    16,
                ),
                size => (size, 8),
            };
            if size < head_bytes {
                break;
            }
            if size > rest {
                if head.ends_with(b"mdat") && rest >= head_bytes {
                    lengths.cut = Some(cut_short(size - head_bytes, rest - head_bytes));
                    match head_bytes {
                        16 => lengths.patch(at + 8, &rest.to_be_bytes()),
                        _ => lengths.patch(at, &(rest as u32).to_be_bytes()),
                    }
                }
                break;
            }
            at += size;
        }
        source.seek(SeekFrom::Start(0))?;
        Ok(lengths)
    }

    /// Of a table of packets, its end is missing.
    fn cut_table(
        &mut self,
        source: &mut Source,
        body: u64,
        rest: u64,
        numbers: u64,
    ) -> io::Result<()> {
        let promised = chunk_head::<8>(source, body)?.map_or(0, u64::from_be_bytes);
        let mut table = Vec::new();
        source.seek(SeekFrom::Start(body + CAF_TABLE_HEAD))?;
        let bytes = (rest - CAF_TABLE_HEAD).min(MOST_TABLE_BYTES);
        source.take(bytes).read_to_end(&mut table)?;
        // The last byte of a number has its highest bit clear.
        let there = table.iter().filter(|byte| **byte < 0x80).count() as u64;
        let packets = (there / numbers).min(promised);
        self.patch(body - 8, &rest.to_be_bytes());
        self.patch(body, &packets.to_be_bytes());
        self.end = body + rest;
        self.cut = Some(format!(
            "is cut short: its header promises {promised} packets, the table of them tells {packets} apart"
        ));
        Ok(())
    }
}

/// By CAF's description: a packet's length in bytes and in frames are in the table where they vary.
fn numbers_of_a_packet(description: &[u8]) -> u64 {
    let varies = |at| u64::from(number(description, at, 4) == Some(0));
    varies(16) + varies(20)
}

/// The bytes that are there, if they are all there.
fn chunk_head<const BYTES: usize>(source: &mut Source, at: u64) -> io::Result<Option<[u8; BYTES]>> {
    let mut head = [0; BYTES];
    source.seek(SeekFrom::Start(at))?;
    match source.read_exact(&mut head) {
        Ok(()) => Ok(Some(head)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

/// A file with these lengths, whatever it says itself.
pub(super) struct Mended {
    source: Source,
    lengths: Lengths,
    at: u64,
}

impl Mended {
    /// The source is to be at its beginning.
    pub(super) fn new(source: Source, lengths: Lengths) -> Self {
        Self {
            source,
            lengths,
            at: 0,
        }
    }
}

impl Read for Mended {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = self.lengths.end.saturating_sub(self.at);
        let most = buf.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let buf = buf.get_mut(..most).unwrap_or_default();
        let count = self.source.read(buf)?;
        for (from, bytes) in &self.lengths.patches {
            for (place, byte) in (*from..).zip(bytes) {
                let index = place.checked_sub(self.at).map(|index| index as usize);
                if let Some(there) = index.and_then(|index| buf.get_mut(..count)?.get_mut(index)) {
                    *there = *byte;
                }
            }
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Mended {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
            SeekFrom::End(offset) => self.lengths.end.checked_add_signed(offset),
        };
        let to = to.ok_or(io::ErrorKind::InvalidInput)?;
        self.at = self.source.seek(SeekFrom::Start(to))?;
        Ok(self.at)
    }
}

impl MediaSource for Mended {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.lengths.end)
    }
}
