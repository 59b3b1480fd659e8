//! cpal's PulseAudio and JACK hosts against real servers, which each test starts for itself: private
//! ones, without hardware. `cargo xtask test servers` installs what is needed; where something is
//! missing the tests say so and are skipped.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[cfg(feature = "jack")]
mod jack;
mod pulse;
mod server;
mod streams;
