//! The kernels as plain loops: what every backend is tested against, and what there is everywhere. (`cfg(true)` is an
//! attribute that changes nothing.)

use super::kernels::*;

loops!(cfg(true));
planes!(cfg(true));
counts!(cfg(true));
dither_loops!(cfg(true));
