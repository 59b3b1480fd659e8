//! The kernels over plain words: what every backend is tested against, and what there is everywhere.

use super::kernels::*;
use super::words::plain::Line;

half_band!(cfg(true), _ => 1: half_band_lines::<1>);
half_band_lines!(cfg(true));
banded!(cfg(true));
pair!(cfg(true));
interpolated!(cfg(true));
moves!(cfg(true));
pub(super) use phases::generic as linear;
