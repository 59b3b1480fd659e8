//! What the benchmarks, the report and the counts share: works to measure, a clock, and the rows that come of them.

pub mod clock;
pub mod kernels;
pub mod machine;
pub mod paths;
pub mod quality;
pub mod rows;
