//! WAV files: headers, a reader, a writer whose file appears only when it is complete, and a backend that plays into a
//! file or from one.

mod draft;
mod error;
mod file;
mod format;
mod front;
mod header;
mod input;
mod numbers;
mod output;
mod reader;
mod tag;
mod writer;

pub use error::WavError;
pub use file::WavFile;
pub use header::{Length, WavHeader};
pub use reader::WavReader;
pub use tag::codec_name;
pub use writer::{Kept, WavWriter};
