//! The one file that knows the decoder: FLAC, MP3, Ogg Vorbis, and WAV that is not plain PCM.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rt_callback::{ChannelLayout, MAX_RATE_HZ, SampleFormat, StreamSpec};
use symphonia::core::audio::GenericAudioBufferRef;
use symphonia::core::audio::sample::i24;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, ReadOnlySource};
use symphonia::core::meta::MetadataOptions;

use crate::failure::Failure;
use crate::input::extension;

/// A file that is decoded packet by packet.
pub(crate) struct Decoded {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track_id: u32,
    /// Bits that a sample really has, where the file says so.
    bits: Option<u32>,
    spec: StreamSpec,
    /// Decoded and not handed out yet: from `start` on.
    packet: Vec<u8>,
    start: usize,
    /// Packets that could not be decoded and were passed over.
    broken: u64,
    cut_short: Option<String>,
}

impl Decoded {
    pub(crate) fn open_file(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|error| Failure::at(&name, error))?;
        let mut hint = Hint::new();
        if let Some(extension) = extension(path) {
            hint.with_extension(&extension);
        }
        Self::open(Box::new(file), &hint).map_err(|words| Failure::at(&name, words))
    }

    pub(crate) fn open_stream(stream: impl Read + Send + Sync + 'static) -> Result<Self, String> {
        Self::open(Box::new(ReadOnlySource::new(stream)), &Hint::new())
    }

    fn open(source: Box<dyn MediaSource>, hint: &Hint) -> Result<Self, String> {
        let stream = MediaSourceStream::new(source, Default::default());
        let format = symphonia::default::get_probe()
            .probe(
                hint,
                stream,
                FormatOptions::default(),
                MetadataOptions::default(),
            )
            .map_err(|error| match error {
                Error::Unsupported(_) => "is no WAV, FLAC, MP3 or Ogg file".to_owned(),
                error => format!("cannot be read as an audio file: {error}"),
            })?;
        let track = format
            .default_track(TrackType::Audio)
            .ok_or("has no audio track")?;
        let parameters = track
            .codec_params
            .as_ref()
            .and_then(|parameters| parameters.audio())
            .ok_or("has an audio track of an unknown kind")?;
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(parameters, &AudioDecoderOptions::default())
            .map_err(|error| format!("cannot be decoded: {error}"))?;
        let mut decoded = Self {
            track_id: track.id,
            bits: parameters.bits_per_sample,
            // What the first packet says replaces this.
            spec: StreamSpec::new(SampleFormat::F32, 1, ChannelLayout::MONO),
            format,
            decoder,
            packet: Vec::new(),
            start: 0,
            broken: 0,
            cut_short: None,
        };
        decoded
            .next_packet(true)
            .map_err(|error| error.to_string())?;
        Ok(decoded)
    }

    pub(crate) fn spec(&self) -> StreamSpec {
        self.spec
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.packet.is_empty()
    }

    /// Appends up to `count` bytes of samples.
    pub(crate) fn read(&mut self, count: usize, bytes: &mut Vec<u8>) -> io::Result<()> {
        while bytes.len() < count {
            if self.start == self.packet.len() {
                self.next_packet(false)?;
                if self.packet.is_empty() {
                    break;
                }
            }
            let ready = self.packet.get(self.start..).unwrap_or_default();
            let take = ready.len().min(count - bytes.len());
            bytes.extend_from_slice(ready.get(..take).unwrap_or_default());
            self.start += take;
        }
        Ok(())
    }

    pub(crate) fn warning(&self) -> Option<String> {
        match (&self.cut_short, self.broken) {
            (Some(words), _) => Some(format!("ends early: {words}")),
            (None, 0) => None,
            (None, broken) => Some(format!("{broken} damaged packets were passed over")),
        }
    }

    /// Decodes until there are samples; none mean the end.
    fn next_packet(&mut self, is_first: bool) -> io::Result<()> {
        self.packet.clear();
        self.start = 0;
        while self.packet.is_empty() && self.cut_short.is_none() {
            let packet = match self.format.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => return Ok(()),
                Err(Error::IoError(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
                    return Err(error);
                }
                Err(error) => {
                    self.cut_short = Some(error.to_string());
                    return Ok(());
                }
            };
            if packet.track_id != self.track_id {
                continue;
            }
            match self.decoder.decode(&packet) {
                Ok(buffer) => {
                    let spec = spec_of(&buffer, self.bits).map_err(io::Error::other)?;
                    if is_first {
                        self.spec = spec;
                    } else if spec != self.spec {
                        self.cut_short = Some(format!("its samples change to {spec}"));
                        return Ok(());
                    }
                    copy(&buffer, spec.format, &mut self.packet);
                }
                Err(Error::DecodeError(_)) => self.broken += 1,
                Err(Error::IoError(error)) => return Err(error),
                Err(error) => self.cut_short = Some(error.to_string()),
            }
        }
        Ok(())
    }
}

/// The narrowest format that holds the decoded samples exactly. A decoder may hand 16 bits out in
/// the upper half of 32.
fn spec_of(buffer: &GenericAudioBufferRef<'_>, bits: Option<u32>) -> Result<StreamSpec, String> {
    use GenericAudioBufferRef as Buffer;
    let width = match buffer {
        Buffer::U8(_) | Buffer::S8(_) => 8,
        Buffer::U16(_) | Buffer::S16(_) => 16,
        Buffer::U24(_) | Buffer::S24(_) => 24,
        Buffer::U32(_) | Buffer::S32(_) => 32,
        Buffer::F32(_) | Buffer::F64(_) => 0,
    };
    let format = match (buffer, width.min(bits.unwrap_or(width))) {
        (Buffer::F32(_), _) => SampleFormat::F32,
        (Buffer::F64(_), _) => SampleFormat::F64,
        (_, 0..=8) => SampleFormat::U8,
        (_, 9..=16) => SampleFormat::S16,
        (_, 17..=24) if cfg!(target_endian = "big") => SampleFormat::S24Be,
        (_, 17..=24) => SampleFormat::S24Le,
        _ => SampleFormat::S32,
    };
    let spec = buffer.spec();
    let layout = ChannelLayout::from_count(spec.channels().count())
        .ok_or("has no channels, or more than 64")?;
    if !(1..=MAX_RATE_HZ).contains(&spec.rate()) {
        return Err(format!("has a rate of {} Hz", spec.rate()));
    }
    Ok(StreamSpec::new(format, spec.rate(), layout))
}

/// The samples as native bytes of the format that [`spec_of`] chose.
fn copy(buffer: &GenericAudioBufferRef<'_>, format: SampleFormat, bytes: &mut Vec<u8>) {
    match format {
        SampleFormat::U8 => buffer.copy_bytes_to_vec_interleaved_as::<u8>(bytes),
        SampleFormat::S16 => buffer.copy_bytes_to_vec_interleaved_as::<i16>(bytes),
        SampleFormat::S24Le | SampleFormat::S24Be => {
            buffer.copy_bytes_to_vec_interleaved_as::<i24>(bytes);
        }
        SampleFormat::S32 => buffer.copy_bytes_to_vec_interleaved_as::<i32>(bytes),
        SampleFormat::F64 => buffer.copy_bytes_to_vec_interleaved_as::<f64>(bytes),
        _ => buffer.copy_bytes_to_vec_interleaved_as::<f32>(bytes),
    }
}
