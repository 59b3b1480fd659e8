//! Codecs by name, also those that are not decoded.

use symphonia::core::codecs::audio::AudioCodecId;
use symphonia::core::codecs::audio::well_known as known;

/// As people call it.
pub(crate) fn name_of(codec: AudioCodecId) -> String {
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
