//! WAV: its header, a writer whose file appears only when it is whole, and an output that plays
//! into one.

mod file;
mod front;
mod header;
mod input;
mod writer;

pub use file::WavFile;
pub use header::{Length, WavError, WavHeader};
pub use writer::{Kept, WavWriter};
