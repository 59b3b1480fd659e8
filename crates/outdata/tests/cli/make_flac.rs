//! FLAC files as RFC 9639 has them, with samples that are stored as they are.

/// Of a stream, and what its first block says of it.
#[derive(Clone)]
pub(crate) struct Flac {
    pub(crate) rate_hz: u32,
    pub(crate) channels: usize,
    pub(crate) block_frames: usize,
    /// What STREAMINFO says; by default what is true.
    pub(crate) least_block: u16,
    pub(crate) most_block: u16,
    pub(crate) total: u64,
    /// Interleaved.
    pub(crate) samples: Vec<i16>,
    /// Further metadata blocks: type, the length that it claims, body.
    pub(crate) blocks: Vec<(u8, usize, Vec<u8>)>,
}

impl Flac {
    pub(crate) fn new(rate_hz: u32, channels: usize, samples: Vec<i16>) -> Self {
        Self {
            rate_hz,
            channels,
            block_frames: 256,
            least_block: 256,
            most_block: 256,
            total: (samples.len() / channels) as u64,
            samples,
            blocks: Vec::new(),
        }
    }

    pub(crate) fn block(mut self, kind: u8, body: &[u8]) -> Self {
        self.blocks.push((kind, body.len(), body.to_vec()));
        self
    }

    pub(crate) fn comment(self, comment: &str) -> Self {
        let mut body = 4_u32.to_le_bytes().to_vec();
        body.extend(b"test");
        body.extend(1_u32.to_le_bytes());
        body.extend((comment.len() as u32).to_le_bytes());
        body.extend(comment.as_bytes());
        self.block(4, &body)
    }

    pub(crate) fn head(&self) -> Vec<u8> {
        let mut info = self.least_block.to_be_bytes().to_vec();
        info.extend(self.most_block.to_be_bytes());
        info.extend([0; 6]);
        let packed = u64::from(self.rate_hz) << 44
            | (self.channels as u64 - 1) << 41
            | 15 << 36
            | self.total;
        info.extend(packed.to_be_bytes());
        info.extend([0; 16]);
        let mut blocks = vec![(0, info.len(), info)];
        blocks.extend(self.blocks.iter().cloned());
        let mut bytes = b"fLaC".to_vec();
        let last = blocks.len() - 1;
        for (at, (kind, claimed, body)) in blocks.into_iter().enumerate() {
            let is_last = if at == last { 0x80 } else { 0 };
            bytes.push(kind | is_last);
            bytes.extend(&(claimed as u32).to_be_bytes()[1..]);
            bytes.extend(body);
        }
        bytes
    }

    pub(crate) fn frames(&self) -> Vec<Vec<u8>> {
        let blocks = self.samples.chunks(self.block_frames * self.channels);
        blocks
            .enumerate()
            .map(|(number, samples)| self.frame(number as u32, samples))
            .collect()
    }

    fn frame(&self, number: u32, samples: &[i16]) -> Vec<u8> {
        // A block size of 16 bits, the rate and the 16 bits a sample of STREAMINFO.
        let mut bytes = vec![0xff, 0xf8, 0x70, ((self.channels - 1) << 4) as u8 | 8];
        let number = char::from_u32(number).unwrap();
        bytes.extend(number.encode_utf8(&mut [0; 4]).bytes());
        let frames = samples.len() / self.channels;
        bytes.extend((frames as u16 - 1).to_be_bytes());
        bytes.push(crc(&bytes, 8, 0x07) as u8);
        for channel in 0..self.channels {
            // A subframe of the kind "verbatim".
            bytes.push(2);
            let samples = samples.iter().skip(channel).step_by(self.channels);
            bytes.extend(samples.flat_map(|sample| sample.to_be_bytes()));
        }
        bytes.extend((crc(&bytes, 16, 0x8005) as u16).to_be_bytes());
        bytes
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.head();
        bytes.extend(self.frames().concat());
        bytes
    }

    /// The samples as the tool writes them for `s16le`.
    pub(crate) fn pcm(&self) -> Vec<u8> {
        self.samples
            .iter()
            .flat_map(|sample| sample.to_le_bytes())
            .collect()
    }
}

/// Of so many bits, highest first.
pub(crate) fn crc(bytes: &[u8], bits: u32, polynomial: u32) -> u32 {
    let top = 1 << (bits - 1);
    let all = (u64::from(u32::MAX) >> (32 - bits)) as u32;
    bytes.iter().fold(0, |crc: u32, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << (bits - 8), |crc, _| {
            let shifted = (crc << 1) & all;
            if crc & top != 0 {
                shifted ^ polynomial
            } else {
                shifted
            }
        })
    })
}

/// A sound that repeats nowhere soon.
pub(crate) fn noise(count: usize) -> Vec<i16> {
    let mut state = 0x2545_f491_u32;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state >> 17) as i16 - 8_192
        })
        .collect()
}
