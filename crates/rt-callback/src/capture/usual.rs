//! What is usual of a length that varies.

/// The larger ones among the latest lengths (of blocks, or of times between two calls), without the odd one that is
/// longer than both its neighbours: a device's first block may last two seconds. What was is forgotten within some
/// hundred of them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usual {
    last: u64,
    usual: u64,
}

impl Usual {
    /// Takes in the next length; none at all says nothing.
    pub(crate) fn note(&mut self, length: u64) {
        if length > 0 {
            let confirmed = length.min(self.last);
            let remembered = self.usual - self.usual.div_ceil(64);
            self.usual = confirmed.max(remembered);
            self.last = length;
        }
    }

    /// 0 before the second.
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
        // Two that were long are forgotten.
        for _ in 0..500 {
            usual.note(480);
        }
        assert_eq!(usual.get(), 480);
    }
}
