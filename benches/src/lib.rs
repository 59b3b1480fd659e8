//! The benchmarks are in `benches/`, the response plots in `examples/`.
