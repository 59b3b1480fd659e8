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

/// Python aligns its objects to this many bytes, whatever is in them: what wants more, as a renderer does, is boxed.
const PYTHON_ALIGNS: usize = 2 * size_of::<usize>();

/// The compiler refuses a class that an object of Python's is not aligned for.
const _: () = {
    assert!(align_of::<arrays::Converter>() <= PYTHON_ALIGNS);
    assert!(align_of::<arrays::Transform>() <= PYTHON_ALIGNS);
    assert!(align_of::<feed::Feed>() <= PYTHON_ALIGNS);
    assert!(align_of::<feed::Ticket>() <= PYTHON_ALIGNS);
    assert!(align_of::<microphone::Echo>() <= PYTHON_ALIGNS);
    assert!(align_of::<microphone::Microphone>() <= PYTHON_ALIGNS);
    assert!(align_of::<operation::Operation>() <= PYTHON_ALIGNS);
    assert!(align_of::<player::Player>() <= PYTHON_ALIGNS);
    assert!(align_of::<stream::Stream>() <= PYTHON_ALIGNS);
};

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
