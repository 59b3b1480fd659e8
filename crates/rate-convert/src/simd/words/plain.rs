//! No instructions beyond the target's own.

/// Sixteen values; multiplies and adds apart, since a fused one would be a call without hardware for it.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Line([f32; Line::WIDTH]);

impl Line {
    pub(in crate::simd) const WIDTH: usize = 16;

    #[inline(always)]
    pub(in crate::simd) const fn splat(value: f32) -> Self {
        Self([value; Self::WIDTH])
    }

    #[inline(always)]
    pub(in crate::simd) const fn load(from: &[f32; Self::WIDTH]) -> Self {
        Self(*from)
    }

    #[inline(always)]
    pub(in crate::simd) const fn store(self, to: &mut [f32; Self::WIDTH]) {
        *to = self.0;
    }

    /// `self + a * b`, rounded twice.
    #[inline(always)]
    pub(in crate::simd) fn fused(mut self, a: Self, b: Self) -> Self {
        for ((sum, a), b) in self.0.iter_mut().zip(a.0).zip(b.0) {
            *sum += a * b;
        }
        self
    }

    #[inline(always)]
    pub(in crate::simd) fn plus(mut self, other: Self) -> Self {
        for (sum, v) in self.0.iter_mut().zip(other.0) {
            *sum += v;
        }
        self
    }

    #[inline(always)]
    pub(in crate::simd) fn times(mut self, other: Self) -> Self {
        for (product, v) in self.0.iter_mut().zip(other.0) {
            *product *= v;
        }
        self
    }

    /// The sum of all lanes, folded in halves: 8 + 8, 4 + 4, 2 + 2, 1 + 1.
    #[inline(always)]
    pub(in crate::simd) fn sum(self) -> f32 {
        let v = self.0;
        let eight: [f32; 8] = core::array::from_fn(|i| v[i] + v[i + 8]);
        let four: [f32; 4] = core::array::from_fn(|i| eight[i] + eight[i + 4]);
        (four[0] + four[2]) + (four[1] + four[3])
    }
}
