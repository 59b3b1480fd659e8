//! QuickTime files, made here.

/// A box of these parts.
fn mov_box(name: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let length = (body.len() as u32 + 8).to_be_bytes();
    [&length[..], name, &body].concat()
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|it| it.to_be_bytes()).collect()
}

/// PCM at 48 kHz in stereo, all of it in one chunk.
pub(crate) struct Mov {
    pub(crate) codec: [u8; 4],
    /// Of the sample description: 0 or 1.
    pub(crate) version: u16,
    /// The boxes in the sample description.
    pub(crate) boxes: Vec<u8>,
    pub(crate) sample_bytes: u32,
    pub(crate) data: Vec<u8>,
}

impl Mov {
    /// What says that the lowest byte comes first, with 1, and the highest, with 0.
    pub(crate) fn enda(order: u16) -> Vec<u8> {
        mov_box(b"enda", &[&order.to_be_bytes()])
    }

    /// Where QuickTime keeps it.
    pub(crate) fn wave(codec: [u8; 4], inner: &[u8]) -> Vec<u8> {
        let original = mov_box(b"frma", &[&codec]);
        mov_box(b"wave", &[&original, inner, &[0, 0, 0, 8, 0, 0, 0, 0]])
    }

    fn description(&self) -> Vec<u8> {
        let bits = if self.version == 0 {
            8 * self.sample_bytes as u16
        } else {
            16
        };
        let mut body = vec![0, 0, 0, 0, 0, 0, 0, 1];
        for number in [self.version, 0, 0, 0, 2, bits, 0, 0, 48_000, 0] {
            body.extend(number.to_be_bytes());
        }
        if self.version == 1 {
            body.extend(numbers(&[1, self.sample_bytes, 2 * self.sample_bytes, 2]));
        }
        let entry = mov_box(&self.codec, &[&body, &self.boxes]);
        mov_box(b"stsd", &[&numbers(&[0, 1]), &entry])
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let (head, movie, data) = self.parts(0);
        [head, data, movie].concat()
    }

    /// With the samples at the end.
    pub(crate) fn bytes_with_samples_last(&self) -> Vec<u8> {
        let before = self.parts(0).1.len();
        let (head, movie, data) = self.parts(before);
        [head, movie, data].concat()
    }

    /// Three boxes, where so many bytes come between the first and the last.
    fn parts(&self, between: usize) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
        let frame_bytes = 2 * self.sample_bytes;
        let frames = self.data.len() as u32 / frame_bytes;
        let head = mov_box(b"ftyp", &[b"qt  \0\0\x02\0qt  "]);
        let table = [
            self.description(),
            mov_box(b"stts", &[&numbers(&[0, 1, frames, 1])]),
            mov_box(b"stsc", &[&numbers(&[0, 1, 1, frames, 1])]),
            mov_box(b"stsz", &[&numbers(&[0, frame_bytes, frames])]),
            mov_box(
                b"stco",
                &[&numbers(&[0, 1, (head.len() + between) as u32 + 8])],
            ),
        ];
        let media = [
            mov_box(b"mdhd", &[&numbers(&[0, 0, 0, 48_000, frames, 0])]),
            mov_box(b"hdlr", &[&numbers(&[0, 0]), b"soun", &[0; 13]]),
            mov_box(
                b"minf",
                &[
                    &mov_box(b"smhd", &[&[0; 8]]),
                    &mov_box(b"stbl", &[&table.concat()]),
                ],
            ),
        ];
        let track = [
            mov_box(b"tkhd", &[&numbers(&[7, 0, 0, 1, 0, frames]), &[0; 60]]),
            mov_box(b"mdia", &[&media.concat()]),
        ];
        let movie = mov_box(b"mvhd", &[&numbers(&[0, 0, 0, 48_000, frames]), &[0; 80]]);
        let movie = mov_box(b"moov", &[&movie, &mov_box(b"trak", &[&track.concat()])]);
        (head, movie, mov_box(b"mdat", &[&self.data]))
    }
}
