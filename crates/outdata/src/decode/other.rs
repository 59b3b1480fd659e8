//! The containers that symphonia reads: WAV with a codec inside, AIFF, CAF, MP4, Matroska, ADTS.

use std::collections::VecDeque;
use std::io;

use rt_callback::StreamSpec;
use symphonia::core::codecs::audio::well_known::CODEC_ID_ALAC;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;
use symphonia::core::units::TimeBase;

use super::codecs::name_of;
use super::edits::Edit;
use super::tags::Tags;
use super::{About, Stretch, Walk, decoder, samples};
use crate::input::Source;

pub(super) struct Other {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track_id: u32,
    time_base: Option<TimeBase>,
    /// Bits that a sample really has, where the file says so.
    bits: Option<u32>,
    spec: Option<StreamSpec>,
    ready: VecDeque<Stretch>,
    /// What is left of the frames that are no sound, and of those that are.
    edit: Edit,
    about: About,
}

impl Other {
    pub(super) fn open(mut source: Source, extension: Option<&str>) -> Result<Self, String> {
        let cannot = |error: io::Error| format!("cannot be read: {error}");
        let head = source.peek(12).map_err(cannot)?.to_vec();
        let container = container(&head);
        // These may say at their end what stands at their beginning.
        let mut source = match container {
            "AIFF" | "CAF" | "MP4" => source.into_seekable().map_err(cannot)?,
            _ => source,
        };
        let edit = match container {
            "MP4" => Edit::read(&mut source).map_err(cannot)?,
            _ => Edit::default(),
        };
        let mut hint = Hint::new();
        if let Some(extension) = extension {
            hint.with_extension(extension);
        }
        let stream = MediaSourceStream::new(Box::new(source), Default::default());
        let mut format = symphonia::default::get_probe()
            .probe(
                &hint,
                stream,
                FormatOptions::default(),
                MetadataOptions::default(),
            )
            .map_err(|error| format!("cannot be read as {container}: {error}"))?;
        let tags = tags(format.as_mut());
        let edit = if container == "MP4" {
            edit.or_itunes(&tags)
        } else {
            edit
        };
        let track = format
            .default_track(TrackType::Audio)
            .ok_or("has no audio track")?;
        let parameters = track.codec_params.as_ref();
        let parameters = parameters
            .and_then(|parameters| parameters.audio())
            .ok_or("has an audio track of an unknown kind")?;
        let codec = name_of(parameters.codec);
        if symphonia::default::get_codecs()
            .get_audio_decoder(parameters.codec)
            .is_none()
        {
            return Err(format!(
                "is {container} with {codec} in it, which is not supported"
            ));
        }
        let decoder = decoder(parameters)?;
        Ok(Self {
            track_id: track.id,
            time_base: track.time_base,
            bits: bits(parameters, decoder.as_ref()),
            decoder,
            spec: None,
            ready: VecDeque::new(),
            edit,
            about: About {
                container: container.to_owned(),
                codec,
                promised_frames: track.num_frames,
                tags,
            },
            format,
        })
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
            let packet = match self.format.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => return Ok(Stretch::End),
                Err(Error::IoError(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
                    return Err(error);
                }
                Err(error) => {
                    self.ready.push_back(Stretch::End);
                    return Ok(Stretch::Note(format!("ends early: {error}")));
                }
            };
            if packet.track_id != self.track_id {
                continue;
            }
            match self.decoder.decode(&packet) {
                Ok(buffer) => {
                    let spec = samples::spec_of(&buffer, self.bits).map_err(io::Error::other)?;
                    self.spec = Some(spec);
                    samples::append(&buffer, spec.format, bytes);
                    self.edit.apply(spec, bytes);
                    return Ok(Stretch::Samples(spec));
                }
                Err(Error::IoError(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
                    return Err(error);
                }
                Err(Error::DecodeError(_) | Error::IoError(_)) => {
                    let Some(spec) = self.spec else {
                        continue;
                    };
                    let ticks = packet.dur.get() as f64;
                    let seconds = self.time_base.map_or(0.0, |base| {
                        ticks * f64::from(base.numer.get()) / f64::from(base.denom.get())
                    });
                    let frames = (seconds * f64::from(spec.rate_hz)).round() as u64;
                    return Ok(Stretch::Lost(spec, self.edit.keep(frames).1));
                }
                Err(error) => {
                    self.ready.push_back(Stretch::End);
                    return Ok(Stretch::Note(format!("ends early: {error}")));
                }
            }
        }
    }
}

/// Bits that a sample really has. A container may say anything of a codec that knows better.
fn bits(parameters: &AudioCodecParameters, decoder: &dyn AudioDecoder) -> Option<u32> {
    let bits = match parameters.codec {
        // ALACSpecificConfig: the length of a frame, a version, bits.
        CODEC_ID_ALAC => match parameters.extra_data.as_deref() {
            Some([_, _, _, _, 0, bits @ (16 | 20 | 24 | 32), ..]) => Some(u32::from(*bits)),
            _ => None,
        },
        _ => decoder.codec_params().bits_per_sample,
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
