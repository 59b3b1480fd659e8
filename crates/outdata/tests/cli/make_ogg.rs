//! The pages of an Ogg file (RFC 3533), to be changed.

use crate::make_flac::crc;

/// The pages, each with its header.
pub(crate) fn pages(mut ogg: &[u8]) -> Vec<Vec<u8>> {
    let mut pages = Vec::new();
    while !ogg.is_empty() {
        assert_eq!(ogg[..4], *b"OggS");
        let segments = usize::from(ogg[26]);
        let body: usize = ogg[27..27 + segments]
            .iter()
            .map(|bytes| usize::from(*bytes))
            .sum();
        let (page, rest) = ogg.split_at(27 + segments + body);
        pages.push(page.to_vec());
        ogg = rest;
    }
    pages
}

pub(crate) fn granule(page: &[u8]) -> i64 {
    i64::from_le_bytes(page[6..14].try_into().unwrap())
}

pub(crate) fn set_granule(page: &mut [u8], granule: i64) {
    page[6..14].copy_from_slice(&granule.to_le_bytes());
    seal(page);
}

/// Makes the check sum right.
pub(crate) fn seal(page: &mut [u8]) {
    page[22..26].fill(0);
    let sum = crc(page, 32, 0x04c1_1db7);
    page[22..26].copy_from_slice(&sum.to_le_bytes());
}

/// One page with these packets, each shorter than 255 bytes.
pub(crate) fn page(flags: u8, granule: i64, number: u32, packets: &[&[u8]]) -> Vec<u8> {
    let mut page = b"OggS\0".to_vec();
    page.push(flags);
    page.extend(granule.to_le_bytes());
    page.extend(7_u32.to_le_bytes());
    page.extend(number.to_le_bytes());
    page.extend([0; 4]);
    page.push(packets.len() as u8);
    page.extend(
        packets
            .iter()
            .map(|packet| u8::try_from(packet.len()).unwrap()),
    );
    page.extend(packets.concat());
    seal(&mut page);
    page
}
