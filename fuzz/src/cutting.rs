//! How what a script asks for is cut into calls.

#[derive(Debug, Clone)]
pub(crate) struct Cutting<'a> {
    /// Sizes in turn; none is everything in one call.
    sizes: &'a [usize],
    next: usize,
}

impl<'a> Cutting<'a> {
    pub(crate) const fn whole() -> Self {
        Self::cut(&[])
    }

    pub(crate) const fn cut(sizes: &'a [usize]) -> Self {
        Self { sizes, next: 0 }
    }

    pub(crate) const fn is_whole(&self) -> bool {
        self.sizes.is_empty()
    }

    /// What unwritten samples look like: another thing in either cutting.
    pub(crate) const fn poison(&self) -> u8 {
        if self.is_whole() { 0xA5 } else { 0x5A }
    }

    /// How much of what is left the next call takes.
    pub(crate) fn next(&mut self, left: usize) -> usize {
        if self.is_whole() {
            return left;
        }
        let size = self.sizes[self.next % self.sizes.len()];
        self.next += 1;
        size.min(left)
    }

    /// Whether the next call goes by bytes where samples would do.
    pub(crate) const fn by_bytes(&self) -> bool {
        !self.is_whole() && !self.next.is_multiple_of(3)
    }
}
