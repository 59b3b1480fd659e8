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

/// What a WAV file's format tag stands for, by Microsoft's `mmreg.h`.
pub(crate) fn name_of_wav_tag(tag: u16) -> Option<&'static str> {
    Some(match tag {
        0x0002 => "Microsoft ADPCM",
        0x0011 => "IMA ADPCM",
        0x0016 => "G.723 ADPCM",
        0x0022 => "TrueSpeech",
        0x0031 => "GSM 6.10",
        0x0032 => "MSN audio",
        0x0040 | 0x0045 | 0x0064 | 0x0065 => "G.726 ADPCM",
        0x0041 | 0x0042 => "G.723.1",
        0x0050 => "MPEG layer 1 or 2",
        0x0055 => "MP3",
        0x0083 => "G.729",
        0x0092 => "AC-3 by S/PDIF",
        0x00ff | 0x1600 | 0x1610 | 0x706d => "AAC",
        0x0160..=0x0163 => "Windows Media Audio",
        0x0270 => "ATRAC3",
        0x2000 => "AC-3",
        0x2001 => "DTS",
        0x674f..=0x6771 => "Ogg Vorbis",
        0x704f => "Opus",
        0xa109 => "Speex",
        0xf1ac => "FLAC",
        _ => return None,
    })
}
