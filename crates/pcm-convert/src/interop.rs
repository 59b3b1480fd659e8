//! `From` between the 24-bit types of `dasp_sample` and those here (feature `dasp`). The other types of both
//! crates are the plain numbers of Rust already. Values only, no scaling: `dasp_sample`'s own conversion of 1.0
//! to its `I24` gives 8388608, one past the range, which is clipped here.

use crate::{I24, U24};

/// Values outside the 24 bits, which `dasp_sample::I24` can hold, are clipped.
impl From<dasp_sample::I24> for I24 {
    fn from(sample: dasp_sample::I24) -> Self {
        Self::from_int(sample.inner().clamp(Self::MIN.to_int(), Self::MAX.to_int()))
    }
}

impl From<I24> for dasp_sample::I24 {
    fn from(sample: I24) -> Self {
        Self::new_unchecked(sample.to_int())
    }
}

/// Values outside the 24 bits, which `dasp_sample::U24` can hold, are clipped.
impl From<dasp_sample::U24> for U24 {
    fn from(sample: dasp_sample::U24) -> Self {
        Self::from_int(sample.inner().clamp(0, Self::MAX.to_int() as i32) as u32)
    }
}

impl From<U24> for dasp_sample::U24 {
    fn from(sample: U24) -> Self {
        Self::new_unchecked(sample.to_int() as i32)
    }
}
