//! The loops compiled for avx2.

crate::backend::kernels_for!(
    #[target_feature(enable = "avx2")]
    kernels
);
