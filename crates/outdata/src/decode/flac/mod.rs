//! FLAC: blocks of metadata, then frames, each with a check sum and its place.

pub(crate) mod frame;

use std::collections::VecDeque;
use std::io;

use rt_callback::{ChannelLayout, MAX_RATE_HZ, StreamSpec};
use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::codecs::audio::well_known::CODEC_ID_FLAC;
use symphonia::core::packet::PacketRef;
use symphonia::core::units::{Duration, Timestamp};

use self::frame::{Ends, FlacHeader, Number, StreamInfo};
use crate::decode::guard::Decoder;
use crate::decode::tags::{Tags, decoration_bytes};
use crate::decode::walk::{About, Stretch, Walk};
use crate::decode::window::Window;
use crate::decode::{clock, samples};

/// A comment block longer than this is not read.
const MOST_COMMENT_BYTES: u64 = 1 << 20;
/// The tag that says what the channels are, where that is not what their number means.
const MASK_TAG: &str = "WAVEFORMATEXTENSIBLE_CHANNEL_MASK";
/// How many bytes the search for the ends of frames may look through, and how many more for each byte of a good
/// frame: where many headers have no frame after them, searching takes time.
const FIRST_BUDGET: u64 = 1 << 26;
const BUDGET_FOR_A_BYTE: u64 = 16;
/// Longer gaps than this are not believed, in seconds.
pub(crate) const MOST_GAP_SECONDS: u64 = 600;

pub(crate) struct Flac {
    window: Window,
    tags: Tags,
    stream: FlacStream,
    /// What is to be handed out before the file is read on.
    ready: VecDeque<Stretch>,
    /// Bytes that belong to no frame, since the last frame.
    skipped: u64,
    /// How many more bytes the search for the ends of frames may look through.
    budget: u64,
}

/// The frames after one STREAMINFO.
pub(crate) struct FlacStream {
    info: StreamInfo,
    spec: StreamSpec,
    decoder: Decoder,
    /// Frames (of samples) before the next frame, by what the frames say; from 0 on.
    position: u64,
    /// The length of every block but the last; 0 before the first block.
    block_frames: u64,
    has_begun: bool,
}

impl FlacStream {
    pub(crate) fn new(info: StreamInfo, tags: &Tags) -> Result<Self, String> {
        if !(1..=MAX_RATE_HZ).contains(&info.rate_hz) {
            return Err(format!("has a rate of {} Hz", info.rate_hz));
        }
        let mut parameters = AudioCodecParameters::new();
        parameters
            .for_codec(CODEC_ID_FLAC)
            .with_extra_data(info.for_the_decoder());
        let format = samples::integer(info.bits);
        Ok(Self {
            info,
            spec: StreamSpec::new(format, info.rate_hz, layout(info.channels, tags)),
            decoder: Decoder::new(&parameters)?,
            position: 0,
            block_frames: 0,
            has_begun: false,
        })
    }

    pub(crate) fn spec(&self) -> StreamSpec {
        self.spec
    }

    pub(crate) fn total_frames(&self) -> Option<u64> {
        Some(self.info.total).filter(|total| *total > 0)
    }

    /// How many frames (of samples) are missing before this one; `was_lost` says that something was lost. `None`
    /// where its number would mean more than can be believed.
    fn gap(&mut self, header: &FlacHeader, was_lost: bool) -> Option<u64> {
        let begin = match header.number {
            Number::Sample(sample) => sample,
            Number::Block(block) => {
                self.block_frames = self.block_frames.max(header.frames);
                block.saturating_mul(self.block_frames)
            }
        };
        // What was cut off before the file begins is no gap in it.
        let expected = if self.has_begun || was_lost {
            self.position
        } else {
            begin
        };
        self.has_begun = true;
        self.position = begin.saturating_add(header.frames);
        let gap = begin.saturating_sub(expected);
        let most = MOST_GAP_SECONDS * u64::from(self.info.rate_hz);
        (gap <= most).then_some(gap)
    }

    /// Appends a frame's samples. Returns whether it could be decoded.
    pub(crate) fn decode(&mut self, frame: &[u8], bytes: &mut Vec<u8>) -> bool {
        let packet = PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, frame);
        let decoded = self.decoder.decode(&packet);
        if let Ok(buffer) = &decoded {
            samples::append(buffer, self.spec.format, bytes);
        }
        decoded.is_ok()
    }
}

impl Flac {
    pub(crate) fn open(mut window: Window, mut tags: Tags) -> Result<Self, String> {
        let stream = read_metadata(&mut window, &mut tags)?;
        Ok(Self {
            window,
            tags,
            stream,
            ready: VecDeque::new(),
            skipped: 0,
            budget: FIRST_BUDGET,
        })
    }

    /// Another file behind the first.
    fn begin_again(&mut self) -> io::Result<()> {
        self.note_short();
        let mut tags = Tags::default();
        self.stream = read_metadata(&mut self.window, &mut tags).map_err(io::Error::other)?;
        self.skipped = 0;
        Ok(())
    }

    /// Decodes the frame at the window's beginning. Returns `None` where it has no end, or makes no sense.
    fn frame(&mut self, header: &FlacHeader, bytes: &mut Vec<u8>) -> io::Result<Option<Stretch>> {
        let info = self.stream.info;
        let ends = header.ends(&mut self.window, &info, &mut self.budget)?;
        let ends = match ends {
            Ends::Certain(end) => vec![end],
            Ends::Perhaps(ends) => ends,
        };
        for end in ends {
            let frame = self.window.look(end)?;
            if self.stream.decode(frame, bytes) {
                self.window.pass(end);
                self.budget = self.budget.saturating_add(BUDGET_FOR_A_BYTE * end as u64);
                let gap = self.stream.gap(header, self.skipped > 0);
                self.skipped = 0;
                let spec = self.stream.spec;
                return Ok(Some(match gap {
                    Some(0) => Stretch::Samples(spec),
                    gap => Stretch::Lost(spec, gap.unwrap_or(0)),
                }));
            }
        }
        Ok(None)
    }

    fn note_short(&mut self) {
        let (total, position) = (self.stream.info.total, self.stream.position);
        if position < total {
            let time = |frames: u64| clock(frames as f64 / f64::from(self.stream.info.rate_hz));
            let words = format!(
                "ends early: its header promises {}, it ends at {}",
                time(total),
                time(position)
            );
            self.ready.push_back(Stretch::Note(words));
        }
    }

    fn end(&mut self) -> Stretch {
        self.note_short();
        if self.skipped > 0 && self.stream.position < self.stream.info.total {
            let words = format!("its last {} bytes are no whole frame", self.skipped);
            self.ready.push_back(Stretch::Note(words));
        }
        self.skipped = 0;
        self.ready.push_back(Stretch::End);
        Stretch::Samples(self.stream.spec)
    }
}

impl Walk for Flac {
    fn about(&self) -> About {
        About {
            container: "FLAC".to_owned(),
            codec: format!("FLAC, {} bits", self.stream.info.bits),
            promised_frames: self.stream.total_frames(),
            tags: self.tags.clone(),
        }
    }

    fn next(&mut self, bytes: &mut Vec<u8>) -> io::Result<Stretch> {
        loop {
            if let Some(stretch) = self.ready.pop_front() {
                return Ok(stretch);
            }
            let head = self.window.look(FlacHeader::MOST_BYTES)?;
            if head.is_empty() {
                return Ok(self.end());
            }
            if let Some(header) = FlacHeader::read(head, &self.stream.info) {
                if let Some(stretch) = self.frame(&header, bytes)? {
                    return Ok(stretch);
                }
                if self.budget == 0 {
                    return Err(io::Error::other("is too badly damaged to find its frames"));
                }
            } else if matches!(head, [b'f', b'L', b'a', b'C', 0 | 0x80, 0, 0, 34, ..]) {
                self.begin_again()?;
                continue;
            } else if let Some(length) = decoration_bytes(head, self.skipped == 0) {
                if self.skipped > 0 && head.starts_with(b"APETAGEX") {
                    // What stood before its footer.
                    self.skipped = 0;
                }
                self.window.skip(length)?;
                continue;
            }
            self.window.pass(1);
            self.skipped += 1;
        }
    }
}

/// Reads from `fLaC` to the first frame. Only STREAMINFO must be right; nothing else is needed.
fn read_metadata(window: &mut Window, tags: &mut Tags) -> Result<FlacStream, String> {
    let cannot = |error: io::Error| error.to_string();
    window.skip(4).map_err(cannot)?;
    let mut info = None;
    loop {
        let head = window.look(4).map_err(cannot)?;
        let &[kind, a, b, c] = head else {
            break;
        };
        // A block with a wrong length has led into the frames, or nowhere.
        if kind & 0x7f == 0x7f {
            break;
        }
        let length = u64::from(u32::from_be_bytes([0, a, b, c]));
        window.pass(4);
        match kind & 0x7f {
            0 if info.is_none() => {
                let body = window
                    .look(StreamInfo::BYTES.min(length as usize))
                    .map_err(cannot)?;
                info = StreamInfo::read(body);
            }
            4 if length <= MOST_COMMENT_BYTES => {
                let body = window.look(length as usize).map_err(cannot)?;
                tags.add_vorbis_comments(body);
            }
            _ => {}
        }
        let is_whole = window.skip(length).map_err(cannot)?;
        if kind & 0x80 != 0 || !is_whole {
            break;
        }
    }
    let info = info.ok_or("is a FLAC file without its first block, which says what it is")?;
    FlacStream::new(info, tags)
}

/// By RFC 9639, section 9.1.3, or by the tag of section 8.6.2.
pub(crate) fn layout(channels: u8, tags: &Tags) -> ChannelLayout {
    let count = usize::from(channels);
    if count == 1 {
        return ChannelLayout::MONO;
    }
    let tag = tags.get(MASK_TAG).and_then(|value| {
        let value = value.trim();
        match value
            .strip_prefix("0x")
            .or_else(|| value.strip_prefix("0X"))
        {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => value.parse().ok(),
        }
    });
    // A mask that does not fit is ignored; 0 says that the channels have no places.
    if let Some(mask) = tag
        && (mask == 0 || mask.count_ones() as usize == count)
        && let Some(layout) = ChannelLayout::from_mask(mask, count)
    {
        return layout;
    }
    let mask = match count {
        3 => 0x7,
        4 => 0x33,
        5 => 0x37,
        6 => 0x3f,
        7 => 0x70f,
        8 => 0x63f,
        _ => 0x3,
    };
    ChannelLayout::from_mask(mask, count).unwrap_or(ChannelLayout::STEREO)
}
