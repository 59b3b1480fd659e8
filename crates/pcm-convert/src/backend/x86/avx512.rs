//! The loops compiled for avx512.

crate::backend::kernels_for!(
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
    kernels
);
