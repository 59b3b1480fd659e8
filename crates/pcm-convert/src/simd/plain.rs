//! The loops for the build's own target: the definition that the other backends are tested against.

super::kernels_for!(kernels);
