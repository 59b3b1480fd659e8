//! Faults to be found: the broken twins of what the probe looks for.

use std::hint::black_box;

use crate::exact::Exact;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    Nothing,
    /// A sample one past the end is read.
    Read,
    /// A length overflows.
    Add,
    /// The last lane of the fastest backend is off by one.
    Lane,
    /// What a call writes differs between a plain build and another.
    Build,
}

impl Planted {
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "read" => Self::Read,
            "add" => Self::Add,
            "lane" => Self::Lane,
            "build" => Self::Build,
            _ => return None,
        })
    }

    /// What a faulty kernel would do with its input.
    pub fn before(self, src: &Exact<f32>) {
        let src = src.get();
        match self {
            Self::Read => {
                // SAFETY: there is none: it reads past the end, which a sanitizer must see.
                let beyond = unsafe { src.as_ptr().add(black_box(src.len())).read_volatile() };
                black_box(beyond);
            }
            Self::Add => {
                black_box(black_box(usize::MAX - 100) + src.len());
            }
            _ => {}
        }
    }

    /// What a faulty kernel would do with its output, if it is the fastest.
    pub fn after(self, is_fastest: bool, out: &mut [u8]) {
        if let (Self::Lane, true, Some(last)) = (self, is_fastest, out.last_mut()) {
            *last ^= 1;
        }
    }

    /// What a call writes that cannot be told its backend.
    pub fn untold(self, out: &mut [u8]) {
        if let (Self::Build, false, Some(last)) = (self, cfg!(dsp_force_scalar), out.last_mut()) {
            *last ^= 1;
        }
    }
}
