//! 24-bit samples in 3 bytes, as typed values.

macro_rules! packed {
    ($(#[$doc:meta])* $name:ident, $int:ty, $min:literal, $max:literal, $zero:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(transparent)]
        pub struct $name([u8; 3]);

        impl $name {
            /// The lowest value.
            pub const MIN: Self = Self::from_int($min);
            /// The highest value.
            pub const MAX: Self = Self::from_int($max);

            /// The low 24 bits of `value`; higher ones are dropped.
            pub const fn from_int(value: $int) -> Self {
                let [a, b, c, _] = value.to_le_bytes();
                Self([a, b, c])
            }

            /// The value, or `None` when `value` does not fit in 24 bits.
            pub const fn new(value: $int) -> Option<Self> {
                if Self::from_int(value).to_int() == value { Some(Self::from_int(value)) } else { None }
            }

            /// From the 3 bytes, lowest first.
            pub const fn from_le_bytes(bytes: [u8; 3]) -> Self {
                Self(bytes)
            }

            /// The 3 bytes, lowest first.
            pub const fn to_le_bytes(self) -> [u8; 3] {
                self.0
            }
        }

        impl Default for $name {
            /// Silence.
            fn default() -> Self {
                Self::from_int($zero)
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> core::cmp::Ordering {
                self.to_int().cmp(&other.to_int())
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.to_int()).finish()
            }
        }

        impl From<$name> for $int {
            fn from(sample: $name) -> $int {
                sample.to_int()
            }
        }
    };
}

packed! {
    /// A signed 24-bit sample in 3 bytes, lowest byte first on every machine: -8388608 is -1.0,
    /// 8388607 is 0.99999988.
    I24, i32, -8_388_608, 8_388_607, 0
}

packed! {
    /// An unsigned 24-bit sample in 3 bytes, lowest byte first on every machine: 0 is -1.0, 8388608
    /// silence, 16777215 is 0.99999988.
    U24, u32, 0, 16_777_215, 8_388_608
}

impl I24 {
    /// The value, -8388608..=8388607.
    pub const fn to_int(self) -> i32 {
        let [a, b, c] = self.0;
        i32::from_le_bytes([0, a, b, c]) >> 8
    }
}

impl U24 {
    /// The value, 0..=16777215.
    pub const fn to_int(self) -> u32 {
        let [a, b, c] = self.0;
        u32::from_le_bytes([a, b, c, 0])
    }
}
