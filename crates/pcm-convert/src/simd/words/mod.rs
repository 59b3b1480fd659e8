//! Vectors of samples. A `Word` is what a register holds, `Line` what the kernels work side by side on any machine;
//! `Ints` and `IntLine` are as many integers. The families of processors have the files of their own words.

pub(super) mod line;
pub(super) mod order;

/// The `N` bytes of `bytes` from `at` on, which has to lie within.
#[allow(dead_code)] // where there are only plain loops
#[inline(always)]
pub(super) fn window<const M: usize, const N: usize>(bytes: &[u8; M], at: usize) -> &[u8; N] {
    let from = bytes.get(at..).unwrap_or_default();
    from.first_chunk().unwrap_or(&[0; N])
}
