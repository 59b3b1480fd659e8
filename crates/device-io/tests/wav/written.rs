//! What the writer writes, against another implementation.

use std::fs;
use std::io::Read;

use device_io::wav::{Length, WavHeader, WavWriter};
use rt_callback::{SampleFormat, StreamSpec};

use crate::made::spec;

/// Writes these bytes of samples and reads the file back.
fn written(spec: &StreamSpec, samples: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.wav");
    let mut writer = WavWriter::bounded(&path, spec, samples.len() as u64).unwrap();
    for chunk in samples.chunks(7) {
        writer.write(chunk).unwrap();
        assert!(!path.exists(), "a file appears only when it is whole");
    }
    writer.finish().unwrap();
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(names.len(), 1, "nothing else is left behind");
    fs::read(&path).unwrap()
}

#[test]
fn what_is_written_is_what_is_read() {
    for format in SampleFormat::ALL {
        for channels in ["1", "2", "5.1", "7.1", "9", "64"] {
            let spec = spec(&format!("44100x{channels}:{format}"));
            let samples: Vec<u8> = (0..spec.frame_bytes() * 3).map(|i| i as u8).collect();
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("x.wav");
            let Ok(writer) = WavWriter::create(&path, &spec) else {
                // What WAV cannot hold is refused at once, and leaves nothing.
                assert!(fs::read_dir(folder.path()).unwrap().next().is_none());
                continue;
            };
            drop(writer);
            let bytes = written(&spec, &samples);
            let mut input = &bytes[..];
            let header = WavHeader::read(&mut input).unwrap();
            assert_eq!(header.spec.to_string(), spec.to_string());
            assert_eq!(header.length, Length::Bytes(samples.len() as u64));
            let mut rest = Vec::new();
            input.read_to_end(&mut rest).unwrap();
            assert_eq!(rest[..samples.len()], samples);
            assert_eq!(rest.len() % 2, 0, "chunks are padded");
            // What the file says of its own length is true.
            let riff = u32::from_le_bytes(bytes[4..8].try_into().unwrap());
            assert_eq!(riff as usize + 8, bytes.len());
        }
    }
}

#[test]
fn the_formats_that_wav_holds() {
    let held: Vec<_> = SampleFormat::ALL
        .iter()
        .filter(|format| {
            let folder = tempfile::tempdir().unwrap();
            let spec = spec(&format!("8000x1:{format}"));
            WavWriter::create(folder.path().join("x.wav"), &spec).is_ok()
        })
        .map(SampleFormat::to_string)
        .collect();
    let mut held = held;
    held.sort();
    assert_eq!(
        held,
        [
            "alaw", "f32le", "f64le", "mulaw", "s16le", "s24le", "s32le", "u8"
        ]
    );
}

/// hound reads the same samples and the same spec.
#[test]
fn another_implementation_reads_it() {
    let samples: Vec<u8> = (0..24 * 10).map(|i| (i * 37) as u8).collect();
    for (text, bits, float) in [
        ("48000x2:s16le", 16, false),
        ("22050x1:s24le", 24, false),
        ("96000x5.1:s32le", 32, false),
        ("48000x2:f32le", 32, true),
        ("8000x6:s16le", 16, false),
    ] {
        let spec = spec(text);
        let bytes = written(&spec, &samples);
        let mut reader = hound::WavReader::new(&bytes[..]).unwrap();
        let read = reader.spec();
        assert_eq!(usize::from(read.channels), spec.channels());
        assert_eq!(
            (read.sample_rate, read.bits_per_sample),
            (spec.rate_hz, bits)
        );
        assert_eq!(read.sample_format == hound::SampleFormat::Float, float);
        let mut again = Vec::new();
        if float {
            for sample in reader.samples::<f32>() {
                again.extend(sample.unwrap().to_le_bytes());
            }
        } else {
            for sample in reader.samples::<i32>() {
                again.extend(&sample.unwrap().to_le_bytes()[..usize::from(bits) / 8]);
            }
        }
        assert_eq!(again, samples, "{text}");
    }
}

#[test]
fn the_channel_mask_says_where_the_speakers_are() {
    let bytes = written(&spec("48000x5.1:s16le"), &[0; 12]);
    // WAVE_FORMAT_EXTENSIBLE; FL FR FC LFE SL SR.
    assert_eq!(bytes[20..22], [0xfe, 0xff]);
    assert_eq!(bytes[40..44], 0x60f_u32.to_le_bytes());
    let plain = written(&spec("48000x2:s16le"), &[0; 4]);
    assert_eq!(plain[20..22], [1, 0]);
    assert_eq!(plain.len(), 44 + 4);
}

#[test]
fn a_writer_that_is_dropped_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.wav");
    fs::write(&path, "precious").unwrap();
    let mut writer = WavWriter::create(&path, &spec("48000x1:u8")).unwrap();
    writer.write(&[1, 2, 3]).unwrap();
    drop(writer);
    assert_eq!(fs::read(&path).unwrap(), b"precious");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let spec = spec("48000x1:u8");
    assert!(WavWriter::create(folder.path().join("no/x.wav"), &spec).is_err());
    assert!(WavWriter::create(folder.path(), &spec).is_err());
}

/// Room for 64-bit lengths is in the header where the file may need it, and nowhere else.
#[test]
fn a_short_file_has_the_shortest_header() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.wav");
    let spec = spec("48000x2:s16le");
    let length = |most| {
        let mut writer = WavWriter::bounded(&path, &spec, most).unwrap();
        writer.write(&[1, 2, 3, 4]).unwrap();
        writer.finish().unwrap();
        let bytes = fs::read(&path).unwrap();
        let mut reader = hound::WavReader::new(&bytes[..]).unwrap();
        let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
        assert_eq!(samples, [0x201, 0x403]);
        bytes.len()
    };
    assert_eq!(length(4), 44 + 4);
    assert_eq!(length(0xffff_0000), 44 + 4);
    assert_eq!(length(0xffff_0001), 44 + 36 + 4);
    assert_eq!(length(u64::MAX), 44 + 36 + 4);
}

/// Where all goes well, `keep` is `finish`.
#[test]
fn what_is_kept_is_what_was_written_in_whole_frames() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.wav");
    for (text, written, kept) in [
        ("48000x2:s16le", 10, 8),
        ("48000x1:s24le", 10, 9),
        ("48000x1:u8", 3, 3),
        ("48000x1:u8", 0, 0),
    ] {
        let mut writer = WavWriter::create(&path, &spec(text)).unwrap();
        writer.write(&[7; 10][..written]).unwrap();
        let done = writer.keep();
        assert!(done.error.is_none());
        assert_eq!(done.data_bytes, kept);
        let bytes = fs::read(&path).unwrap();
        let mut rest = &bytes[..];
        let header = WavHeader::read(&mut rest).unwrap();
        let said = match header.length {
            Length::Bytes(bytes) | Length::Doubtful(bytes) => bytes,
            Length::ToTheEnd => u64::MAX,
        };
        assert_eq!(said, kept);
        let pad = usize::from(kept % 2 == 1);
        assert_eq!(rest, [vec![7; kept as usize], vec![0; pad]].concat());
        let riff = u32::from_le_bytes(bytes[4..8].try_into().unwrap());
        assert_eq!(riff as usize + 8, bytes.len());
    }
}
