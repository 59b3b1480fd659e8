//! Instruments: what the renderer measures, and the tap of what it rendered. The renderer writes, the application
//! reads.

pub(crate) mod load;
pub(crate) mod meters;
pub(crate) mod tap;
