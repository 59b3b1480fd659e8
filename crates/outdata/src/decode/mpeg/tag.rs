//! What encoders of MP3 write in the place of the first frame, or in an ID3v2 comment: how many frames there are, and
//! how many of their samples are padding.
//!
//! Sources: the LAME project's "Mp3 Info Tag revision 1"; Fraunhofer's VBRI as the same page has
//! it; Apple's iTunSMPB comment as players write it.

use super::header::MpegHeader;
use crate::decode::tags::Tags;

/// What a decoder of layer III is late by, in frames: 528 and the one sample of the filterbank.
const DECODER_DELAY: u64 = 529;

/// What such a tag says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct InfoTag {
    /// MPEG frames after it: a hint.
    pub(crate) count: Option<u64>,
    /// Frames (of samples) at the beginning that are padding.
    pub(crate) delay: u64,
    /// The same at the end, where `count` is right.
    pub(crate) padding: u64,
}

impl InfoTag {
    /// `None` where the frame holds sound.
    pub(crate) fn read(frame: &[u8], header: &MpegHeader) -> Option<Self> {
        if header.layer != 3 {
            return None;
        }
        let crc_bytes = if header.has_crc() { 2 } else { 0 };
        let xing = |at: usize| {
            let tag = frame.get(at..)?;
            matches!(tag.get(..4), Some(b"Xing" | b"Info")).then(|| Self::xing(tag))
        };
        let vbri = || {
            let tag = frame.get(MpegHeader::BYTES + 32..)?;
            let count = u64::from(word(tag.get(14..)?)?);
            tag.starts_with(b"VBRI").then_some(Self {
                count: Some(count).filter(|count| *count > 0),
                ..Self::default()
            })
        };
        xing(header.tag_at())
            .or_else(|| xing(header.tag_at() + crc_bytes))
            .or_else(vbri)
    }

    fn xing(tag: &[u8]) -> Self {
        let flags = tag.get(4..).and_then(word).unwrap_or_default();
        let mut at = 8;
        let mut info = Self::default();
        if flags & 1 != 0 {
            let count = tag.get(at..).and_then(word).map(u64::from);
            info.count = count.filter(|count| *count > 0);
            at += 4;
        }
        at += if flags & 2 != 0 { 4 } else { 0 };
        at += if flags & 4 != 0 { 100 } else { 0 };
        at += if flags & 8 != 0 { 4 } else { 0 };
        let lame = tag.get(at..).unwrap_or_default();
        // Others write the same fields without meaning anything.
        let is_real = matches!(lame.get(..4), Some(b"LAME" | b"Lavf" | b"Lavc" | b"L3.9"));
        if is_real && let Some([a, b, c]) = lame.get(21..24) {
            let delay = u64::from(*a) << 4 | u64::from(*b) >> 4;
            let padding = u64::from(*b & 0xf) << 8 | u64::from(*c);
            info.set_gapless(delay, padding);
        }
        info
    }

    fn set_gapless(&mut self, delay: u64, padding: u64) {
        self.delay = delay + DECODER_DELAY;
        self.padding = padding.saturating_sub(DECODER_DELAY);
    }

    /// ` 00000000 DELAY PADDING SAMPLES ...`, in hexadecimal.
    pub(crate) fn add_itunes(&mut self, tags: &Tags, frames_per_frame: u64) {
        let Some(comment) = tags.get("iTunSMPB").filter(|_| self.delay == 0) else {
            return;
        };
        let hexadecimal = |word: &str| u64::from_str_radix(word, 16).ok();
        let mut words = comment.split_whitespace().skip(1).map_while(hexadecimal);
        if let (Some(delay), Some(padding), Some(samples)) =
            (words.next(), words.next(), words.next())
            && delay < 1 << 12
            && padding < 1 << 12
            && samples > 0
        {
            self.set_gapless(delay, padding);
            let all = delay + padding + samples;
            if self.count.is_none() && all % frames_per_frame == 0 {
                self.count = Some(all / frames_per_frame);
            }
        }
    }
}

fn word(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.first_chunk()?))
}
