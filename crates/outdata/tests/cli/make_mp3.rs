//! The frames of an MP3 file, to be changed: layer III of MPEG 1 at a listed rate, as LAME writes it.

/// The frames, the first with LAME's tag.
pub(crate) fn frames(mut mp3: &[u8]) -> Vec<Vec<u8>> {
    const KILOBITS: [usize; 15] = [
        0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
    ];
    const RATES: [usize; 3] = [44_100, 48_000, 32_000];
    let mut frames = Vec::new();
    while mp3.len() >= 4 {
        assert_eq!((mp3[0], mp3[1] & 0xfe), (0xff, 0xfa));
        let kilobits = KILOBITS[usize::from(mp3[2] >> 4)];
        let rate = RATES[usize::from(mp3[2] >> 2 & 3)];
        let bytes = 144_000 * kilobits / rate + usize::from(mp3[2] >> 1 & 1);
        let (frame, rest) = mp3.split_at(bytes);
        frames.push(frame.to_vec());
        mp3 = rest;
    }
    frames
}

/// Writes another count of frames into the tag.
pub(crate) fn set_count(tag: &mut [u8], count: u32) {
    let at = tag
        .windows(4)
        .position(|word| word == b"Xing" || word == b"Info")
        .unwrap();
    assert_eq!(tag[at + 7] & 1, 1);
    tag[at + 8..at + 12].copy_from_slice(&count.to_be_bytes());
}

/// Samples in a frame.
pub(crate) const FRAMES: usize = 1_152;
