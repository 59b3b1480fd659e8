//! Codecs by name, also those that are not decoded.

use symphonia::core::codecs::audio::AudioCodecId;
use symphonia::core::codecs::audio::well_known as known;

/// symphonia-codec-vorbis 0.6.1 makes noise of more: it undoes the couplings in the wrong order (Vorbis I, 4.3.5), and
/// reads past the classes of a partition.
const MOST_VORBIS_CHANNELS: u8 = 2;

/// What a Vorbis stream is, by its identification header, where it has more channels than can be decoded.
pub(super) fn vorbis_of_many_channels(identification: &[u8]) -> Option<String> {
    // A version in four bytes comes first.
    let channels = *identification.strip_prefix(b"\x01vorbis")?.get(4)?;
    (channels > MOST_VORBIS_CHANNELS).then(|| format!("Vorbis of {channels} channels"))
}

/// Why it is refused, and what can be done.
pub(super) fn unsupported(container: &str, codec: &str) -> String {
    format!(
        "is {container} with {codec} in it, which is not supported; convert it with another tool first, such as FFmpeg"
    )
}

/// As people call it.
pub(super) fn name_of(codec: AudioCodecId) -> String {
    let names = [
        (known::CODEC_ID_AAC, "AAC"),
        (known::CODEC_ID_ALAC, "ALAC"),
        (known::CODEC_ID_FLAC, "FLAC"),
        (known::CODEC_ID_VORBIS, "Vorbis"),
        (known::CODEC_ID_OPUS, "Opus"),
        (known::CODEC_ID_SPEEX, "Speex"),
        (known::CODEC_ID_AC3, "AC-3"),
        (known::CODEC_ID_EAC3, "E-AC-3"),
        (known::CODEC_ID_DCA, "DTS"),
        (known::CODEC_ID_WMA, "WMA"),
        (known::CODEC_ID_MP3, "MP3"),
    ];
    let name = names.iter().find(|(id, _)| *id == codec);
    let decoder = symphonia::default::get_codecs().get_audio_decoder(codec);
    match (name, decoder) {
        (Some((_, name)), _) => (*name).to_owned(),
        (None, Some(decoder)) => decoder.codec.info.long_name.to_owned(),
        (None, None) => format!("the codec {codec}"),
    }
}
