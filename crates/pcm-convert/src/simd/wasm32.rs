//! The loops in a module that has simd128 switched on as a whole: WebAssembly knows no detection.

super::kernels_for!(kernels);
