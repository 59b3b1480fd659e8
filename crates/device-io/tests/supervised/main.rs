//! Supervised outputs and inputs on a card that misbehaves.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod absent;
mod bench;
mod card;
mod default;
mod home;
mod input;
mod life;
mod output;
mod panics;
