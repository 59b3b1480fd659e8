//! Files to begin with: each takes another way through the header.

type Named = (&'static str, Vec<u8>);

const SAMPLES: &[u8] = b"\x01\x00\x02\x00\xff\xff\x20\x20\x80\x7f\x03\x00\x04\x00\x05\x00";
const LIST: &[u8] = b"LIST\x1a\x00\x00\x00INFOISFT\x0e\x00\x00\x00Lavf58.29.100\x00";
const ODD: &[u8] = b"odd \x03\x00\x00\x00abc";

fn chunk(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let bytes = body.len() as u32;
    [&id[..], &bytes.to_le_bytes(), body].concat()
}

fn fmt(tag: u16, channels: u16, bits: u16) -> Vec<u8> {
    let frame_bytes = channels * bits.div_ceil(8);
    let mut body = [tag.to_le_bytes(), channels.to_le_bytes()].concat();
    body.extend(48_000_u32.to_le_bytes());
    body.extend((48_000 * u32::from(frame_bytes)).to_le_bytes());
    body.extend(frame_bytes.to_le_bytes());
    body.extend(bits.to_le_bytes());
    chunk(b"fmt ", &body)
}

fn extensible(channels: u16, bits: u16, mask: u32, tag: u16) -> Vec<u8> {
    let mut body = fmt(0xfffe, channels, bits).split_off(8);
    body.extend(22_u16.to_le_bytes());
    body.extend(bits.to_le_bytes());
    body.extend(mask.to_le_bytes());
    body.extend(tag.to_le_bytes());
    body.extend(b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71");
    chunk(b"fmt ", &body)
}

fn ds64(data: u64) -> Vec<u8> {
    let mut body = Vec::new();
    for length in [data + 100, data, data / 2] {
        body.extend(length.to_le_bytes());
    }
    body.extend(1_u32.to_le_bytes());
    body.extend(b"bigd\x03\x00\x00\x00\x00\x00\x00\x00");
    chunk(b"ds64", &body)
}

fn file(form: &[u8; 4], chunks: &[&[u8]]) -> Vec<u8> {
    let body = [b"WAVE", &chunks.concat()[..]].concat();
    chunk(form, &body)
}

/// Samples whose header says so many bytes.
fn data(bytes: u32) -> Vec<u8> {
    [b"data", &bytes.to_le_bytes()[..], SAMPLES].concat()
}

pub(crate) fn corpus() -> Vec<Named> {
    let s16 = fmt(1, 1, 16);
    let whole = data(16);
    let plain = file(b"RIFF", &[&s16, &whole]);
    let odd = [ODD, b"\x00"].concat();
    vec![
        ("plain", plain.clone()),
        (
            "with chunks around",
            file(b"RIFF", &[LIST, &odd, &s16, &whole, LIST]),
        ),
        ("not padded", file(b"RIFF", &[ODD, &s16, &whole])),
        ("g711", file(b"RIFF", &[&fmt(7, 2, 8), &whole])),
        (
            "float",
            file(
                b"RIFF",
                &[&fmt(3, 1, 32), &chunk(b"fact", &[4, 0, 0, 0]), &whole],
            ),
        ),
        ("12 bits", file(b"RIFF", &[&fmt(1, 2, 12), &whole])),
        (
            "extensible",
            file(b"RIFF", &[&extensible(6, 16, 0x3f, 1), &whole]),
        ),
        ("mono", file(b"RIFF", &[&extensible(1, 24, 1, 1), &whole])),
        ("stream", file(b"RIFF", &[&s16, &data(u32::MAX)])),
        ("never patched", file(b"RIFF", &[&s16, &data(0)])),
        ("31 bits", file(b"RIFF", &[&s16, &data(0x7fff_ffff)])),
        ("empty", file(b"RIFF", &[&s16, &data(0)[..8], LIST])),
        ("cut short", file(b"RIFF", &[&s16, &data(1_000)])),
        (
            "rf64",
            file(b"RF64", &[&ds64(16), &s16, &data(u32::MAX), LIST]),
        ),
        (
            "bw64",
            file(
                b"BW64",
                &[
                    &ds64(16),
                    b"bigd\xff\xff\xff\xffabc\x00",
                    &s16,
                    &data(u32::MAX),
                ],
            ),
        ),
        (
            "rf64 of one length",
            file(b"RF64", &[&ds64(0), &s16, &whole, LIST]),
        ),
        ("two", [&plain[..], &plain].concat()),
        (
            "two of odd length",
            [&plain[..], b"\x00", LIST, &odd, &plain].concat(),
        ),
    ]
}
