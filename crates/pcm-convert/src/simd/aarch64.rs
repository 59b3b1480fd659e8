//! The loops compiled for NEON.

super::kernels_for!(
    #[target_feature(enable = "neon")]
    kernels
);
