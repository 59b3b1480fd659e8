//! WAV: what is written, and what is read of files as they really are.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod advice;
mod headers;
mod made;
mod reopened;
mod sizes;
mod written;
