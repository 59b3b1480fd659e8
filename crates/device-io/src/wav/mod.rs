//! WAV: its header, a writer whose file appears only when it is whole, and an output that plays
//! into one.

mod draft;
mod error;
mod file;
mod format;
mod front;
mod header;
mod input;
mod reader;
mod writer;

pub use error::WavError;
pub use file::WavFile;
pub use format::codec_name;
pub use header::{Length, WavHeader};
pub use reader::WavReader;
pub use writer::{Kept, WavWriter};
