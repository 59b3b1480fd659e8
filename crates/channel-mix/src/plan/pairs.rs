//! The gains of the kernel that mixes pairs of channels, left and right, to stereo.

use super::terms::TermsRef;

/// The most pairs of channels that the kernel mixes.
pub(crate) const MAX_PAIRS: usize = 6;

/// For each pair of channels, the gains of its left and its right.
pub(crate) type PairGains = [[f32; 2]; MAX_PAIRS];

/// Whether the second pair is a centre, which goes to both sides, and an LFE, which goes nowhere: so in
/// all layouts of an even number of channels but quad.
pub(crate) fn has_centre(inputs: usize) -> bool {
    inputs != 4
}

/// The gains of terms that are, pair by pair, left and right; of a centre, its left for both.
pub(crate) fn recognize(inputs: usize, terms: TermsRef<'_>) -> Option<PairGains> {
    let (left, right) = (terms.row(0), terms.row(1));
    let pairs = inputs / 2;
    if !matches!(inputs, 4 | 6 | 8 | 10 | 12) || left.0.len() != pairs || right.0.len() != pairs {
        return None;
    }
    let mut gains = [[0.0; 2]; MAX_PAIRS];
    for (n, gains) in gains.iter_mut().enumerate().take(pairs) {
        let centre = n == 1 && has_centre(inputs);
        let wanted = (2 * n as u8, 2 * n as u8 + u8::from(!centre));
        if (*left.0.get(n)?, *right.0.get(n)?) != wanted {
            return None;
        }
        *gains = [*left.1.get(n)?, *right.1.get(n)?];
    }
    Some(gains)
}
