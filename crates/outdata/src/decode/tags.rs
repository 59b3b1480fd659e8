//! Titles and the like: ID3v2 and Vorbis comments, as far as `info` and the decoders need them.

use std::io;

use super::window::Window;

/// What is kept of an ID3v2 tag; the rest is pictures.
const MOST_ID3_BYTES: usize = 1 << 18;
const MOST_TAGS: usize = 256;

/// Names and values, as the file has them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tags(pub(crate) Vec<(String, String)>);

impl Tags {
    pub(super) fn add(&mut self, name: &str, value: &str) {
        // What a file says must not steer a terminal.
        let printable = |text: &str| text.replace(char::is_control, " ").trim().to_owned();
        let (name, value) = (printable(name), printable(value));
        if self.0.len() < MOST_TAGS && !value.is_empty() {
            self.0.push((name, value));
        }
    }

    /// The first value of this name, in whatever case it is written.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let is_it = |(known, _): &&(String, String)| known.eq_ignore_ascii_case(name);
        self.0.iter().find(is_it).map(|(_, value)| value.as_str())
    }

    /// Reads Vorbis comments (<https://xiph.org/vorbis/doc/v-comment.html>): a vendor, a count, and
    /// `NAME=value`, each with its length. One that lies about its length ends them.
    pub(super) fn add_vorbis_comments(&mut self, comments: &[u8]) {
        let Some((_vendor, rest)) = counted(comments) else {
            return;
        };
        let mut rest = rest.get(4..).unwrap_or_default();
        while let Some((comment, behind)) = counted(rest) {
            rest = behind;
            let comment = String::from_utf8_lossy(comment);
            // A picture is no text.
            if let Some((name, value)) = comment.split_once('=')
                && !name.eq_ignore_ascii_case("METADATA_BLOCK_PICTURE")
            {
                self.add(name, value);
            }
        }
    }
}

/// A text that begins with its length, and what follows it.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, behind) = bytes.split_first_chunk()?;
    behind.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

/// Passes over ID3v2 tags, however many, and reads their texts.
pub(super) fn skip_id3v2(window: &mut Window, tags: &mut Tags) -> io::Result<()> {
    while let Some(length) = id3v2_bytes(window.look(10)?) {
        let kept = window.look(length.min(MOST_ID3_BYTES as u64) as usize)?;
        add_id3v2(kept, tags);
        if !window.skip(length)? {
            break;
        }
    }
    Ok(())
}

/// The length of the ID3v2 tag that begins so, its header and footer included.
pub(super) fn id3v2_bytes(head: &[u8]) -> Option<u64> {
    let [b'I', b'D', b'3', major, minor, flags, size @ ..] = head else {
        return None;
    };
    let size = size.first_chunk::<4>()?;
    if *major == 0xff || *minor == 0xff || size.iter().any(|byte| byte & 0x80 != 0) {
        return None;
    }
    let size = size
        .iter()
        .fold(0, |size, byte| size << 7 | u64::from(*byte));
    let footer = if flags & 0x10 != 0 { 10 } else { 0 };
    Some(10 + size + footer)
}

/// The length of a tag that stands between frames, by what it begins with. After damage, `is_in_step` is false, and
/// only what cannot be there by chance is taken for a tag.
pub(super) fn decoration_bytes(head: &[u8], is_in_step: bool) -> Option<u64> {
    if is_in_step && let Some(bytes) = id3v2_bytes(head) {
        return Some(bytes);
    }
    if head.starts_with(b"APETAGEX") {
        // Version 2 with its header in front; the size is without it. A footer stands alone.
        let number = |at: usize| {
            let bytes = head.get(at..)?.first_chunk()?;
            Some(u32::from_le_bytes(*bytes))
        };
        let is_header = number(20)? & 1 << 29 != 0;
        return Some(32 + if is_header { u64::from(number(12)?) } else { 0 });
    }
    match head {
        _ if !is_in_step => None,
        [b'T', b'A', b'G', b'+', ..] => Some(227),
        [b'T', b'A', b'G', ..] => Some(128),
        _ => None,
    }
}

/// The text frames of versions 2.2 to 2.4 (<https://id3.org/id3v2.4.0-frames>), and comments.
fn add_id3v2(tag: &[u8], tags: &mut Tags) {
    let major = tag.get(3).copied().unwrap_or_default();
    let (id_bytes, header_bytes) = if major <= 2 { (3, 6) } else { (4, 10) };
    let mut rest = tag.get(10..).unwrap_or_default();
    while let Some((header, behind)) = rest.split_at_checked(header_bytes) {
        let (id, sizes) = header.split_at(id_bytes);
        let bits = if major >= 4 { 7 } else { 8 };
        let sizes = sizes.iter().take(id_bytes);
        let size = sizes.fold(0, |size, byte| size << bits | usize::from(*byte));
        let Some((body, behind)) = behind.split_at_checked(size) else {
            break;
        };
        let is_id = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        if size == 0 || !id.iter().all(is_id) {
            break;
        }
        rest = behind;
        let (Some((encoding, body)), Ok(id)) = (body.split_first(), std::str::from_utf8(id)) else {
            continue;
        };
        match id {
            // A description and a value.
            "COMM" | "COM" | "TXXX" | "TXX" => {
                let body = if id.starts_with('C') {
                    body.get(3..)
                } else {
                    Some(body)
                };
                let texts = texts(*encoding, body.unwrap_or_default());
                let mut texts = texts.iter().map(String::as_str);
                let name = texts.next().unwrap_or_default();
                let name = if name.is_empty() { "COMMENT" } else { name };
                tags.add(name, texts.next().unwrap_or_default());
            }
            _ if id.starts_with('T') => {
                tags.add(name(id), &texts(*encoding, body).join("; "));
            }
            _ => {}
        }
    }
}

/// The texts between the zeros.
fn texts(encoding: u8, body: &[u8]) -> Vec<String> {
    let text: String = match encoding {
        0 => body.iter().map(|byte| char::from(*byte)).collect(),
        1 | 2 => {
            let is_big = encoding == 2 || body.starts_with(&[0xfe, 0xff]);
            let units = body.chunks_exact(2).map(|pair| match pair {
                [high, low] if is_big => u16::from_be_bytes([*high, *low]),
                [low, high] => u16::from_le_bytes([*low, *high]),
                _ => 0,
            });
            // A byte order mark stands before each text.
            let units = units.filter(|unit| !matches!(unit, 0xfeff | 0xfffe));
            char::decode_utf16(units)
                .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect()
        }
        _ => String::from_utf8_lossy(body).into_owned(),
    };
    let texts = text.trim_end_matches('\0').split('\0');
    texts.map(|text| text.trim().to_owned()).collect()
}

/// The names that Vorbis comments have for the usual ones.
fn name(id: &str) -> &str {
    match id {
        "TIT2" | "TT2" => "TITLE",
        "TPE1" | "TP1" => "ARTIST",
        "TALB" | "TAL" => "ALBUM",
        "TRCK" | "TRK" => "TRACKNUMBER",
        "TDRC" | "TYER" | "TYE" => "DATE",
        "TCON" | "TCO" => "GENRE",
        "TSSE" | "TSS" => "ENCODER",
        id => id,
    }
}
