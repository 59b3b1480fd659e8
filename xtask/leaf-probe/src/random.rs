//! Chance, the same for the same seed.

pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014).
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        ((self.next() >> 32) % (end.max(1) as u64)) as usize
    }

    pub fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// A length: most are about a vector's, some are some hundred.
    pub fn length(&mut self) -> usize {
        match self.below(4) {
            0 => self.below(5),
            1 => self.pick(&[7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129]),
            2 => self.below(100),
            _ => self.below(600),
        }
    }

    /// A count of anything: small, or where sums overflow.
    pub fn count(&mut self) -> usize {
        match self.below(4) {
            0 => self.below(3),
            1 => self.below(1_000),
            2 => self.next() as usize,
            _ => usize::MAX - self.below(3),
        }
    }

    /// A number of any kind.
    pub fn f32(&mut self) -> f32 {
        let w = self.next();
        let unit = (w >> 40) as f32 / 8_388_608.0 - 1.0;
        match w % 16 {
            0 => self.pick(&[
                f32::NAN,
                -f32::NAN,
                f32::from_bits(0x7F80_0001),
                f32::INFINITY,
                f32::NEG_INFINITY,
                0.0,
                -0.0,
                1.0,
                -1.0,
                f32::MAX,
                f32::MIN,
                f32::MIN_POSITIVE,
                -1e-45,
                1e30,
            ]),
            1 => f32::from_bits((w >> 32) as u32),
            2 => unit * 1e-40,
            // Halves of the steps of 8, 16 and 24 bits.
            3 => ((w >> 40) as f32 - 8_388_608.0 + 0.5) / 8_388_608.0,
            4 => (((w >> 48) as f32) - 32_767.5) / 32_768.0,
            5 => (((w >> 56) as f32) - 127.5) / 128.0,
            6 => unit * 2.0,
            _ => unit,
        }
    }

    pub fn f64(&mut self) -> f64 {
        let x = f64::from(self.f32());
        match self.below(8) {
            0 => f64::from_bits(self.next()),
            1 => x * 1e290,
            2 => x * 1e-300,
            _ => x * (1.0 + self.below(1_000) as f64 * 1.3e-10),
        }
    }
}
