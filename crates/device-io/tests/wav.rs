//! WAV headers and files, against another implementation and against headers that lie.
#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::io::Read;

use device_io::wav::{Length, WavError, WavHeader, WavWriter};
use rt_callback::{SampleFormat, StreamSpec};

fn spec(text: &str) -> StreamSpec {
    text.parse().unwrap()
}

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

fn header(bytes: &[u8]) -> Result<WavHeader, WavError> {
    WavHeader::read(&mut &bytes[..])
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

/// A header of its parts: fmt body, then the data chunk's length.
fn wav(fmt: &[u8], data: u32) -> Vec<u8> {
    let mut bytes = b"RIFF\x00\x00\x01\x00WAVE".to_vec();
    bytes.extend(b"fmt ");
    bytes.extend((fmt.len() as u32).to_le_bytes());
    bytes.extend(fmt);
    bytes.extend(b"data");
    bytes.extend(data.to_le_bytes());
    bytes
}

fn fmt(tag: u16, channels: u16, rate: u32, frame_bytes: u16, bits: u16) -> Vec<u8> {
    let mut fmt = Vec::new();
    fmt.extend(tag.to_le_bytes());
    fmt.extend(channels.to_le_bytes());
    fmt.extend(rate.to_le_bytes());
    fmt.extend((rate.wrapping_mul(u32::from(frame_bytes))).to_le_bytes());
    fmt.extend(frame_bytes.to_le_bytes());
    fmt.extend(bits.to_le_bytes());
    fmt
}

#[test]
fn headers_that_lie_are_refused() {
    let lies = [
        fmt(1, 0, 48_000, 0, 16),
        fmt(1, 1, 0, 2, 16),
        fmt(1, 1, 768_001, 2, 16),
        fmt(1, 2, 48_000, 2, 16),
        fmt(1, 65, 48_000, 130, 16),
        fmt(0xfffe, 2, 48_000, 4, 16),
        fmt(1, 1, 48_000, 2, 16)[..15].to_vec(),
    ];
    for lie in lies {
        assert!(
            matches!(header(&wav(&lie, 4)), Err(WavError::Lies(_))),
            "{lie:?}"
        );
    }
    let mut backwards = b"RIFF\x00\x00\x00\x00WAVEdata\x04\x00\x00\x00".to_vec();
    backwards.extend([0; 4]);
    assert!(matches!(header(&backwards), Err(WavError::Lies(_))));
    assert!(matches!(
        header(&wav(&fmt(2, 1, 48_000, 256, 4), 4)),
        Err(WavError::Codec(2, 4))
    ));
    assert!(matches!(
        header(b"fLaC\x00\x00\x00\x22aaaaaaa"),
        Err(WavError::NotWav)
    ));
    let good = wav(&fmt(1, 1, 48_000, 2, 16), 4);
    for end in 0..good.len() {
        assert!(
            matches!(header(&good[..end]), Err(WavError::EndsInHeader)),
            "{end}"
        );
    }
    assert!(header(&good).is_ok());
    // A chunk that claims to be longer than the file.
    let mut long = b"RIFF\x00\x00\x00\x00WAVELIST\xff\xff\xff\xff".to_vec();
    long.extend([0; 100]);
    assert!(matches!(header(&long), Err(WavError::EndsInHeader)));
}

#[test]
fn lengths_that_a_pipe_leaves_behind_mean_all_there_is() {
    for unknown in [0xffff_ffff, 0x7fff_f000, 0x7fff_ffff] {
        let header = header(&wav(&fmt(1, 1, 48_000, 2, 16), unknown)).unwrap();
        assert_eq!(header.length, Length::ToTheEnd);
    }
    assert_eq!(
        header(&wav(&fmt(1, 1, 48_000, 2, 16), 0)).unwrap().length,
        Length::Bytes(0)
    );
    let mut streaming = wav(&fmt(1, 1, 48_000, 2, 16), 0);
    streaming[4..8].copy_from_slice(&[0; 4]);
    assert_eq!(header(&streaming).unwrap().length, Length::ToTheEnd);
}

#[test]
fn chunks_that_nobody_knows_are_passed_over() {
    let mut bytes = b"RIFF\x00\x00\x00\x00WAVEodd \x03\x00\x00\x00abc\x00".to_vec();
    bytes.extend(&wav(&fmt(1, 1, 8_000, 1, 8), 4)[12..]);
    let header = header(&bytes).unwrap();
    assert_eq!(header.spec, spec("8000x1:u8"));
}

/// The chunks of a file whose lengths are of 64 bits: what `ds64` says of the whole and of the
/// samples, its table, and the chunks behind it; then the data chunk's own length.
fn rf64(id: &[u8; 4], long: u64, table: &[(&[u8; 4], u64)], chunks: &[u8], data: u32) -> Vec<u8> {
    let mut bytes = [&id[..], &[0xff; 4], b"WAVEds64"].concat();
    bytes.extend((28 + 12 * table.len() as u32).to_le_bytes());
    bytes.extend((long + 100).to_le_bytes());
    bytes.extend(long.to_le_bytes());
    bytes.extend((long / 2).to_le_bytes());
    bytes.extend((table.len() as u32).to_le_bytes());
    for (id, length) in table {
        bytes.extend(*id);
        bytes.extend(length.to_le_bytes());
    }
    bytes.extend(chunks);
    bytes.extend(&wav(&fmt(1, 1, 48_000, 2, 16), data)[12..]);
    bytes
}

/// EBU Tech 3306 and ITU-R BS.2088: what is all ones is in the `ds64` chunk.
#[test]
fn lengths_of_64_bits_are_read() {
    let all_ones = u32::MAX;
    for id in [b"RF64", b"BW64"] {
        for long in [2, 0xffff_fffe, 0x1_0000_0000, 1 << 40] {
            let bytes = rf64(id, long, &[], b"", all_ones);
            assert_eq!(header(&bytes).unwrap().length, Length::Bytes(long));
        }
        // A length that is given where it always was stands.
        let bytes = rf64(id, 1 << 40, &[], b"", 6);
        assert_eq!(header(&bytes).unwrap().length, Length::Bytes(6));
        // Into a pipe.
        for unknown in [0, u64::MAX - 100] {
            let mut bytes = rf64(id, unknown, &[], b"", all_ones);
            if unknown > 0 {
                bytes[28..36].copy_from_slice(&[0xff; 8]);
            }
            assert_eq!(header(&bytes).unwrap().length, Length::ToTheEnd);
        }
    }
}

/// Any chunk may be as long; the table says so.
#[test]
fn a_long_chunk_in_front_of_the_samples_is_passed_over() {
    let chunk = b"bigd\xff\xff\xff\xffabc\0";
    let table: [(&[u8; 4], u64); 2] = [(b"else", 7), (b"bigd", 3)];
    let bytes = rf64(b"RF64", 1 << 33, &table, chunk, u32::MAX);
    assert_eq!(header(&bytes).unwrap().length, Length::Bytes(1 << 33));
    let bytes = rf64(b"RF64", 1 << 33, &table[..1], chunk, u32::MAX);
    assert!(matches!(header(&bytes), Err(WavError::EndsInHeader)));
}

#[test]
fn a_ds64_chunk_that_lies_harms_nothing() {
    let good = rf64(b"RF64", 1 << 33, &[(b"bigd", 3)], b"", u32::MAX);
    for end in 0..good.len() {
        assert!(
            matches!(header(&good[..end]), Err(WavError::EndsInHeader)),
            "{end}"
        );
    }
    // Too short to hold a length, and far too long.
    for bytes in [8_u32, 1 << 20] {
        let mut bad = b"RF64\xff\xff\xff\xffWAVEds64".to_vec();
        bad.extend(bytes.to_le_bytes());
        bad.extend(vec![1; bytes as usize]);
        bad.extend(&wav(&fmt(1, 1, 48_000, 2, 16), u32::MAX)[12..]);
        assert_eq!(header(&bad).unwrap().length, Length::ToTheEnd);
    }
}

/// A file of more than 2 GiB is no longer than its header says: what stands behind its samples is
/// no sound.
#[test]
fn a_length_of_more_than_2_gib_counts() {
    for bytes in [0x8000_0002, 0xc000_0000, 0xfff0_0000] {
        let header = header(&wav(&fmt(1, 1, 48_000, 2, 16), bytes)).unwrap();
        assert_eq!(header.length, Length::Bytes(u64::from(bytes)));
    }
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
        assert_eq!(header.length, Length::Bytes(kept));
        let pad = usize::from(kept % 2 == 1);
        assert_eq!(rest, [vec![7; kept as usize], vec![0; pad]].concat());
        let riff = u32::from_le_bytes(bytes[4..8].try_into().unwrap());
        assert_eq!(riff as usize + 8, bytes.len());
    }
}
