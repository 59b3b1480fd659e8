//! What samples are, as the command line says it, and what was probably meant where that is wrong.

use rt_callback::{SampleFormat, SpecError, StreamSpec};

/// The value of `--raw`: `FORMAT:RATE:CHANNELS`.
pub(crate) fn raw(text: &str) -> Result<StreamSpec, String> {
    let format = text.split(':').next().unwrap_or_default();
    StreamSpec::parse_raw(text).map_err(|error| explain(error, format))
}

/// The value of `--to`: `RATExCHANNELS:FORMAT`.
pub(crate) fn target(text: &str) -> Result<StreamSpec, String> {
    let format = text.rsplit(':').next().unwrap_or_default();
    text.parse().map_err(|error| explain(error, format))
}

/// The value of `--from`: as `--raw` has it, or as reports and `--to` have it.
pub(crate) fn source(text: &str) -> Result<StreamSpec, String> {
    // No format begins with a digit.
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        target(text)
    } else {
        raw(text)
    }
}

fn explain(error: SpecError, format: &str) -> String {
    let meant = match error {
        SpecError::Format => meant(format),
        _ => None,
    };
    match meant {
        Some(meant) => format!("there is no sample format {format}; did you mean {meant}?"),
        None => error.to_string(),
    }
}

/// The format that other programs call so. Where the order of bytes is not said, it is little-endian, as
/// in WAV.
fn meant(format: &str) -> Option<SampleFormat> {
    let name = format.to_ascii_lowercase().replace(['-', '_'], "");
    let name = name.strip_prefix("pcm").unwrap_or(&name);
    let spelled = match name {
        "float" | "floatle" | "float32" | "float32le" | "fltp" | "flt" => "f32le",
        "double" | "doublele" | "float64" | "float64le" | "dbl" => "f64le",
        "short" | "int16" | "i16" | "16" | "16bit" | "s16ne" => "s16le",
        "int24" | "i24" | "24" | "24bit" | "s243le" => "s24le",
        "int" | "int32" | "i32" | "32bit" | "s32ne" => "s32le",
        "uint8" | "byte" | "8bit" => "u8",
        "int8" | "i8" => "s8",
        "ulaw" => "mulaw",
        other => other,
    };
    let known = |name: &str| {
        let mut formats = SampleFormat::ALL.iter();
        let found = formats.find(|format| format.name().replace('_', "") == name);
        found.copied()
    };
    known(spelled).or_else(|| known(&format!("{spelled}le")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_is_meant_is_offered() {
        for (said, meant) in [
            ("s16", "s16le"),
            ("S16LE", "s16le"),
            ("pcm_s16le", "s16le"),
            ("s24", "s24le"),
            ("u16", "u16le"),
            ("f32", "f32le"),
            ("F64BE", "f64be"),
            ("float", "f32le"),
            ("FLOAT_LE", "f32le"),
            ("pcm_mulaw", "mulaw"),
            ("a-law", "alaw"),
            ("s24_32", "s24_32le"),
            ("S24_32BE", "s24_32be"),
        ] {
            let words = raw(&format!("{said}:48000:1")).unwrap_err();
            let expected = format!("did you mean {meant}?");
            assert!(words.ends_with(&expected), "{said}: {words}");
            let words = target(&format!("48000x1:{said}")).unwrap_err();
            assert!(words.ends_with(&expected), "{said}: {words}");
        }
    }

    /// Then all are listed.
    #[test]
    fn where_nothing_is_meant_nothing_is_offered() {
        for said in ["", "s", "s17", "mp3", "le", "::"] {
            let words = raw(&format!("{said}:48000:1")).unwrap_err();
            assert!(!words.contains("did you mean"), "{said}: {words}");
        }
        assert!(raw("s17:48000:1").unwrap_err().contains("known are"));
    }

    #[test]
    fn what_is_there_is_taken() {
        for format in SampleFormat::ALL {
            assert_eq!(raw(&format!("{format}:8000:2")).unwrap().format, *format);
            assert_eq!(target(&format!("8000x2:{format}")).unwrap().format, *format);
            let written = format!("{format}:8000:2");
            let reported = raw(&written).unwrap().to_string();
            assert_eq!(source(&written), source(&reported));
            assert_eq!(source(&written), raw(&written));
        }
    }
}
