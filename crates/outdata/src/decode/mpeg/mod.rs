//! MPEG audio: frames one after the other, and whatever else was put between them.

mod header;
mod tag;

use std::collections::VecDeque;
use std::io;

use rt_callback::{ChannelLayout, SampleFormat, StreamSpec};
use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MP3};
use symphonia::core::packet::PacketRef;
use symphonia::core::units::{Duration, Timestamp};

use self::header::MpegHeader;
use self::tag::InfoTag;
use crate::decode::guard::Decoder;
use crate::decode::refusal::Refusal;
use crate::decode::tags::{Tags, decoration_bytes, id3v2_bytes, skip_id3v2};
use crate::decode::walk::{About, Stretch, Walk};
use crate::decode::window::Window;
use crate::decode::{clock, samples};

/// How far from the beginning the first frame may be, in bytes.
const MOST_JUNK_BYTES: u64 = 1 << 16;
/// Frames in a row that count as a beginning, elsewhere than at the start of the file.
const FRAMES_IN_A_ROW: usize = 4;

pub(crate) struct Mpeg {
    window: Window,
    tags: Tags,
    /// The frame before, in the present run of frames.
    last: Option<MpegHeader>,
    run: Run,
    decoder: Option<Decoder>,
    /// What is to be handed out before the file is read on.
    ready: VecDeque<Stretch>,
    /// Bytes that belong to no frame, since the last frame.
    skipped: u64,
    /// They are lyrics.
    is_lyrics: bool,
    /// They are zeros, which pad and are no loss.
    is_padding: bool,
    about: About,
}

/// Frames of one kind after one tag. A file may hold several such runs, where files were joined.
struct Run {
    spec: StreamSpec,
    tag: InfoTag,
    /// MPEG frames so far.
    count: u64,
    /// Frames (of samples) at the beginning that are still to be left out.
    delay: u64,
    /// The last samples, which are padding if the tag's count turns out to be right.
    held: Vec<u8>,
}

impl Run {
    fn new(header: &MpegHeader, tag: InfoTag) -> Self {
        let layout = if header.channels == 1 {
            ChannelLayout::MONO
        } else {
            ChannelLayout::STEREO
        };
        Self {
            spec: StreamSpec::new(SampleFormat::F32, header.rate_hz, layout),
            tag,
            count: 0,
            delay: tag.delay,
            held: Vec::new(),
        }
    }

    /// Takes decoded samples in; what can be handed out is appended to `bytes`.
    fn push(&mut self, decoded: &[u8], bytes: &mut Vec<u8>) {
        let frame_bytes = self.spec.frame_bytes();
        let frames = (decoded.len() / frame_bytes) as u64;
        let left_out = self.delay.min(frames);
        self.delay -= left_out;
        let decoded = decoded.get(left_out as usize * frame_bytes..);
        self.held.extend_from_slice(decoded.unwrap_or_default());
        let kept = self.tag.padding as usize * frame_bytes;
        bytes.extend(self.held.drain(..self.held.len().saturating_sub(kept)));
    }

    /// Hands out what was held back, unless the tag was right about it.
    fn end(&mut self, bytes: &mut Vec<u8>) {
        // Some encoders count the tag itself.
        let is_right = |count: u64| count == self.count || count == self.count + 1;
        if !self.tag.count.is_some_and(is_right) {
            bytes.append(&mut self.held);
        }
        self.held.clear();
    }
}

/// What stands at the window's beginning.
enum Found {
    Frame(MpegHeader),
    /// Something else of so many bytes.
    Decoration(u64),
    Junk,
    /// A frame that the file does not hold all of.
    Half,
    End,
}

impl Mpeg {
    pub(crate) fn open(window: Window, tags: Tags) -> Result<Self, Refusal> {
        let mut mpeg = Self {
            window,
            tags,
            last: None,
            run: Run {
                spec: samples::NOTHING,
                tag: InfoTag::default(),
                count: 0,
                delay: 0,
                held: Vec::new(),
            },
            decoder: None,
            ready: VecDeque::new(),
            skipped: 0,
            is_lyrics: false,
            is_padding: true,
            about: About::default(),
        };
        let header = mpeg.find_first().map_err(|error| error.to_string())?;
        let unknown = "is no WAV, FLAC, MP3, Ogg, AIFF, CAF, MP4 or Matroska file";
        let header = header.ok_or_else(|| Refusal::Unknown(unknown.to_owned()))?;
        mpeg.begin(&header)?;
        Ok(mpeg)
    }

    fn find_first(&mut self) -> io::Result<Option<MpegHeader>> {
        loop {
            match self.find()? {
                Found::Frame(header) => return Ok(Some(header)),
                Found::Decoration(bytes) => {
                    self.decoration(bytes)?;
                }
                Found::Junk if self.skipped < MOST_JUNK_BYTES => {
                    self.window.pass(1);
                    self.skipped += 1;
                }
                _ => return Ok(None),
            }
        }
    }

    /// A run of frames begins with this one, which may be a tag.
    fn begin(&mut self, header: &MpegHeader) -> Result<(), String> {
        let frame = self
            .window
            .look(header.bytes)
            .map_err(|error| error.to_string())?;
        let tag = InfoTag::read(frame, header);
        let is_tag = tag.is_some();
        let mut tag = tag.unwrap_or_default();
        if header.layer == 3 && self.about.codec.is_empty() {
            tag.add_itunes(&self.tags, header.frames());
        }
        if is_tag {
            self.window.pass(header.bytes);
        }
        let codec = match header.layer {
            1 => CODEC_ID_MP1,
            2 => CODEC_ID_MP2,
            _ => CODEC_ID_MP3,
        };
        let mut parameters = AudioCodecParameters::new();
        parameters.for_codec(codec).with_sample_rate(header.rate_hz);
        self.decoder = Some(Decoder::new(&parameters)?);
        self.run = Run::new(header, tag);
        self.last = Some(*header);
        self.skipped = 0;
        if self.about.codec.is_empty() {
            self.about.container = "MPEG audio".to_owned();
            self.about.codec = format!("MP{}", header.layer);
            let frames = tag.count.map(|count| count * header.frames());
            self.about.promised_frames =
                frames.map(|frames| frames.saturating_sub(tag.delay + tag.padding));
        }
        Ok(())
    }

    /// Looks at what comes next.
    fn find(&mut self) -> io::Result<Found> {
        let head = self.window.look(32)?;
        if head.is_empty() {
            return Ok(Found::End);
        }
        if let Some(bytes) = decoration_bytes(head, self.skipped == 0 || self.is_lyrics) {
            return Ok(Found::Decoration(bytes));
        }
        let Some(header) = MpegHeader::read(head) else {
            return Ok(Found::Junk);
        };
        let is_in_step = self.skipped == 0 && self.last.is_some_and(|last| last.is_like(&header));
        let (at_start, wanted) = match self.last {
            Some(_) => (self.skipped == 0, 2),
            None => (
                self.window.passed() == 0 || self.skipped == 0,
                FRAMES_IN_A_ROW,
            ),
        };
        if self.window.look(header.bytes)?.len() < header.bytes {
            return Ok(if is_in_step { Found::Half } else { Found::Junk });
        }
        // Right after a frame, one of the same kind needs no other witness.
        let wanted = if at_start { 2 } else { wanted };
        let is_frame = is_in_step || self.is_followed(&header, wanted - 1)?;
        Ok(if is_frame {
            Found::Frame(header)
        } else {
            Found::Junk
        })
    }

    /// Whether a frame is followed by this many of its kind, by the end, or by a tag.
    fn is_followed(&mut self, header: &MpegHeader, count: usize) -> io::Result<bool> {
        let mut at = header.bytes;
        for _ in 0..count {
            let ahead = self.window.look(at + 32)?.get(at..).unwrap_or_default();
            if ahead.is_empty() || decoration_bytes(ahead, true).is_some() {
                return Ok(true);
            }
            match MpegHeader::read(ahead) {
                Some(next) if next.is_like(header) => at += next.bytes,
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    fn decoration(&mut self, bytes: u64) -> io::Result<()> {
        // What stands before a footer belongs to its tag, and Lyrics3 stands before ID3v1.
        if self.is_lyrics || self.window.ahead().starts_with(b"APETAGEX") {
            self.skipped = 0;
        }
        if id3v2_bytes(self.window.ahead()).is_some() {
            // The tag of a file that was joined to the first: its title is not that of the whole.
            skip_id3v2(&mut self.window, &mut Tags::default())
        } else {
            self.window.skip(bytes).map(|_| ())
        }
    }

    /// The frame at the window's beginning.
    fn frame(&mut self, header: &MpegHeader, bytes: &mut Vec<u8>) -> io::Result<Stretch> {
        let gap = self.gap_frames(header);
        let frame = self.window.look(header.bytes)?;
        let is_tag = InfoTag::read(frame, header).is_some();
        let changes = !self.last.is_some_and(|last| last.is_like(header));
        if is_tag || changes {
            // Another file begins, or the same one goes on as something else.
            let spec = self.run.spec;
            self.run.end(bytes);
            self.note_short_run();
            self.begin(header).map_err(io::Error::other)?;
            if gap > 0 {
                self.ready
                    .push_back(Stretch::Lost(spec, gap * header.frames()));
            }
            return Ok(Stretch::Samples(spec));
        }
        let is_damaged = gap > 0 || (self.skipped > 0 && !self.is_padding);
        self.skipped = 0;
        self.is_padding = true;
        if is_damaged {
            // The bytes that it refers back to are missing.
            if let Some(decoder) = &mut self.decoder {
                decoder.reset();
            }
            self.run.count += gap;
            self.last = Some(*header);
            return Ok(self.lost(gap * header.frames(), bytes));
        }
        self.last = Some(*header);
        self.run.count += 1;
        let (zero, duration) = (Timestamp::ZERO, Duration::from(header.frames()));
        let packet = PacketRef::new(0, zero, duration, frame);
        let mut decoded = Vec::new();
        let is_good = match self.decoder.as_mut().map(|decoder| decoder.decode(&packet)) {
            Some(Ok(buffer)) => {
                samples::append(&buffer, SampleFormat::F32, &mut decoded);
                decoded.len() as u64 == header.frames() * self.run.spec.frame_bytes() as u64
            }
            _ => false,
        };
        self.window.pass(header.bytes);
        if is_good {
            self.run.push(&decoded, bytes);
            Ok(Stretch::Samples(self.run.spec))
        } else {
            Ok(self.lost(header.frames(), bytes))
        }
    }

    /// Silence of this length, after what has been held back.
    fn lost(&mut self, frames: u64, bytes: &mut Vec<u8>) -> Stretch {
        let spec = self.run.spec;
        let left_out = self.run.delay.min(frames);
        self.run.delay -= left_out;
        bytes.append(&mut self.run.held);
        self.ready.push_back(Stretch::Lost(spec, frames - left_out));
        Stretch::Samples(spec)
    }

    /// How many frames the bytes that belong to none may have been, by the sizes of the frames around them.
    fn gap_frames(&self, next: &MpegHeader) -> u64 {
        let last = self.last.unwrap_or(*next);
        let both = (last.bytes + next.bytes) as u64;
        (2 * self.skipped + both / 2) / both
    }

    fn note_short_run(&mut self) {
        if let Some(count) = self.run.tag.count
            && self.run.count < count
            && self.run.count + 1 != count
        {
            let frames = self.last.map_or(0, |last| last.frames());
            let time =
                |count: u64| clock((count * frames) as f64 / f64::from(self.run.spec.rate_hz));
            let words = format!(
                "ends early: its tag promises {}, there are {}",
                time(count),
                time(self.run.count)
            );
            self.ready.push_back(Stretch::Note(words));
        }
    }
}

impl Walk for Mpeg {
    fn about(&self) -> About {
        About {
            tags: self.tags.clone(),
            ..self.about.clone()
        }
    }

    fn next(&mut self, bytes: &mut Vec<u8>) -> io::Result<Stretch> {
        loop {
            if let Some(stretch) = self.ready.pop_front() {
                return Ok(stretch);
            }
            match self.find()? {
                Found::Frame(header) => return self.frame(&header, bytes),
                Found::Decoration(length) => self.decoration(length)?,
                Found::Junk => {
                    let ahead = self.window.ahead();
                    self.is_lyrics |= ahead.starts_with(b"LYRICSBEGIN");
                    self.is_padding &= ahead.first() == Some(&0);
                    self.window.pass(1);
                    self.skipped += 1;
                }
                Found::Half => {
                    let left = self.window.ahead().len();
                    self.window.pass(left);
                    self.ready
                        .push_back(Stretch::Note("ends within a frame".to_owned()));
                }
                Found::End => {
                    self.run.end(bytes);
                    self.note_short_run();
                    if self.skipped > 0 && !self.is_lyrics && !self.is_padding {
                        let words = format!("its last {} bytes are no frame", self.skipped);
                        self.ready.push_back(Stretch::Note(words));
                    }
                    self.run.tag = InfoTag::default();
                    self.skipped = 0;
                    self.ready.push_back(Stretch::End);
                    return Ok(Stretch::Samples(self.run.spec));
                }
            }
        }
    }
}
