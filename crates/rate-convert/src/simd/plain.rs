//! The kernels over plain words: what every backend is tested against, and what there is everywhere. (`cfg(true)` is an
//! attribute that changes nothing.)

use super::kernels::*;
use super::words::plain::Line;

half_band!(cfg(true), _ => 1: half_band_lines::<1>);
half_band_lines!(cfg(true), inline(always));
banded!(cfg(true), inline(always), 4);
pair!(cfg(true), inline(always));
interpolated!(cfg(true), inline(always), []);
moves!(cfg(true));
pub(super) use super::phases::generic as linear;
