//! Every format but raw PCM and plain WAV: what a file is, its frames, and what is done where some are damaged.
//!
//! MPEG audio, FLAC and Ogg are walked here, frame by frame: so all that decodes is played, whatever a header
//! promises, and damage costs no more than the damaged frames. symphonia decodes what the frames hold. It also reads
//! the containers of the [`other`] kinds.

mod codecs;
mod damage;
mod flac;
mod guard;
mod mpeg;
mod ogg;
mod other;
mod refusal;
mod samples;
mod tags;
mod walk;
mod window;

use std::io;

use rt_callback::StreamSpec;

use self::damage::Damage;
pub(crate) use self::damage::{clock, cut_short};
pub(crate) use self::refusal::Refusal;
pub(crate) use self::tags::Tags;
pub(crate) use self::walk::About;
use self::walk::{Stretch, Walk};
use self::window::Window;
use crate::source::Source;

/// A file that is decoded stretch by stretch.
pub(crate) struct Decoded {
    walk: Box<dyn Walk>,
    spec: StreamSpec,
    /// Decoded and not handed out yet: from `start` on.
    bytes: Vec<u8>,
    start: usize,
    /// Silence that is to be handed out before `bytes`, in frames.
    silence: u64,
    /// What `bytes` and `silence` are, where that is not `spec`.
    next_spec: Option<StreamSpec>,
    at_end: bool,
    damage: Damage,
}

/// The kinds of files, by how they begin.
enum Kind {
    Flac,
    Ogg,
    Other,
    Mpeg,
}

impl Kind {
    fn of(head: &[u8]) -> Self {
        let at =
            |at: usize, magic: &[u8]| head.get(at..).is_some_and(|rest| rest.starts_with(magic));
        // RIFF comes here for a codec that is not plain PCM.
        let is_other = at(0, b"RIFF")
            || (at(0, b"FORM") && (at(8, b"AIFF") || at(8, b"AIFC")))
            || at(0, b"caff")
            || at(4, b"ftyp")
            || at(4, b"moov")
            || at(0, &[0x1a, 0x45, 0xdf, 0xa3])
            || is_adts(head);
        match head {
            _ if at(0, b"fLaC") => Self::Flac,
            _ if at(0, b"OggS") => Self::Ogg,
            _ if is_other => Self::Other,
            _ => Self::Mpeg,
        }
    }
}

/// AAC in ADTS frames: MPEG's sync word, with a layer that MPEG audio does not have.
fn is_adts(head: &[u8]) -> bool {
    matches!(head, [0xff, second, ..] if second & 0xf6 == 0xf0)
}

impl Decoded {
    /// Reads up to the first samples.
    pub(crate) fn open(mut source: Source, extension: Option<&str>) -> Result<Self, Refusal> {
        let cannot = |error: io::Error| format!("cannot be read: {error}");
        let head = source.peek(12).map_err(cannot)?;
        let walk: Box<dyn Walk> = match Kind::of(head) {
            Kind::Other => Box::new(other::Other::open(source, extension)?),
            kind => {
                let mut window = Window::new(source);
                let mut tags = Tags::default();
                tags::skip_id3v2(&mut window, &mut tags).map_err(cannot)?;
                let head = window.look(12).map_err(cannot)?;
                match (kind, Kind::of(head)) {
                    (_, Kind::Flac) => Box::new(flac::Flac::open(window, tags)?),
                    (_, Kind::Ogg) => Box::new(ogg::Ogg::open(window)?),
                    _ => Box::new(mpeg::Mpeg::open(window, tags)?),
                }
            }
        };
        Self::new(walk).map_err(|error| Refusal::Known(error.to_string()))
    }

    fn new(walk: Box<dyn Walk>) -> io::Result<Self> {
        let mut decoded = Self {
            walk,
            spec: samples::NOTHING,
            bytes: Vec::new(),
            start: 0,
            silence: 0,
            next_spec: None,
            at_end: false,
            damage: Damage::default(),
        };
        decoded.fill()?;
        decoded.take_change();
        Ok(decoded)
    }

    pub(crate) fn spec(&self) -> StreamSpec {
        self.spec
    }

    /// Whether there are no samples at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.at_end
    }

    pub(crate) fn about(&self) -> About {
        self.walk.about()
    }

    /// What its samples are from here on, where that has changed. Reading stops until this has been called.
    pub(crate) fn take_change(&mut self) -> Option<StreamSpec> {
        let spec = self.next_spec.take()?;
        self.spec = spec;
        Some(spec)
    }

    /// Appends samples until `bytes` holds `count` bytes, or the end, or a change of what they are.
    pub(crate) fn read(&mut self, count: usize, bytes: &mut Vec<u8>) -> io::Result<()> {
        while bytes.len() < count {
            if self.silence == 0 && self.start == self.bytes.len() {
                self.fill()?;
            }
            if self.at_end || self.next_spec.is_some() {
                break;
            }
            let room = count - bytes.len();
            if self.silence > 0 {
                let frame_bytes = self.spec.frame_bytes();
                let frames = (room / frame_bytes).max(1) as u64;
                let frames = frames.min(self.silence);
                self.silence -= frames;
                let length = bytes.len() + frames as usize * frame_bytes;
                bytes.resize(length, samples::equilibrium(self.spec.format));
            } else {
                let ready = self.bytes.get(self.start..).unwrap_or_default();
                let take = ready.len().min(room);
                bytes.extend_from_slice(ready.get(..take).unwrap_or_default());
                self.start += take;
            }
        }
        Ok(())
    }

    /// Decodes until there is something to hand out, or the end.
    fn fill(&mut self) -> io::Result<()> {
        self.bytes.clear();
        self.start = 0;
        while !self.at_end && self.bytes.is_empty() && self.silence == 0 {
            let spec = match self.walk.next(&mut self.bytes)? {
                Stretch::Samples(spec) => spec,
                Stretch::Lost(spec, frames) => {
                    self.silence = frames;
                    self.damage.lost(spec.rate_hz, frames);
                    spec
                }
                Stretch::Note(words) => {
                    self.damage.note(words);
                    continue;
                }
                Stretch::End => {
                    self.at_end = true;
                    break;
                }
            };
            let frames = (self.bytes.len() / spec.frame_bytes()) as u64;
            self.damage.pass(spec.rate_hz, frames);
            if spec != self.next_spec.unwrap_or(self.spec) && (frames > 0 || self.silence > 0) {
                self.next_spec = Some(spec);
            }
        }
        Ok(())
    }

    /// What was wrong with it, as far as it has been read.
    pub(crate) fn warnings(&self) -> Vec<String> {
        self.damage.words()
    }
}
