//! The native half of the Python package `outdata`: the halves of a stream, players and microphones as classes whose
//! methods never wait. Waiting is done in Python, by looking again, so that it ends at Ctrl-C and can be cancelled.
//!
//! The crate is built twice. Without features it is the module `_outdata`, which needs no audio library; with the feature
//! `cpal` it is `_devices`, which is loaded when a real device is opened.

mod arrays;
mod backend;
mod buffers;
mod errors;
mod events;
mod feed;
mod lock;
mod logs;
mod microphone;
mod operation;
mod options;
mod original;
mod player;
mod stream;
mod tool;

use pyo3::prelude::*;

#[pymodule]
#[cfg_attr(not(feature = "cpal"), pyo3(name = "_outdata"))]
#[cfg_attr(feature = "cpal", pyo3(name = "_devices"))]
mod module {
    #[pymodule_export]
    use crate::arrays::{Converter, Transform};
    #[pymodule_export]
    use crate::backend::devices;
    #[pymodule_export]
    use crate::buffers::{channels_of, format_of};
    #[pymodule_export]
    use crate::feed::{Feed, Ticket};
    #[pymodule_export]
    use crate::microphone::{Echo, Microphone};
    #[pymodule_export]
    use crate::operation::Operation;
    #[pymodule_export]
    use crate::original::callback_block;
    #[pymodule_export]
    use crate::player::Player;
    #[pymodule_export]
    use crate::stream::Stream;
    #[pymodule_export]
    use crate::tool::run_tool;
}
