//! What measures a stream, and hands out what was played: the renderer writes, the application reads.

pub(crate) mod load;
pub(crate) mod meters;
pub(crate) mod tap;
