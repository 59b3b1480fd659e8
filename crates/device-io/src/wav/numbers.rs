//! The numbers in a header, which are little endian.

/// The number in the two bytes from `at` on. 0 past the end, although the callers have checked the length.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    let value = bytes
        .get(at..at + 2)
        .and_then(|value| value.try_into().ok());
    u16::from_le_bytes(value.unwrap_or_default())
}

/// The number in the four bytes from `at` on. 0 past the end.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let value = bytes
        .get(at..at + 4)
        .and_then(|value| value.try_into().ok());
    u32::from_le_bytes(value.unwrap_or_default())
}
