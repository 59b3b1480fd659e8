//! A clock for streams.

use std::sync::OnceLock;
use std::time::Instant;

/// Nanoseconds since the first call in this process, by [`Instant`]: a [`Clock`](rt_callback::Clock) for
/// [`Config::clock`](rt_callback::Config::clock). Where the system keeps its clock in memory that the program can read,
/// as Linux, macOS and Windows do, no call is a system call.
#[must_use]
pub fn now_ns() -> u64 {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    let origin = *ORIGIN.get_or_init(Instant::now);
    u64::try_from(origin.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
