//! Files that are nearly what they were.

/// Values at which readers err.
const LENGTHS: [u32; 14] = [
    0,
    1,
    2,
    3,
    7,
    8,
    15,
    16,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fffe,
    0xffff_ffff,
    1 << 16,
    1 << 24,
];
const IDS: [&[u8; 4]; 8] = [
    b"fmt ", b"data", b"ds64", b"LIST", b"RIFF", b"RF64", b"WAVE", b"bigd",
];

/// The same files for the same seed.
pub(crate) struct Mutator(u64);

impl Mutator {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Xorshift64* (Vigna, 2016).
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        ((self.next() >> 32) as usize) % end.max(1)
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// One of the corpus, changed in one to eight places.
    pub(crate) fn mutated(&mut self, corpus: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut bytes = self.pick(corpus).1.clone();
        for _ in 0..1 + self.below(8) * self.below(2) {
            self.mutate(&mut bytes, corpus);
        }
        bytes
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>, corpus: &[(&str, Vec<u8>)]) {
        let at = self.below(bytes.len());
        let rest = bytes.len() - at;
        match self.below(9) {
            0 => bytes.truncate(at),
            1 if rest > 0 => bytes[at] ^= 1 << self.below(8),
            2 if rest > 0 => bytes[at] = self.next() as u8,
            // Chunks begin at even places.
            3 | 4 if rest >= 6 => {
                let length = *self.pick(&LENGTHS);
                let at = at & !1;
                bytes[at..at + 4].copy_from_slice(&length.to_le_bytes());
            }
            5 if rest >= 6 => {
                let id = **self.pick(&IDS);
                let at = at & !1;
                bytes[at..at + 4].copy_from_slice(&id);
            }
            6 => {
                let count = self.below(rest.min(40));
                bytes.drain(at..at + count);
            }
            7 => {
                let other = &self.pick(corpus).1;
                let from = self.below(other.len());
                let count = self.below((other.len() - from).min(60));
                let part = other[from..from + count].to_vec();
                bytes.splice(at..at, part);
            }
            _ => {
                let part = bytes[at..at + self.below(rest.min(40))].to_vec();
                bytes.extend(part);
            }
        }
    }
}
