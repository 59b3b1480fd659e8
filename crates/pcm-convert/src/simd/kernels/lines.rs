//! From any format to any other, by lines where that is faster than the loops: integers from `f32`, and 24 bits packed
//! in 3 bytes.

use crate::encoding::{Encoding, Raw};

/// `decode`, `encode`, `encode_largest`, `decode_f64`, `encode_f64` and `convert`; `unpack24` and `pack24` are looked up
/// where it is stamped.
macro_rules! lines {
    ($attr:meta) => {
        #[$attr]
        pub(in crate::simd) fn decode<F: Encoding>(src: &[F::Raw], dst: &mut [f32]) {
            if F::Raw::BYTES != 3 || !const { IntLine::takes(F::FORMAT) } {
                return loops::decode::<F>(src, dst);
            }
            let ((x, x_rest), (out, out_rest)) = in_chunks::<_, _, LINE>(src, dst);
            let x = F::Raw::flat(x.as_flattened()).as_chunks().0;
            for (to, from) in out.iter_mut().zip(x) {
                // 24 significant bits: exact.
                let scale = const { 1.0 / scale_f32(32) };
                IntLine::load_24::<F>(from).samples(scale).store(to);
            }
            loops::decode::<F>(x_rest, out_rest);
        }

        #[$attr]
        pub(in crate::simd) fn encode<F: Encoding, const R: u8>(src: &[f32], dst: &mut [F::Raw]) {
            encode_lines::<F, R, false>(src, dst);
        }

        #[$attr]
        pub(in crate::simd) fn encode_largest<F: Encoding, const R: u8>(
            src: &[f32],
            dst: &mut [F::Raw],
        ) -> i32 {
            encode_lines::<F, R, true>(src, dst)
        }

        /// Returns what `encode_largest` does, or 0 unless it is `WANTED`.
        #[inline]
        #[$attr]
        fn encode_lines<F: Encoding, const R: u8, const WANTED: bool>(
            src: &[f32],
            dst: &mut [F::Raw],
        ) -> i32 {
            if !const { fills_its_bytes::<F>() && IntLine::takes(F::FORMAT) } {
                return loops::encode_largest::<F, R, WANTED>(src, dst);
            }
            let ((x, x_rest), (out, out_rest)) = in_chunks::<_, _, LINE>(src, dst);
            let mut largest = IntLine::load(&[0; 4 * LINE]);
            for (to, from) in out.iter_mut().zip(x) {
                let x = Line::load(from);
                if WANTED {
                    largest = largest.larger_magnitude(x);
                }
                let v = x.quantized::<F, R>();
                let to = F::Raw::flat_mut(to);
                if F::Raw::BYTES == 1 {
                    let Some(to) = to.first_chunk_mut() else {
                        break;
                    };
                    v.store_8::<F>(to);
                } else if F::Raw::BYTES == 2 {
                    let Some(to) = to.first_chunk_mut() else {
                        break;
                    };
                    v.store_16::<F>(to);
                } else if F::Raw::BYTES == 3 {
                    let Some(to) = to.first_chunk_mut() else {
                        break;
                    };
                    v.store_24::<F, false>(to);
                } else {
                    let Some(to) = to.first_chunk_mut() else {
                        break;
                    };
                    v.store_32::<F>(to);
                }
            }
            let rest = loops::encode_largest::<F, R, WANTED>(x_rest, out_rest);
            let mut lanes = [0; 4 * LINE];
            largest.store(&mut lanes);
            let lanes = lanes.as_chunks().0.iter();
            lanes.fold(rest, |most, lane| i32::from_ne_bytes(*lane).max(most))
        }

        #[$attr]
        pub(in crate::simd) fn decode_f64<F: Encoding>(src: &[F::Raw], dst: &mut [f64]) {
            if F::Raw::BYTES != 3 {
                return loops::decode_f64::<F>(src, dst);
            }
            let mut block = [[0; 4]; PIECE];
            for (from, to) in src.chunks(PIECE).zip(dst.chunks_mut(PIECE)) {
                let words = block.get_mut(..from.len()).unwrap_or_default();
                unpack24::<F>(from, words);
                loops::decode_f64::<S24High>(words, to);
            }
        }

        #[$attr]
        pub(in crate::simd) fn encode_f64<F: Encoding, const R: u8>(
            src: &[f64],
            dst: &mut [F::Raw],
        ) {
            if F::Raw::BYTES != 3 {
                return loops::encode_f64::<F, R>(src, dst);
            }
            let mut block = [[0; 4]; PIECE];
            for (from, to) in src.chunks(PIECE).zip(dst.chunks_mut(PIECE)) {
                let words = block.get_mut(..from.len()).unwrap_or_default();
                loops::encode_f64::<S24High, R>(from, words);
                pack24::<F>(words, to);
            }
        }

        #[$attr]
        pub(in crate::simd) fn convert<A: Encoding, B: Encoding>(
            src: &[A::Raw],
            dst: &mut [B::Raw],
        ) {
            if A::Raw::BYTES != 3 && B::Raw::BYTES != 3 {
                return loops::convert::<A, B>(src, dst);
            }
            // `s24_32hle` holds the same values, and is what the other formats meet fast: to 3 bytes or from
            // them it is only another order of bytes.
            let mut block = [[0; 4]; PIECE];
            for (from, to) in src.chunks(PIECE).zip(dst.chunks_mut(PIECE)) {
                let words = block.get_mut(..from.len()).unwrap_or_default();
                if A::Raw::BYTES == 3 {
                    unpack24::<A>(from, words);
                } else {
                    loops::convert::<A, S24High>(from, words);
                }
                if B::Raw::BYTES == 3 {
                    pack24::<B>(words, to);
                } else {
                    loops::convert::<S24High, B>(words, to);
                }
            }
        }
    };
}
pub(in crate::simd) use lines;

/// `unpack24`: from 3 bytes to `s24_32hle`, `$ints` at a time.
macro_rules! unpack24 {
    ($attr:meta, $ints:ident) => {
        #[inline]
        #[$attr]
        pub(in crate::simd) fn unpack24<F: Encoding>(src: &[F::Raw], dst: &mut [[u8; 4]]) {
            if !const { IntLine::takes(F::FORMAT) } {
                return loops::convert::<F, S24High>(src, dst);
            }
            let ((x, x_rest), (out, out_rest)) = in_chunks::<_, _, { $ints::WIDTH }>(src, dst);
            let x = F::Raw::flat(x.as_flattened()).as_chunks().0;
            let out = out.as_flattened_mut().as_flattened_mut();
            for (to, from) in out.as_chunks_mut().0.iter_mut().zip(x) {
                $ints::load_24::<F>(from).store(to);
            }
            loops::convert::<F, S24High>(x_rest, out_rest);
        }
    };
}
pub(in crate::simd) use unpack24;

/// `pack24`: from `s24_32hle` to 3 bytes.
macro_rules! pack24 {
    ($attr:meta) => {
        #[inline]
        #[$attr]
        pub(in crate::simd) fn pack24<F: Encoding>(src: &[[u8; 4]], dst: &mut [F::Raw]) {
            if !const { IntLine::takes(F::FORMAT) } {
                return loops::convert::<S24High, F>(src, dst);
            }
            let ((x, x_rest), (out, out_rest)) = in_chunks::<_, _, LINE>(src, dst);
            let x = x.as_flattened().as_flattened();
            let out = F::Raw::flat_mut(out.as_flattened_mut()).as_chunks_mut().0;
            for (to, from) in out.iter_mut().zip(x.as_chunks().0) {
                IntLine::load(from).store_24::<F, true>(to);
            }
            loops::convert::<S24High, F>(x_rest, out_rest);
        }
    };
}
pub(in crate::simd) use pack24;

/// `pack24` where two lines take three whole vectors, of which one alone would leave half of one.
macro_rules! pack24_pairs {
    ($attr:meta) => {
        #[inline]
        #[$attr]
        pub(in crate::simd) fn pack24<F: Encoding>(src: &[[u8; 4]], dst: &mut [F::Raw]) {
            let ((x, x_rest), (out, out_rest)) = in_chunks::<_, _, { 2 * LINE }>(src, dst);
            let x = x.as_flattened().as_flattened().as_chunks().0;
            let out = F::Raw::flat_mut(out.as_flattened_mut()).as_chunks_mut().0;
            for (to, [low, high]) in out.iter_mut().zip(x.as_chunks().0) {
                IntLine::store_two_24::<F, true>(IntLine::load(low), IntLine::load(high), to);
            }
            loops::convert::<S24High, F>(x_rest, out_rest);
        }
    };
}
pub(in crate::simd) use pack24_pairs;

/// Whether a format is an integer of as many bits as its bytes have, at most 32: what lines are quantized to.
pub(in crate::simd) const fn fills_its_bytes<F: Encoding>() -> bool {
    F::BITS == 8 * F::Raw::BYTES as u32 && F::BITS <= 32
}

/// `N` at a time, and what is left.
type InChunks<'a, T, const N: usize> = (&'a [[T; N]], &'a [T]);
type InChunksMut<'a, T, const N: usize> = (&'a mut [[T; N]], &'a mut [T]);

/// As much as both have.
#[inline(always)]
pub(in crate::simd) fn in_chunks<'a, A, B, const N: usize>(
    src: &'a [A],
    dst: &'a mut [B],
) -> (InChunks<'a, A, N>, InChunksMut<'a, B, N>) {
    let n = src.len().min(dst.len());
    let (src, dst) = (src.get(..n), dst.get_mut(..n));
    (
        src.unwrap_or_default().as_chunks(),
        dst.unwrap_or_default().as_chunks_mut(),
    )
}
