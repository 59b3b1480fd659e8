//! The containers that symphonia reads: WAV with a codec inside, AIFF, CAF, MP4, Matroska, ADTS.

mod edits;
mod lengths;
mod matroska;
mod moov;

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rt_callback::StreamSpec;
use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_ALAC, CODEC_ID_PCM_ALAW, CODEC_ID_PCM_F32BE, CODEC_ID_PCM_F32LE, CODEC_ID_PCM_F64BE,
    CODEC_ID_PCM_F64LE, CODEC_ID_PCM_MULAW, CODEC_ID_PCM_S24BE, CODEC_ID_PCM_S24LE,
    CODEC_ID_PCM_S32BE, CODEC_ID_PCM_S32LE,
};
use symphonia::core::codecs::audio::{AudioCodecId, AudioCodecParameters};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::{MediaSourceStream, SeekBuffered};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::units::TimeBase;

use self::edits::Edit;
use self::lengths::{Lengths, Mended};
use self::matroska::Counted;
use self::moov::{Moov, SoundTrack};
use crate::decode::codecs::{name_of, unsupported, vorbis_of_many_channels};
use crate::decode::flac::MOST_GAP_SECONDS;
use crate::decode::guard::{Decoder, guarded};
use crate::decode::samples;
use crate::decode::tags::Tags;
use crate::decode::walk::{About, Stretch, Walk};
use crate::source::Source;

/// The longest header before a Matroska file's Segment, in bytes.
const HEAD_BYTES: usize = 512;
/// As far as a Matroska file's tracks are looked for.
const MOST_HEAD_BYTES: u64 = 1 << 16;

pub(crate) struct Other {
    format: Box<dyn FormatReader>,
    decoder: Decoder,
    track_id: u32,
    time_base: Option<TimeBase>,
    /// Bits that a sample really has, where the file says so.
    bits: Option<u32>,
    spec: Option<StreamSpec>,
    /// Frames that could not be decoded, since the last that could.
    lost: u64,
    ready: VecDeque<Stretch>,
    /// What is to be said at the end of a file that was cut off.
    cut: Option<String>,
    /// Where a Matroska file says that it ends, and what has been read of it.
    promised_end: Option<u64>,
    read_bytes: Arc<AtomicU64>,
    /// What is left of the frames to leave out, and of those that are sound.
    edit: Edit,
    about: About,
}

impl Other {
    pub(crate) fn open(source: Source, extension: Option<&str>) -> Result<Self, String> {
        let mut opened = Opened::new(source, extension)?;
        let tags = tags(opened.format.as_mut());
        let Some(track) = opened.format.default_track(TrackType::Audio).cloned() else {
            return Err(opened.without_track());
        };
        let moov_track = opened.moov.as_ref();
        let moov_track = moov_track.and_then(|moov| moov.sound_track(track.id));
        let parameters = parameters(opened.container, &track, moov_track)?;
        let decoder = Decoder::new(&parameters)?;
        let edit = moov_track.and_then(Edit::of).unwrap_or_default();
        Ok(Self {
            track_id: track.id,
            time_base: track.time_base,
            bits: bits(&parameters, &decoder),
            decoder,
            spec: None,
            lost: 0,
            ready: VecDeque::new(),
            cut: opened.cut,
            promised_end: opened.promised_end,
            read_bytes: opened.read_bytes,
            edit: match opened.moov {
                Some(_) => edit.or_itunes(&tags),
                None => edit,
            },
            about: About {
                container: opened.container.to_owned(),
                codec: name_of(parameters.codec),
                promised_frames: track.num_frames,
                tags,
            },
            format: opened.format,
        })
    }
}

/// A container that symphonia reads, and what it does not tell of it.
struct Opened {
    container: &'static str,
    format: Box<dyn FormatReader>,
    moov: Option<Moov>,
    cut: Option<String>,
    promised_end: Option<u64>,
    read_bytes: Arc<AtomicU64>,
}

impl Opened {
    fn new(mut source: Source, extension: Option<&str>) -> Result<Self, String> {
        let cannot = |error: io::Error| format!("cannot be read: {error}");
        let container = container(source.peek(12).map_err(cannot)?);
        // These may keep at their end what is needed at the beginning. The others are read as a pipe, so that a
        // length beyond the end of the file is no reason to refuse it.
        let mut source = match container {
            "AIFF" | "CAF" | "MP4" => source.into_seekable().map_err(cannot)?,
            _ => source.into_stream(),
        };
        let (mut moov, mut promised_end) = (None, None);
        let lengths = match container {
            "AIFF" => Some(Lengths::of_aiff(&mut source).map_err(cannot)?),
            "CAF" => Some(Lengths::of_caf(&mut source).map_err(cannot)?),
            "MP4" => Some(Lengths::of_mp4(&mut source).map_err(cannot)?),
            _ => None,
        };
        match container {
            "MP4" => moov = Some(Moov::read(&mut source).map_err(cannot)?),
            "Matroska" => {
                promised_end = matroska::promised_end(source.peek(HEAD_BYTES).map_err(cannot)?);
            }
            _ => {}
        }
        let cut = lengths.as_ref().and_then(|lengths| lengths.cut.clone());
        let (source, read_bytes) = Counted::new(match lengths {
            Some(lengths) => Box::new(Mended::new(source, lengths)),
            None => Box::new(source),
        });
        let stream = MediaSourceStream::new(Box::new(source), Default::default());
        let mut hint = Hint::new();
        if let Some(extension) = extension {
            hint.with_extension(extension);
        }
        let probe = || {
            let (format, meta) = (FormatOptions::default(), MetadataOptions::default());
            symphonia::default::get_probe().probe(&hint, stream, format, meta)
        };
        let format = guarded(probe);
        Ok(Self {
            container,
            format: format.map_err(|error| format!("cannot be read as {container}: {error}"))?,
            moov,
            cut,
            promised_end,
            read_bytes,
        })
    }

    /// Why there is no track that can be decoded.
    fn without_track(self) -> String {
        let codec = match self.moov {
            Some(moov) => moov.sound_tracks().find_map(|track| track.codec_name()),
            None if self.container == "Matroska" => matroska::sound_codec(&read_head(self.format)),
            None => None,
        };
        codec.map_or_else(
            || "has no audio track".to_owned(),
            |codec| unsupported(self.container, &codec),
        )
    }
}

/// What is still there of what was read first.
fn read_head(format: Box<dyn FormatReader>) -> Vec<u8> {
    let mut stream = format.into_inner();
    let mut head = Vec::new();
    if stream.seek_buffered(0) == 0 {
        // An error leaves what was there before it.
        let _ = stream.take(MOST_HEAD_BYTES).read_to_end(&mut head);
    }
    head
}

/// What the decoder is to know of a track, if there is a decoder.
fn parameters(
    container: &str,
    track: &Track,
    moov_track: Option<SoundTrack<'_>>,
) -> Result<AudioCodecParameters, String> {
    let parameters = track.codec_params.as_ref();
    let parameters = parameters.and_then(|parameters| parameters.audio());
    let mut parameters = parameters
        .ok_or("has an audio track of an unknown kind")?
        .clone();
    let setup = parameters.extra_data.as_deref().unwrap_or_default();
    if let Some(vorbis) = vorbis_of_many_channels(setup) {
        return Err(unsupported(container, &vorbis));
    }
    let decoder = symphonia::default::get_codecs().get_audio_decoder(parameters.codec);
    if decoder.is_none() {
        return Err(unsupported(container, &name_of(parameters.codec)));
    }
    if moov_track.is_some_and(|track| track.is_big_endian_pcm()) {
        parameters.codec = big_endian(parameters.codec);
    }
    if let CODEC_ID_PCM_ALAW | CODEC_ID_PCM_MULAW = parameters.codec {
        // CAF rightly says 8, which the decoder does not take.
        (parameters.bits_per_sample, parameters.bits_per_coded_sample) = (None, None);
    }
    Ok(parameters)
}

/// symphonia-format-isomp4 0.6.1 takes these for little-endian, whatever the file says.
fn big_endian(codec: AudioCodecId) -> AudioCodecId {
    match codec {
        CODEC_ID_PCM_S24LE => CODEC_ID_PCM_S24BE,
        CODEC_ID_PCM_S32LE => CODEC_ID_PCM_S32BE,
        CODEC_ID_PCM_F32LE => CODEC_ID_PCM_F32BE,
        CODEC_ID_PCM_F64LE => CODEC_ID_PCM_F64BE,
        other => other,
    }
}

impl Other {
    fn is_at_promised_end(&self) -> bool {
        let read_bytes = self.read_bytes.load(Ordering::Relaxed);
        self.about.container == "Matroska" && self.promised_end.is_none_or(|end| read_bytes >= end)
    }

    /// A packet of this many ticks cannot be decoded. Silence stands for it once another follows: the last packet may
    /// be cut off.
    fn lose(&mut self, ticks: u64) {
        let Some(spec) = self.spec else {
            return;
        };
        let seconds = self.time_base.map_or(0.0, |base| {
            ticks as f64 * f64::from(base.numer.get()) / f64::from(base.denom.get())
        });
        if seconds <= MOST_GAP_SECONDS as f64 {
            let frames = (seconds * f64::from(spec.rate_hz)).round() as u64;
            self.lost = self.lost.saturating_add(self.edit.keep(frames).1);
        }
    }

    fn end(&mut self) -> Stretch {
        match (self.spec, std::mem::take(&mut self.lost)) {
            // What was cut off is no damage.
            (Some(spec), lost) if lost > 0 && self.cut.is_none() => Stretch::Lost(spec, lost),
            _ => self.cut.take().map_or(Stretch::End, Stretch::Note),
        }
    }

    /// It cannot be read on.
    fn end_early(&mut self, error: &Error) -> Stretch {
        self.ready.push_back(Stretch::End);
        let cut = self.cut.take();
        Stretch::Note(cut.unwrap_or_else(|| format!("ends early: {error}")))
    }
}

impl Walk for Other {
    fn about(&self) -> About {
        self.about.clone()
    }

    fn next(&mut self, bytes: &mut Vec<u8>) -> io::Result<Stretch> {
        if let Some(stretch) = self.ready.pop_front() {
            return Ok(stretch);
        }
        loop {
            let packet = match guarded(|| self.format.next_packet()) {
                Ok(Some(packet)) => packet,
                Ok(None) => return Ok(self.end()),
                Err(Error::IoError(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
                    return Err(error);
                }
                // Without seeking, a Matroska file that ends cannot be told from one that was cut off.
                Err(Error::IoError(_)) if self.is_at_promised_end() => return Ok(self.end()),
                Err(error) => return Ok(self.end_early(&error)),
            };
            if packet.track_id != self.track_id {
                continue;
            }
            match self.decoder.decode(&packet.as_packet_ref()) {
                Ok(buffer) => {
                    let spec = samples::spec_of(&buffer, self.bits).map_err(io::Error::other)?;
                    self.spec = Some(spec);
                    samples::append(&buffer, spec.format, bytes);
                    self.edit.apply(spec, bytes);
                    return Ok(match std::mem::take(&mut self.lost) {
                        0 => Stretch::Samples(spec),
                        lost => Stretch::Lost(spec, lost),
                    });
                }
                // The packet lies in memory: where the decoder comes to its end too early, it is damaged.
                Err(Error::DecodeError(_) | Error::IoError(_)) => {
                    self.lose(packet.dur.get());
                }
                Err(error) => return Ok(self.end_early(&error)),
            }
        }
    }
}

/// Bits that a sample really has. A container may say anything of a codec that knows better.
fn bits(parameters: &AudioCodecParameters, decoder: &Decoder) -> Option<u32> {
    let bits = match parameters.codec {
        // ALACSpecificConfig: the length of a frame, a version, bits.
        CODEC_ID_ALAC => match parameters.extra_data.as_deref() {
            Some([_, _, _, _, 0, bits @ (16 | 20 | 24 | 32), ..]) => Some(u32::from(*bits)),
            _ => None,
        },
        _ => decoder.parameters().bits_per_sample,
    };
    bits.filter(|bits| *bits > 0)
}

fn container(head: &[u8]) -> &'static str {
    match (head.get(..4), head.get(4..8)) {
        (Some(b"RIFF"), _) => "WAV",
        (Some(b"FORM"), _) => "AIFF",
        (Some(b"caff"), _) => "CAF",
        (_, Some(b"ftyp" | b"moov")) => "MP4",
        (Some([0x1a, 0x45, 0xdf, 0xa3]), _) => "Matroska",
        _ => "AAC",
    }
}

/// The texts among the metadata.
fn tags(format: &mut dyn FormatReader) -> Tags {
    let mut tags = Tags::default();
    let mut metadata = format.metadata();
    if let Some(revision) = metadata.skip_to_latest() {
        for tag in &revision.media.tags {
            tags.add(&tag.raw.key, &tag.raw.value.to_string());
        }
    }
    tags
}
