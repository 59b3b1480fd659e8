//! The loops compiled for sse2.

crate::backend::kernels_for!(
    #[target_feature(enable = "sse2")]
    kernels
);
