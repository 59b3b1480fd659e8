//! The cpal backend. This is the only folder that knows cpal, and none of its types are public.

mod complaints;
mod device;
mod error;
mod format;
mod host;
mod input;
mod output;
#[cfg(target_os = "linux")]
mod quiet;
#[cfg(feature = "realtime")]
mod realtime;
mod side;
mod stream;
mod ways;

pub use self::host::Cpal;
#[cfg(feature = "realtime")]
pub use self::realtime::may_run_in_real_time;
