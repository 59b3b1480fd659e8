//! The four bytes before each frame of MPEG audio.
//!
//! Sources: ISO/IEC 11172-3, 2.4.2.3, and 13818-3, 2.4.2.3, for layers and rates; the lower rates
//! ("MPEG 2.5") are Fraunhofer's.

/// What a frame's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MpegHeader {
    pub(crate) version: Version,
    /// 1 to 3.
    pub(crate) layer: u8,
    pub(crate) rate_hz: u32,
    pub(crate) channels: u8,
    /// Bytes, with the header.
    pub(crate) bytes: usize,
    has_crc: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    Mpeg1,
    Mpeg2,
    Mpeg25,
}

impl MpegHeader {
    pub(crate) const BYTES: usize = 4;

    /// `None` where these bytes are no header, or one whose length nobody can know.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let word = u32::from_be_bytes(*bytes.first_chunk()?);
        let bits = |at: u32, count: u32| word >> at & ((1 << count) - 1);
        if bits(21, 11) != 0x7ff {
            return None;
        }
        let version = match bits(19, 2) {
            0 => Version::Mpeg25,
            2 => Version::Mpeg2,
            3 => Version::Mpeg1,
            _ => return None,
        };
        let layer = match bits(17, 2) {
            1 => 3,
            2 => 2,
            3 => 1,
            _ => return None,
        };
        let rate_hz = *[44_100, 48_000, 32_000].get(bits(10, 2) as usize)?;
        let rate_hz = match version {
            Version::Mpeg1 => rate_hz,
            Version::Mpeg2 => rate_hz / 2,
            Version::Mpeg25 => rate_hz / 4,
        };
        let kilobits = kilobits(version, layer, bits(12, 4) as usize)?;
        let padding = bits(9, 1);
        let bytes = match (layer, version) {
            (1, _) => (12_000 * kilobits / rate_hz + padding) * 4,
            (3, Version::Mpeg2 | Version::Mpeg25) => 72_000 * kilobits / rate_hz + padding,
            _ => 144_000 * kilobits / rate_hz + padding,
        };
        // Emphasis 2 is reserved.
        if bits(0, 2) == 2 {
            return None;
        }
        Some(Self {
            version,
            layer,
            rate_hz,
            channels: if bits(6, 2) == 3 { 1 } else { 2 },
            bytes: bytes as usize,
            has_crc: bits(16, 1) == 0,
        })
    }

    /// Frames (of samples) in it.
    pub(crate) fn frames(&self) -> u64 {
        match (self.layer, self.version) {
            (1, _) => 384,
            (3, Version::Mpeg2 | Version::Mpeg25) => 576,
            _ => 1_152,
        }
    }

    /// Whether both can be of one stream that does not change.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let key = |header: &Self| {
            (
                header.version,
                header.layer,
                header.rate_hz,
                header.channels,
            )
        };
        key(self) == key(other)
    }

    /// Where a Xing tag stands in a frame: in the place of a layer III frame's data.
    pub(crate) fn tag_at(&self) -> usize {
        let side_bytes = match (self.version, self.channels) {
            (Version::Mpeg1, 1) => 17,
            (Version::Mpeg1, _) => 32,
            (_, 1) => 9,
            _ => 17,
        };
        Self::BYTES + side_bytes
    }

    pub(crate) fn has_crc(&self) -> bool {
        self.has_crc
    }
}

/// Nothing for 0, which says that the rate is no listed one, and for what is forbidden.
fn kilobits(version: Version, layer: u8, index: usize) -> Option<u32> {
    const TABLES: [[u32; 15]; 5] = [
        [
            0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448,
        ],
        [
            0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384,
        ],
        [
            0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
        ],
        [
            0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256,
        ],
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ];
    let [one, two, three, low_one, low] = &TABLES;
    let table = match (version, layer) {
        (Version::Mpeg1, 1) => one,
        (Version::Mpeg1, 2) => two,
        (Version::Mpeg1, _) => three,
        (_, 1) => low_one,
        _ => low,
    };
    table.get(index).copied().filter(|kilobits| *kilobits > 0)
}
