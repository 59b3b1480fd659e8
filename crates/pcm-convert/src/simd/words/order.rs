//! Which byte goes where between 24 bits in 3 bytes and in words, for instructions that look up bytes in vectors.
#![allow(dead_code)] // not every family of processors has them

/// For each byte of four words which byte it is of a vector whose packed samples begin at `at`; 255 in the lowest ones,
/// which have none.
pub(in crate::simd) const fn unpacked(big_endian: bool, at: u8) -> [u8; 16] {
    let mut order = [255; 16];
    let mut sample = 0;
    while sample < 4 {
        let mut byte = 0;
        while byte < 3 {
            let from = if big_endian { 2 - byte } else { byte };
            order[4 * sample + 1 + byte] = at + (3 * sample + from) as u8;
            byte += 1;
        }
        sample += 1;
    }
    order
}

/// For each byte of the vector `third` of the three that sixteen packed samples take, which byte it is of the words from
/// vector `third` on: of their lower or (`high`) their upper 3.
pub(in crate::simd) const fn packed(big_endian: bool, high: bool, third: usize) -> [u8; 16] {
    let mut order = [0; 16];
    let mut at = 0;
    while at < 16 {
        let (sample, byte) = ((16 * third + at) / 3, (16 * third + at) % 3);
        let from = if big_endian { 2 - byte } else { byte };
        order[at] = (4 * sample + from + high as usize - 16 * third) as u8;
        at += 1;
    }
    order
}
