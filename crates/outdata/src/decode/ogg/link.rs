//! One logical stream of an Ogg file: its packets, and where they stand.

use rt_callback::StreamSpec;
use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::codecs::audio::well_known::CODEC_ID_VORBIS;
use symphonia::core::packet::PacketRef;
use symphonia::core::units::{Duration, Timestamp};

use super::page::Page;
use crate::decode::codecs::vorbis_of_many_channels;
use crate::decode::flac::frame::StreamInfo;
use crate::decode::flac::{FlacStream, MOST_GAP_SECONDS};
use crate::decode::guard::Decoder;
use crate::decode::samples;
use crate::decode::tags::Tags;

/// A packet of samples is far shorter, in bytes; headers may hold pictures.
const MOST_PACKET_BYTES: usize = 1 << 24;

/// One logical stream of a chain.
pub(crate) struct Link {
    pub(crate) serial: u32,
    pub(crate) codec: Codec,
    pub(crate) tags: Tags,
    /// The packet that goes on in the next page.
    packet: Vec<u8>,
    is_partial: bool,
    next_number: u32,
    /// Frames before the next packet, counted from the last granule position, once there was one.
    position: Option<u64>,
    /// Frames since the link's beginning, until there is a granule position.
    unplaced: u64,
    /// The packet before the next one, which it overlaps with, is missing.
    is_broken: bool,
    /// Frames are missing; the next granule position says how many.
    pub(crate) is_missing: bool,
    pub(crate) is_over: bool,
}

/// The codec of the packets, and which header is next.
pub(crate) enum Codec {
    /// Identification, then comments, then setup.
    VorbisHead {
        identification: Vec<u8>,
        comments: bool,
    },
    Vorbis(Decoder, Option<StreamSpec>),
    FlacHead {
        info: StreamInfo,
        left: u16,
    },
    Flac(Box<FlacStream>),
}

impl Codec {
    /// The codec, by the first packet of a stream. If it cannot be decoded: its name, where that is known.
    pub(crate) fn of(packet: &[u8]) -> Result<Self, Option<String>> {
        if let Some(vorbis) = vorbis_of_many_channels(packet) {
            return Err(Some(vorbis));
        }
        if packet.starts_with(b"\x01vorbis") {
            return Ok(Self::VorbisHead {
                identification: packet.to_vec(),
                comments: false,
            });
        }
        // <https://xiph.org/flac/ogg_mapping.html>: version, number of headers, then a native file's
        // beginning.
        if let Some(rest) = packet.strip_prefix(b"\x7fFLAC\x01")
            && let [_, high, low, b'f', b'L', b'a', b'C', _, _, _, _, body @ ..] = rest
            && let Some(info) = StreamInfo::read(body)
        {
            let left = match u16::from_be_bytes([*high, *low]) {
                0 => u16::MAX,
                left => left,
            };
            return Ok(Self::FlacHead { info, left });
        }
        let known = [
            (&b"OpusHead"[..], "Opus"),
            (b"Speex   ", "Speex"),
            (b"PCM     ", "PCM"),
            (b"\x80theora", "Theora"),
            (b"BBCD\0", "Dirac"),
        ];
        let known = known.iter().find(|(magic, _)| packet.starts_with(magic));
        Err(known.map(|(_, name)| (*name).to_owned()))
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::VorbisHead { .. } | Self::Vorbis(..) => "Vorbis",
            Self::FlacHead { .. } | Self::Flac(_) => "FLAC",
        }
    }
}

impl Link {
    pub(crate) fn new(page: &Page, codec: Codec) -> Self {
        Self {
            serial: page.serial,
            codec,
            tags: Tags::default(),
            packet: Vec::new(),
            is_partial: false,
            next_number: page.number.wrapping_add(1),
            position: None,
            unplaced: 0,
            is_broken: false,
            is_missing: false,
            is_over: page.is_last(),
        }
    }

    /// The packets that end in this page.
    fn packets(&mut self, page: &Page) -> Vec<Vec<u8>> {
        let mut packets = Vec::new();
        if page.number != self.next_number {
            self.lose();
        }
        self.next_number = page.number.wrapping_add(1);
        // The rest of a packet whose beginning is not there.
        let mut is_rest = page.is_continued() && !self.is_partial;
        if is_rest {
            self.lose();
        }
        if !page.is_continued() && self.is_partial {
            self.lose();
        }
        for part in page.parts() {
            if !is_rest {
                self.packet.extend_from_slice(part.bytes);
            }
            if part.is_end && !std::mem::take(&mut is_rest) {
                packets.push(std::mem::take(&mut self.packet));
            }
            self.is_partial = !part.is_end && !is_rest;
        }
        if self.packet.len() > MOST_PACKET_BYTES {
            self.lose();
        }
        packets
    }

    pub(crate) fn lose(&mut self) {
        self.packet.clear();
        self.is_partial = false;
        self.is_broken |= self.has_samples();
        self.is_missing |= self.has_samples();
    }

    pub(crate) fn has_samples(&self) -> bool {
        matches!(self.codec, Codec::Vorbis(..) | Codec::Flac(_))
    }

    pub(crate) fn spec(&self) -> Option<StreamSpec> {
        match &self.codec {
            Codec::Vorbis(_, spec) => *spec,
            Codec::Flac(stream) => Some(stream.spec()),
            _ => None,
        }
    }

    /// A header, or samples that are appended. Returns whether they could be decoded.
    fn packet(&mut self, packet: &[u8], bytes: &mut Vec<u8>) -> Result<bool, String> {
        match &mut self.codec {
            Codec::VorbisHead {
                identification,
                comments,
            } => {
                if let Some(body) = packet.strip_prefix(b"\x03vorbis") {
                    self.tags.add_vorbis_comments(body);
                    *comments = true;
                } else if packet.starts_with(b"\x05vorbis") {
                    let setup = [identification.as_slice(), packet].concat();
                    let mut parameters = AudioCodecParameters::new();
                    parameters
                        .for_codec(CODEC_ID_VORBIS)
                        .with_extra_data(setup.into());
                    self.codec = Codec::Vorbis(Decoder::new(&parameters)?, None);
                }
                Ok(true)
            }
            Codec::FlacHead { info, left } => {
                if packet.first() == Some(&0xff) {
                    *left = 0;
                } else {
                    if packet.first().is_some_and(|kind| kind & 0x7f == 4) {
                        self.tags
                            .add_vorbis_comments(packet.get(4..).unwrap_or_default());
                    }
                    *left = left.saturating_sub(1);
                    if packet.first().is_some_and(|kind| kind & 0x80 != 0) {
                        *left = 0;
                    }
                }
                if *left == 0 {
                    let stream = FlacStream::new(*info, &self.tags)?;
                    self.codec = Codec::Flac(Box::new(stream));
                    if packet.first() == Some(&0xff) {
                        return self.packet(packet, bytes);
                    }
                }
                Ok(true)
            }
            // What does not begin as a frame is a header that came late.
            Codec::Flac(stream) => {
                Ok(packet.first() != Some(&0xff) || stream.decode(packet, bytes))
            }
            Codec::Vorbis(decoder, spec) => {
                // An odd first byte is a header, which has no samples and should not be here.
                if packet.first().is_none_or(|first| first & 1 != 0) {
                    return Ok(true);
                }
                let packet = PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, packet);
                match decoder.decode(&packet) {
                    Ok(buffer) => {
                        let decoded = samples::spec_of(&buffer, None)?;
                        *spec = Some(decoded);
                        samples::append(&buffer, decoded.format, bytes);
                        Ok(true)
                    }
                    Err(_) => Ok(false),
                }
            }
        }
    }

    /// Decodes a page of samples, puts them in their place, and cuts them to the length that the page says. Where
    /// there is a gap, samples come before and after it.
    pub(crate) fn page(&mut self, page: &Page) -> Result<Option<Decoded>, String> {
        let packets = self.packets(page);
        let (mut bytes, mut gap_at) = (Vec::new(), self.is_missing.then_some(0));
        for packet in &packets {
            if std::mem::take(&mut self.is_broken)
                && let Codec::Vorbis(decoder, _) = &mut self.codec
            {
                decoder.reset();
            }
            if !self.packet(packet, &mut bytes)? {
                self.is_broken = true;
                self.is_missing = true;
                gap_at.get_or_insert(bytes.len());
            }
        }
        self.is_over |= page.is_last();
        let Some(spec) = self.spec() else {
            return Ok(None);
        };
        let frame_bytes = spec.frame_bytes();
        let frames = (bytes.len() / frame_bytes) as u64;
        Ok(Some(match self.place(page, frames, spec.rate_hz) {
            Place::Keep(from, most) => {
                let from = (from as usize).saturating_mul(frame_bytes).min(bytes.len());
                bytes.drain(..from);
                bytes.truncate((most as usize).saturating_mul(frame_bytes));
                Decoded {
                    spec,
                    before: bytes,
                    gap: None,
                }
            }
            Place::Gap(gap) => {
                let after = bytes.split_off(gap_at.unwrap_or(0).min(bytes.len()));
                Decoded {
                    spec,
                    before: bytes,
                    gap: Some((gap, after)),
                }
            }
        }))
    }

    /// Where these frames stand. They are all that was decoded of a page.
    fn place(&mut self, page: &Page, frames: u64, rate_hz: u32) -> Place {
        let all = Place::Keep(0, u64::MAX);
        let believed = MOST_GAP_SECONDS * u64::from(rate_hz);
        let Ok(granule) = u64::try_from(page.granule) else {
            // Nobody wrote it.
            match &mut self.position {
                Some(position) => *position = position.saturating_add(frames),
                None => self.unplaced = self.unplaced.saturating_add(frames),
            }
            return all;
        };
        let is_missing = std::mem::take(&mut self.is_missing);
        let is_beginning = self.position.is_none();
        let end = self
            .position
            .unwrap_or(self.unplaced)
            .saturating_add(frames);
        self.position = Some(granule.max(end));
        if granule >= end {
            // A stream that was cut out of a longer one has no gap before it.
            let gap = granule - end;
            return if is_missing && (1..=believed).contains(&gap) {
                Place::Gap(gap)
            } else {
                all
            };
        }
        let over = end - granule;
        if page.is_last() && over <= frames && granule > 0 {
            // It ends in the middle of a block.
            self.position = Some(granule);
            return Place::Keep(0, frames - over);
        }
        if is_beginning && self.unplaced == 0 && over < frames && granule > 0 {
            // It begins in the middle of one.
            self.position = Some(granule);
            return Place::Keep(over, u64::MAX);
        }
        all
    }
}

/// What becomes of a page's frames.
enum Place {
    /// Those from the first number on, at most as many as the second.
    Keep(u64, u64),
    /// All, and this many are missing among them.
    Gap(u64),
}

/// What came out of a page.
pub(crate) struct Decoded {
    pub(crate) spec: StreamSpec,
    pub(crate) before: Vec<u8>,
    /// The frames that are missing then, and what comes after them.
    pub(crate) gap: Option<(u64, Vec<u8>)>,
}
