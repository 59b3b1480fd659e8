//! Where the samples come from: raw PCM, WAV, or whatever else can be decoded.

use std::fs::{File, Metadata};
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use device_io::wav::{Length, WavError, WavHeader, WavReader};
use rt_callback::StreamSpec;

use crate::decode::Decoded;
use crate::failure::{Failure, warn};

/// How long what stands behind the samples is waited for.
const PATIENCE: Duration = Duration::from_millis(200);

/// An opened input: what its samples are, and where they come from.
pub(crate) struct Input {
    name: String,
    spec: StreamSpec,
    samples: Samples,
    frames: u64,
    /// How many bytes of samples there can be, where that is known.
    most_bytes: Option<u64>,
    /// All of it has been read.
    is_at_end: bool,
}

type Reader = Box<dyn Read + Send + Sync>;

enum Samples {
    Pcm(Pcm),
    Decoded(Box<Decoded>),
}

impl Input {
    /// Opens a file, or standard input for `-`. With `raw`, its bytes are samples of that kind.
    pub(crate) fn open(path: &Path, raw: Option<StreamSpec>) -> Result<Self, Failure> {
        let is_stdin = path.as_os_str() == "-";
        let name = if is_stdin {
            "standard input".to_owned()
        } else {
            path.display().to_string()
        };
        let name = name.as_str();
        let mut file_bytes = None;
        let mut reader: Reader = if is_stdin {
            Box::new(io::stdin())
        } else {
            let file = File::open(path).map_err(|error| Failure::at(name, error))?;
            let about = file.metadata().ok();
            if about.as_ref().is_some_and(Metadata::is_dir) {
                return Err(Failure::at(name, "is a folder"));
            }
            file_bytes = about.filter(Metadata::is_file).map(|about| about.len());
            Box::new(file)
        };
        if let Some(spec) = raw {
            let mut head = Vec::new();
            reader
                .by_ref()
                .take(12)
                .read_to_end(&mut head)
                .map_err(|error| Failure::at(name, error))?;
            if WavHeader::begins_with(&head) {
                warn(format!(
                    "{name}: begins as a WAV file does; with --raw its header is played too"
                ));
            }
            let reader = Box::new(Cursor::new(head).chain(reader));
            let pcm = Pcm::new(Bytes::Raw(reader));
            let mut input = Self::new(name, spec, Samples::Pcm(pcm));
            input.most_bytes = file_bytes;
            return Ok(input);
        }
        // The content decides, not the name. What was looked at is put back in front.
        let mut head = Vec::new();
        reader
            .by_ref()
            .take(12)
            .read_to_end(&mut head)
            .map_err(|error| Failure::at(name, error))?;
        if head.is_empty() {
            return Err(Failure::at(name, "is empty"));
        }
        if WavHeader::begins_with(&head) {
            let is_riff = head.starts_with(b"RIFF");
            let wav: Reader = Box::new(Cursor::new(head).chain(reader));
            match WavReader::new(wav) {
                // ADPCM and the like, which a decoder may know; it knows no RF64.
                Err(WavError::Codec(..)) if !is_stdin && is_riff => {}
                Err(error) => return Err(Failure::at(name, error)),
                Ok(wav) => return Self::wav(name, wav).not_empty(),
            }
            Self::decoded(name, Decoded::open_file(path)?)?.not_empty()
        } else if is_stdin {
            let stream = Cursor::new(head).chain(reader);
            let decoded = Decoded::open_stream(stream).map_err(|error| {
                Failure::usage(format!(
                    "standard input is no audio file ({error}); for raw PCM say --raw \
                     FORMAT:RATE:CHANNELS"
                ))
            })?;
            Self::decoded(name, decoded)?.not_empty()
        } else {
            Self::decoded(name, Decoded::open_file(path)?)?.not_empty()
        }
    }

    /// A WAV file in memory.
    pub(crate) fn from_wav(name: &str, wav: &'static [u8]) -> Result<Self, Failure> {
        let reader: Reader = Box::new(Cursor::new(wav));
        let wav = WavReader::new(reader).map_err(|error| Failure::at(name, error))?;
        Ok(Self::wav(name, wav))
    }

    fn wav(name: &str, wav: WavReader<Reader>) -> Self {
        let header = wav.header();
        let pcm = Pcm::new(Bytes::Wav(Box::new(wav)));
        let mut input = Self::new(name, header.spec, Samples::Pcm(pcm));
        if let Length::Bytes(bytes) = header.length {
            input.most_bytes = Some(bytes);
        }
        input
    }

    fn new(name: &str, spec: StreamSpec, samples: Samples) -> Self {
        Self {
            name: name.to_owned(),
            spec,
            samples,
            frames: 0,
            most_bytes: None,
            is_at_end: false,
        }
    }

    fn decoded(name: &str, decoded: Decoded) -> Result<Self, Failure> {
        let spec = decoded.spec();
        Ok(Self::new(name, spec, Samples::Decoded(Box::new(decoded))))
    }

    /// An audio file without audio is an error; raw PCM without any is not.
    fn not_empty(mut self) -> Result<Self, Failure> {
        let is_empty = match &mut self.samples {
            Samples::Pcm(pcm) => pcm
                .is_empty(self.spec.frame_bytes())
                .map_err(|error| Failure::at(&self.name, error))?,
            Samples::Decoded(decoded) => decoded.is_empty(),
        };
        if is_empty {
            return Err(Failure::at(&self.name, "holds no samples"));
        }
        Ok(self)
    }

    /// What its samples are.
    pub(crate) fn spec(&self) -> StreamSpec {
        self.spec
    }

    /// How many frames of this rate can come of it, where that is known.
    pub(crate) fn most_frames(&self, rate_hz: u32) -> Option<u64> {
        let frames = self.most_bytes? / self.spec.frame_bytes() as u64;
        let frames = u128::from(frames) * u128::from(rate_hz);
        u64::try_from(frames.div_ceil(u128::from(self.spec.rate_hz))).ok()
    }

    /// From here on its bytes are samples of another kind. Only raw PCM can change so.
    pub(crate) fn change(&mut self, spec: StreamSpec) -> Result<(), Failure> {
        match &self.samples {
            Samples::Pcm(_) => self.spec = spec,
            Samples::Decoded(_) => {
                return Err(Failure::usage(
                    "source: needs raw PCM or a plain WAV file as IN",
                ));
            }
        }
        Ok(())
    }

    /// Frames read so far.
    pub(crate) fn frames(&self) -> u64 {
        self.frames
    }

    /// Reads `frames` whole frames into `bytes`, whose content is replaced; fewer where the end is
    /// near, and none at the end.
    pub(crate) fn read(&mut self, frames: usize, bytes: &mut Vec<u8>) -> Result<usize, Failure> {
        self.read_with(frames, true, bytes)
    }

    /// As [`read`](Self::read), but takes what there is instead of waiting for a slow pipe to
    /// bring the rest.
    pub(crate) fn read_some(
        &mut self,
        frames: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<usize, Failure> {
        self.read_with(frames, false, bytes)
    }

    fn read_with(
        &mut self,
        frames: usize,
        all: bool,
        bytes: &mut Vec<u8>,
    ) -> Result<usize, Failure> {
        let frame_bytes = self.spec.frame_bytes();
        bytes.clear();
        let read = match &mut self.samples {
            Samples::Pcm(pcm) => pcm.read(frames, frame_bytes, all, bytes),
            Samples::Decoded(decoded) => decoded.read(frames * frame_bytes, bytes),
        };
        read.map_err(|error| Failure::at(&self.name, error))?;
        let frames = bytes.len() / frame_bytes;
        self.frames += frames as u64;
        self.is_at_end = frames == 0;
        Ok(frames)
    }

    /// What was wrong with the end, once it has been reached.
    pub(crate) fn warning(&mut self) -> Option<String> {
        if !self.is_at_end {
            return None;
        }
        let warning = match &mut self.samples {
            Samples::Pcm(pcm) => pcm.warning(),
            Samples::Decoded(decoded) => decoded.warning(),
        }?;
        Some(format!("{}: {warning}", self.name))
    }
}

/// Samples as they lie in a file or come through a pipe.
struct Pcm {
    bytes: Bytes,
    /// Read, but not handed out: less than a frame, or what was looked at first.
    pending: Vec<u8>,
    at_end: bool,
}

enum Bytes {
    Raw(Reader),
    Wav(Box<WavReader<Reader>>),
}

impl Read for Bytes {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Raw(reader) => reader.read(bytes),
            Self::Wav(wav) => wav.read(bytes),
        }
    }
}

impl Pcm {
    fn new(bytes: Bytes) -> Self {
        Self {
            bytes,
            pending: Vec::new(),
            at_end: false,
        }
    }

    fn is_empty(&mut self, frame_bytes: usize) -> io::Result<bool> {
        self.fill(frame_bytes, frame_bytes)?;
        Ok(self.pending.len() < frame_bytes)
    }

    fn read(
        &mut self,
        frames: usize,
        frame_bytes: usize,
        all: bool,
        bytes: &mut Vec<u8>,
    ) -> io::Result<()> {
        let wanted = frames * frame_bytes;
        self.fill(wanted, if all { wanted } else { frame_bytes })?;
        let whole = self.pending.len().min(frames * frame_bytes);
        bytes.extend(self.pending.drain(..whole - whole % frame_bytes));
        Ok(())
    }

    /// Reads until `wanted` bytes are there, or nothing more comes at once and `enough` are there.
    fn fill(&mut self, wanted: usize, enough: usize) -> io::Result<()> {
        while self.pending.len() < wanted && !self.at_end {
            let start = self.pending.len();
            let room = wanted - start;
            self.pending.resize(start + room, 0);
            let read = loop {
                let space = self.pending.get_mut(start..).unwrap_or_default();
                match self.bytes.read(space) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    result => break result,
                }
            };
            self.pending.truncate(start + *read.as_ref().unwrap_or(&0));
            let read = read?;
            self.at_end = read == 0;
            if self.pending.len() >= enough && read < room {
                break;
            }
        }
        Ok(())
    }

    /// What was wrong with its end, which has been reached.
    fn warning(&mut self) -> Option<String> {
        let rest = self.pending.len();
        let bytes = if rest == 1 { "byte" } else { "bytes" };
        let cut_short = match &self.bytes {
            Bytes::Wav(wav) => Some((wav.header().length, wav.read_bytes())),
            Bytes::Raw(_) => None,
        };
        match cut_short {
            Some((Length::Bytes(promised), held)) if held < promised => {
                return Some(format!(
                    "is cut short: its header promises {promised} bytes of samples, it holds {held}"
                ));
            }
            _ if rest > 0 => {
                return Some(format!(
                    "ends within a frame; its last {rest} {bytes} are unused"
                ));
            }
            _ => {}
        }
        let Bytes::Wav(wav) = std::mem::replace(&mut self.bytes, Bytes::Raw(Box::new(io::empty())))
        else {
            return None;
        };
        is_followed_by_wav(wav).then(|| {
            "is followed by a second WAV file in the same file, which is not read".to_owned()
        })
    }
}

/// Whoever has written a whole file into a pipe may keep it open, so that is not waited for.
fn is_followed_by_wav(mut wav: Box<WavReader<Reader>>) -> bool {
    let (answer, answered) = mpsc::channel();
    thread::spawn(move || answer.send(wav.is_followed_by_wav().unwrap_or(false)));
    answered.recv_timeout(PATIENCE).unwrap_or(false)
}

/// The ending of a file's name, in lower case.
pub(crate) fn extension(path: &Path) -> Option<String> {
    let extension = path.extension()?;
    Some(extension.to_str()?.to_ascii_lowercase())
}
