//! The engine as its users meet it, in one program: each file is one concern.
#![allow(missing_docs, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

mod absent;
mod aliases;
mod arrivals;
#[cfg(feature = "futures")]
mod awaiting;
mod backlog;
mod blocks;
mod cancel;
#[path = "../../examples/echo_cancel/canceller.rs"]
mod canceller;
mod capture;
mod channels;
mod clocks;
mod common;
mod conversations;
mod cuttings;
mod duplex;
mod echo_cancel;
mod edges;
mod endings;
mod finite;
mod heard;
mod instruments;
mod interrupt;
mod invariants;
mod latency;
mod levels;
mod lull;
mod memory;
mod mixer;
mod next_device;
mod original;
mod plans;
mod positions;
mod ramps;
mod reader;
mod realtime;
mod rebind;
mod reference;
mod remnants;
#[path = "../../examples/echo_cancel/room.rs"]
mod room;
mod soak;
mod source;
mod source_faults;
#[path = "../../examples/echo_cancel/speech.rs"]
mod speech;
mod stalls;
mod stream;
mod taps;
mod waiting;
mod waits;
#[cfg(feature = "futures")]
mod woken;

#[global_allocator]
static ALLOCATOR: common::allocator::Watched = common::allocator::Watched;
