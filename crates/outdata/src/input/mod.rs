//! Where the samples come from: raw PCM, WAV, or whatever else can be decoded.

#[cfg(test)]
mod fuzz;
mod pcm;
mod select;

use std::io::{self, Cursor};
use std::path::Path;
use std::time::Duration;

use device_io::wav::{WavError, WavHeader, WavReader};
use rt_callback::StreamSpec;

use self::pcm::{Pcm, Reader};
use self::select::{Picked, Span};
pub(crate) use self::select::{Picks, Selection, names};
use crate::console::{Failure, warn};
use crate::decode::{About, Decoded, Refusal};
use crate::source::Source;

/// An opened input: what its samples are, and where they come from.
pub(crate) struct Input {
    name: String,
    /// What is handed out.
    spec: StreamSpec,
    /// What the file holds; other channels may have been picked.
    file_spec: StreamSpec,
    samples: Samples,
    frames: u64,
    at_end: bool,
    span: Span,
    picks: Option<(Picks, Picked)>,
    /// What the samples lie in, where they are not coded.
    container: &'static str,
}

enum Samples {
    Pcm(Pcm),
    Decoded(Box<Decoded>),
}

/// What came of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// So many frames, at least one.
    Frames(usize),
    /// No frame; those that follow are of this kind.
    Changed(StreamSpec),
    End,
}

impl Input {
    /// Opens a file, or standard input for `-`, once. With `raw`, its bytes are samples of that kind.
    pub(crate) fn open(path: &Path, raw: Option<StreamSpec>) -> Result<Self, Failure> {
        let is_stdin = path.as_os_str() == "-";
        let name = match is_stdin {
            true => "standard input".to_owned(),
            false => path.display().to_string(),
        };
        let source = match is_stdin {
            true => Source::from_reader(io::stdin()),
            false => Source::open(path).map_err(|error| Failure::at(&name, error))?,
        };
        match raw {
            Some(spec) => Self::raw(&name, source, spec),
            None => Self::sniffed(&name, source, is_stdin),
        }
    }

    fn raw(name: &str, mut source: Source, spec: StreamSpec) -> Result<Self, Failure> {
        let head = source.peek(12).map_err(|error| Failure::at(name, error))?;
        if WavHeader::begins_with(head) {
            warn(format!(
                "{name}: begins as a WAV file does; with --raw its header is played too"
            ));
        }
        let most_bytes = source.file_bytes();
        let pcm = Pcm::raw(Box::new(source), most_bytes);
        Ok(Self::new(name, spec, Samples::Pcm(pcm)))
    }

    /// The content decides, not the name.
    pub(crate) fn sniffed(name: &str, mut source: Source, is_stdin: bool) -> Result<Self, Failure> {
        let head = source.peek(12).map_err(|error| Failure::at(name, error))?;
        if head.is_empty() {
            return Err(Failure::at(name, "is empty"));
        }
        let mut coded = None;
        if WavHeader::begins_with(head) {
            let is_riff = head.starts_with(b"RIFF");
            source.keep();
            match WavHeader::read(&mut source) {
                Ok(header) => {
                    source.forget();
                    let wav = WavReader::after(header, Box::new(source) as Reader);
                    return Self::wav(name, wav).not_empty();
                }
                // A codec such as ADPCM, which a decoder may know. It knows no RF64.
                Err(error @ WavError::Codec(..)) if is_riff && source.rewind() => {
                    coded = Some(error);
                }
                Err(error) => return Err(Failure::at(name, error)),
            }
        }
        let extension = extension(Path::new(name));
        let decoded = Decoded::open(source, extension.as_deref());
        let decoded = decoded.map_err(|refusal| match (coded, refusal) {
            (Some(error), _) => Failure::at(name, error),
            (None, Refusal::Unknown(words)) if is_stdin => Failure::usage(format!(
                "{name} {words}; for raw PCM say --raw FORMAT:RATE:CHANNELS"
            )),
            (None, Refusal::Unknown(words) | Refusal::Known(words)) => Failure::at(name, words),
        })?;
        let spec = decoded.spec();
        Self::new(name, spec, Samples::Decoded(Box::new(decoded))).not_empty()
    }

    /// A WAV file in memory.
    pub(crate) fn from_wav(name: &str, wav: &'static [u8]) -> Result<Self, Failure> {
        let reader: Reader = Box::new(Cursor::new(wav));
        let wav = WavReader::new(reader).map_err(|error| Failure::at(name, error))?;
        Ok(Self::wav(name, wav))
    }

    fn wav(name: &str, wav: WavReader<Reader>) -> Self {
        let spec = wav.header().spec;
        let mut input = Self::new(name, spec, Samples::Pcm(Pcm::wav(wav)));
        input.container = "WAV";
        input
    }

    fn new(name: &str, spec: StreamSpec, samples: Samples) -> Self {
        Self {
            name: name.to_owned(),
            spec,
            file_spec: spec,
            samples,
            frames: 0,
            at_end: false,
            span: Span::new(&Selection::default(), spec.rate_hz),
            picks: None,
            container: "raw",
        }
    }

    /// An audio file without samples is an error; raw PCM without samples is not.
    fn not_empty(mut self) -> Result<Self, Failure> {
        let is_empty = match &mut self.samples {
            Samples::Pcm(pcm) => pcm
                .is_empty(self.file_spec.frame_bytes())
                .map_err(|error| Failure::at(&self.name, error))?,
            Samples::Decoded(decoded) => decoded.is_empty(),
        };
        if is_empty {
            let why = match &self.samples {
                Samples::Pcm(_) => None,
                Samples::Decoded(decoded) => decoded.warnings().into_iter().next(),
            };
            let words = match why {
                Some(why) => format!("holds no samples: {why}"),
                None => "holds no samples".to_owned(),
            };
            return Err(Failure::at(&self.name, words));
        }
        Ok(self)
    }

    /// Only a part of it is wanted.
    pub(crate) fn select(&mut self, selection: &Selection) -> Result<(), Failure> {
        self.span = Span::new(selection, self.file_spec.rate_hz);
        if let Some(picks) = &selection.picks {
            let picked = picks.find(self.file_spec.layout).map_err(Failure::usage)?;
            self.spec.layout = picked.layout;
            self.picks = Some((picks.clone(), picked));
        }
        Ok(())
    }

    /// What its samples are.
    pub(crate) fn spec(&self) -> StreamSpec {
        self.spec
    }

    /// What there is to know about the file without reading it to its end.
    pub(crate) fn about(&self) -> About {
        match &self.samples {
            Samples::Pcm(_) => About {
                container: self.container.to_owned(),
                codec: "PCM".to_owned(),
                promised_frames: self.most_file_frames(),
                ..About::default()
            },
            Samples::Decoded(decoded) => decoded.about(),
        }
    }

    fn most_file_frames(&self) -> Option<u64> {
        match &self.samples {
            Samples::Pcm(pcm) => Some(pcm.most_bytes()? / self.file_spec.frame_bytes() as u64),
            Samples::Decoded(_) => None,
        }
    }

    /// How many frames of this rate can come of it, where that is known.
    pub(crate) fn most_frames(&self, rate_hz: u32) -> Option<u64> {
        let frames = self.span.of(self.most_file_frames())?;
        let frames = u128::from(frames) * u128::from(rate_hz);
        u64::try_from(frames.div_ceil(u128::from(self.spec.rate_hz))).ok()
    }

    /// How long the wanted part lasts, as far as the file's own word goes.
    pub(crate) fn length(&self) -> Option<Duration> {
        let promised = self.about().promised_frames?;
        let frames = self.span.of(Some(promised))?;
        let seconds = frames as f64 / f64::from(self.file_spec.rate_hz);
        Duration::try_from_secs_f64(seconds).ok()
    }

    /// From here on its bytes are samples of another kind. Only raw PCM can change so.
    pub(crate) fn change(&mut self, spec: StreamSpec) -> Result<(), Failure> {
        match &self.samples {
            Samples::Pcm(_) => self.become_spec(spec).map(|_| ()),
            Samples::Decoded(_) => Err(Failure::usage(
                "source: needs raw PCM or a plain WAV file as IN",
            )),
        }
    }

    fn become_spec(&mut self, spec: StreamSpec) -> Result<StreamSpec, Failure> {
        self.span.change(spec.rate_hz);
        (self.file_spec, self.spec) = (spec, spec);
        if let Some((picks, picked)) = &mut self.picks {
            *picked = picks
                .find(spec.layout)
                .map_err(|error| Failure::at(&self.name, error))?;
            self.spec.layout = picked.layout;
        }
        Ok(self.spec)
    }

    /// Frames read so far.
    pub(crate) fn frames(&self) -> u64 {
        self.frames
    }

    /// Reads `frames` whole frames into `bytes`, whose content is replaced; fewer where the end, or a
    /// change of what they are, is near.
    pub(crate) fn read(&mut self, frames: usize, bytes: &mut Vec<u8>) -> Result<Next, Failure> {
        self.read_with(frames, true, bytes)
    }

    /// As [`read`](Self::read), but takes what there is instead of waiting for a slow pipe to
    /// bring the rest.
    pub(crate) fn read_some(
        &mut self,
        frames: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<Next, Failure> {
        self.read_with(frames, false, bytes)
    }

    fn read_with(
        &mut self,
        frames: usize,
        all: bool,
        bytes: &mut Vec<u8>,
    ) -> Result<Next, Failure> {
        loop {
            bytes.clear();
            let most = match (self.span.before, self.span.left) {
                (0, Some(left)) => left,
                (0, None) => u64::MAX,
                (before, _) => before,
            };
            let wanted = frames.min(usize::try_from(most).unwrap_or(usize::MAX));
            if wanted == 0 {
                return Ok(Next::End);
            }
            let read = self.read_file(wanted, all, bytes);
            read.map_err(|error| Failure::at(&self.name, error))?;
            let frames = bytes.len() / self.file_spec.frame_bytes();
            if frames == 0 {
                let change = match &mut self.samples {
                    Samples::Pcm(_) => None,
                    Samples::Decoded(decoded) => decoded.take_change(),
                };
                let Some(spec) = change else {
                    self.at_end = true;
                    return Ok(Next::End);
                };
                let before = self.spec;
                let spec = self.become_spec(spec)?;
                if spec != before {
                    return Ok(Next::Changed(spec));
                }
                continue;
            }
            if self.span.before > 0 {
                self.span.pass(frames as u64);
                continue;
            }
            if let Some(left) = &mut self.span.left {
                *left -= frames as u64;
            }
            if let Some((_, picked)) = &self.picks {
                picked.apply(self.file_spec, bytes);
            }
            self.frames += frames as u64;
            return Ok(Next::Frames(frames));
        }
    }

    fn read_file(&mut self, frames: usize, all: bool, bytes: &mut Vec<u8>) -> io::Result<()> {
        let frame_bytes = self.file_spec.frame_bytes();
        match &mut self.samples {
            Samples::Pcm(pcm) => pcm.read(frames, frame_bytes, all, bytes),
            Samples::Decoded(decoded) => decoded.read(frames * frame_bytes, bytes),
        }
    }

    /// What was wrong with it, as far as it has been read. To be asked at the end, once.
    pub(crate) fn warnings(&mut self) -> Vec<String> {
        let is_cut = self.span.left == Some(0);
        let mut warnings = match &mut self.samples {
            // What lies behind the part that was wanted is of no interest.
            Samples::Pcm(_) if is_cut => Vec::new(),
            Samples::Pcm(pcm) => pcm.warning().into_iter().collect(),
            Samples::Decoded(decoded) => decoded.warnings(),
        };
        if self.at_end && self.frames == 0 && !is_cut {
            warnings.extend(self.span.warning());
        }
        let named = |warning| format!("{}: {warning}", self.name);
        warnings.into_iter().map(named).collect()
    }
}

/// The ending of a file's name, in lower case.
pub(crate) fn extension(path: impl AsRef<Path>) -> Option<String> {
    let extension = path.as_ref().extension()?;
    Some(extension.to_str()?.to_ascii_lowercase())
}
