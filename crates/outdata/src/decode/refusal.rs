//! Why a file is not decoded.

/// Why a file is not decoded.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It may be anything.
    Unknown(String),
    /// What it is, is clear.
    Known(String),
}

impl From<String> for Refusal {
    fn from(words: String) -> Self {
        Self::Known(words)
    }
}
