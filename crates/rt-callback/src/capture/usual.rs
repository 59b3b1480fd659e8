//! The usual value of a length that varies.

/// The usual length of blocks, or of the times between two calls.
///
/// It is that of the larger ones of late, without a single one that is longer than both its neighbours: a device's
/// first block may last two seconds. Old lengths are forgotten within a few hundred new ones.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usual {
    last: u64,
    usual: u64,
}

impl Usual {
    /// Adds the next length. A length of 0 is ignored.
    pub(crate) fn note(&mut self, length: u64) {
        if length > 0 {
            let confirmed = length.min(self.last);
            let remembered = self.usual - self.usual.div_ceil(64);
            self.usual = confirmed.max(remembered);
            self.last = length;
        }
    }

    /// The usual length. 0 before the second length.
    pub(crate) fn get(self) -> u64 {
        self.usual
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_long_one_is_no_rule() {
        let mut usual = Usual::default();
        assert_eq!(usual.get(), 0);
        usual.note(96_000);
        assert_eq!(usual.get(), 0);
        usual.note(480);
        assert_eq!(usual.get(), 480);
        usual.note(96_000);
        usual.note(480);
        assert_eq!(usual.get(), 480);
        usual.note(0);
        usual.note(4_096);
        usual.note(4_096);
        assert_eq!(usual.get(), 4_096);
        for _ in 0..500 {
            usual.note(0);
        }
        assert_eq!(usual.get(), 4_096, "none says nothing");
        // Two long ones are forgotten.
        for _ in 0..500 {
            usual.note(480);
        }
        assert_eq!(usual.get(), 480);
    }
}
