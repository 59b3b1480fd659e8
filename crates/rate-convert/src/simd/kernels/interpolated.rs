//! The three sums, each written once over [`Lanes`]: this order of operations is the specification.
//!
//! Every output accumulates its taps from both ends of the filter towards its centre, in two accumulators, one
//! multiply-add a tap; the small products come first, so that little is rounded away, and the lanes of a vector are
//! different outputs, so that its width does not matter. Only where neighbouring outputs share no coefficients
//! (`interpolated`) do the lanes run along the taps; there each of the two accumulators is sixteen lanes wide on
//! every machine, folded at the end in a fixed order. (Sums across outputs would need each row of coefficients
//! transposed first, at more than twice the cost.)
#![allow(unsafe_code)]

use super::lanes::Lanes;
use super::{BANK, Bank, LANES, Point};

/// `out[j] = sum of row[k] * x[j + k]`, where `row` is symmetric and `half_row` its first half; `N` vectors at a
/// time. Writes whole groups of [`LANES`]; does nothing where `x` is too short.
#[inline(always)]
pub(super) fn convolve<V: Lanes, const N: usize>(half_row: &[f32], x: &[f32], out: &mut [f32]) {
    let vectors = out.len() / LANES;
    if x.len() + 1 < vectors * LANES + 2 * half_row.len() {
        return;
    }
    let mut done = 0;
    while done < vectors {
        // Even parts: three vectors and one would be slower than two and two.
        let passes = (vectors - done).div_ceil(N.max(1)).max(1);
        let count = (vectors - done).div_ceil(passes);
        let at = done * LANES;
        // SAFETY: `at + count * LANES` values are in `out`, and that many and the row's length less 1 are in `x`.
        unsafe {
            let (x, out) = (x.as_ptr().add(at), out.as_mut_ptr().add(at));
            match count {
                1 => convolve_some::<V, 1>(half_row, x, out),
                2 => convolve_some::<V, 2>(half_row, x, out),
                3 => convolve_some::<V, 3>(half_row, x, out),
                4 => convolve_some::<V, 4>(half_row, x, out),
                5 => convolve_some::<V, 5>(half_row, x, out),
                6 => convolve_some::<V, 6>(half_row, x, out),
                7 => convolve_some::<V, 7>(half_row, x, out),
                _ => convolve_some::<V, 8>(half_row, x, out),
            }
        }
        done += count.min(8);
    }
}

/// # Safety
/// `out` is writable for `N` x [`LANES`] values, `x` readable for that many and twice the half row's length less 1.
#[inline(always)]
unsafe fn convolve_some<V: Lanes, const N: usize>(half_row: &[f32], x: *const f32, out: *mut f32) {
    let mut front = [V::splat(0.0); N];
    let mut back = [V::splat(0.0); N];
    let last = (2 * half_row.len()).wrapping_sub(1);
    for (k, &c) in half_row.iter().enumerate() {
        let c = V::splat(c);
        for i in 0..N {
            // SAFETY: k < half, last - k < 2 * half, and i * LANES + LANES <= N * LANES.
            unsafe {
                front[i] = front[i].fused(c, V::load(x.add(k + i * LANES)));
                back[i] = back[i].fused(c, V::load(x.add(last - k + i * LANES)));
            }
        }
    }
    for i in 0..N {
        // SAFETY: i * LANES + LANES <= N * LANES.
        unsafe { front[i].plus(back[i]).store(out.add(i * LANES)) }
    }
}

/// One group of a banded table at up to [`BANK`] places. The first half of `rows` belongs to the first taps, whose
/// row `m` meets `x[at[i] + m + j]` in lane `j`; row `m` of the second half meets `x[at[i] + half + m + j]`.
/// Does nothing where a place would reach behind `x`.
#[inline(always)]
pub(super) fn banded<V: Lanes>(rows: &[f32], half: usize, x: &[f32], at: &[usize], out: &mut Bank) {
    let reach = rows.len() / LANES / 2 + half + LANES - 1;
    let Some(most) = x.len().checked_sub(reach) else {
        return;
    };
    if at.iter().any(|&at| at > most) {
        return;
    }
    let x = x.as_ptr();
    // SAFETY: every place leaves `reach` values: half the rows, the taps before them, and one less than the lanes.
    unsafe {
        match *at {
            [a] => banded_some::<V, 1>(rows, half, x, [a], out),
            [a, b] => banded_some::<V, 2>(rows, half, x, [a, b], out),
            [a, b, c] => banded_some::<V, 3>(rows, half, x, [a, b, c], out),
            [a, b, c, d] => banded_some::<V, 4>(rows, half, x, [a, b, c, d], out),
            _ => {}
        }
    }
}

/// # Safety
/// From each place in `at`, `x` is readable for half the rows, `half`, and one less than [`LANES`].
#[inline(always)]
unsafe fn banded_some<V: Lanes, const N: usize>(
    rows: &[f32],
    half: usize,
    x: *const f32,
    at: [usize; N],
    out: &mut Bank,
) {
    let count = rows.len() / LANES / 2;
    let mut front = [V::splat(0.0); N];
    let mut back = [V::splat(0.0); N];
    for m in 0..count {
        let n = count - 1 - m;
        // SAFETY: m and n are below `count`, of which `rows` holds two, and every place is readable as promised.
        unsafe {
            let c_front = V::load(rows.as_ptr().add(m * LANES));
            let c_back = V::load(rows.as_ptr().add((count + n) * LANES));
            for i in 0..N {
                front[i] = front[i].fused(c_front, V::load(x.add(at[i] + m)));
                back[i] = back[i].fused(c_back, V::load(x.add(at[i] + half + n)));
            }
        }
    }
    const { assert!(N <= BANK) };
    for ((out, front), back) in out.iter_mut().zip(front).zip(back) {
        // SAFETY: `out` is an array of LANES values.
        unsafe { front.plus(back).store(out.as_mut_ptr()) }
    }
}

/// Two groups of a banded table, the second `apart` frames behind the first at each place: as [`banded`] for each,
/// but where their windows overlap one load feeds both. Loads that cross cache lines are what bounds these loops.
/// Does nothing where a place would reach behind `x` or the groups do not overlap.
#[inline(always)]
pub(super) fn banded_pair<V: Lanes>(
    rows: [&[f32]; 2],
    half: usize,
    apart: usize,
    x: &[f32],
    at: &[usize],
    out: &mut [Bank; 2],
) {
    let count = rows[0].len() / LANES / 2;
    let Some(most) = x.len().checked_sub(apart + count + half + LANES - 1) else {
        return;
    };
    if at.iter().any(|&at| at > most) || apart > count || rows[0].len() != rows[1].len() {
        return;
    }
    let (rows, x) = (rows.map(<[f32]>::as_ptr), x.as_ptr());
    // SAFETY: as in `banded`, `apart` further on.
    unsafe {
        match *at {
            [a] => banded_pair_some::<V, 1>(rows, count, half, apart, x, [a], out),
            [a, b] => banded_pair_some::<V, 2>(rows, count, half, apart, x, [a, b], out),
            [a, b, c] => banded_pair_some::<V, 3>(rows, count, half, apart, x, [a, b, c], out),
            [a, b, c, d] => {
                banded_pair_some::<V, 4>(rows, count, half, apart, x, [a, b, c, d], out)
            }
            _ => {}
        }
    }
}

/// # Safety
/// Both `rows` are readable for twice `count` vectors; from each place in `at`, `x` is readable for `apart`, `count`,
/// `half` and one less than [`LANES`]; and `apart <= count`.
#[inline(always)]
unsafe fn banded_pair_some<V: Lanes, const N: usize>(
    rows: [*const f32; 2],
    count: usize,
    half: usize,
    apart: usize,
    x: *const f32,
    at: [usize; N],
    out: &mut [Bank; 2],
) {
    let mut front = [[V::splat(0.0); N]; 2];
    let mut back = [[V::splat(0.0); N]; 2];
    // SAFETY (all three loops): `m` counts the frames from a place on, below `apart + count`; row `m` of the first
    // group and row `m - apart` of the second are below `count` wherever they are read.
    for m in 0..apart {
        let n = apart + count - 1 - m;
        // SAFETY: see above.
        unsafe {
            let c_front = V::load(rows[0].add(m * LANES));
            let c_back = V::load(rows[1].add((count + n - apart) * LANES));
            for i in 0..N {
                front[0][i] = front[0][i].fused(c_front, V::load(x.add(at[i] + m)));
                back[1][i] = back[1][i].fused(c_back, V::load(x.add(at[i] + half + n)));
            }
        }
    }
    for m in apart..count {
        let n = apart + count - 1 - m;
        // SAFETY: see above.
        unsafe {
            let c_front = [
                V::load(rows[0].add(m * LANES)),
                V::load(rows[1].add((m - apart) * LANES)),
            ];
            let c_back = [
                V::load(rows[0].add((count + n) * LANES)),
                V::load(rows[1].add((count + n - apart) * LANES)),
            ];
            for i in 0..N {
                let x_front = V::load(x.add(at[i] + m));
                front[0][i] = front[0][i].fused(c_front[0], x_front);
                front[1][i] = front[1][i].fused(c_front[1], x_front);
                let x_back = V::load(x.add(at[i] + half + n));
                back[0][i] = back[0][i].fused(c_back[0], x_back);
                back[1][i] = back[1][i].fused(c_back[1], x_back);
            }
        }
    }
    for m in count..count + apart {
        let n = apart + count - 1 - m;
        // SAFETY: see above.
        unsafe {
            let c_front = V::load(rows[1].add((m - apart) * LANES));
            let c_back = V::load(rows[0].add((count + n) * LANES));
            for i in 0..N {
                front[1][i] = front[1][i].fused(c_front, V::load(x.add(at[i] + m)));
                back[0][i] = back[0][i].fused(c_back, V::load(x.add(at[i] + half + n)));
            }
        }
    }
    const { assert!(N <= BANK) };
    for (out, (front, back)) in out.iter_mut().zip(front.into_iter().zip(back)) {
        for ((out, front), back) in out.iter_mut().zip(front).zip(back) {
            // SAFETY: `out` is an array of LANES values.
            unsafe { front.plus(back).store(out.as_mut_ptr()) }
        }
    }
}

/// Each output from its own row, interpolated between the four rows from `point.row` on; rows are `stride` apart, a
/// multiple of [`LANES`]. Stops at a point that would reach behind the table or `x`.
#[inline(always)]
pub(super) fn interpolated<V: Lanes>(
    table: &[f32],
    stride: usize,
    x: &[f32],
    points: &[Point],
    out: &mut [f32],
) {
    let vectors = stride / LANES;
    for (out, point) in out.iter_mut().zip(points) {
        let Some(rows) = table.get(point.row * stride..(point.row + 4) * stride) else {
            return;
        };
        let Some(x) = x.get(point.at..point.at + stride) else {
            return;
        };
        let [w0, w1, w2, w3] = point.weights;
        let weights = [V::splat(w0), V::splat(w1), V::splat(w2), V::splat(w3)];
        let mut front = V::splat(0.0);
        let mut back = V::splat(0.0);
        // SAFETY: every v is below stride / LANES, `rows` holds four strides and `x` one.
        unsafe {
            let (rows, x) = (rows.as_ptr(), x.as_ptr());
            for v in 0..vectors / 2 {
                front = term(front, weights, rows, stride, x, v);
                back = term(back, weights, rows, stride, x, vectors - 1 - v);
            }
            if vectors % 2 == 1 {
                back = term(back, weights, rows, stride, x, vectors / 2);
            }
        }
        *out = front.plus(back).sum();
    }
}

/// `sum` and the products of [`LANES`] interpolated taps.
///
/// # Safety
/// `rows` is readable for four strides and `x` for one, and `v` is below `stride / LANES`.
#[inline(always)]
unsafe fn term<V: Lanes>(
    sum: V,
    weights: [V; 4],
    rows: *const f32,
    stride: usize,
    x: *const f32,
    v: usize,
) -> V {
    let at = v * LANES;
    // SAFETY: the caller's promise.
    unsafe {
        let c = weights[0]
            .times(V::load(rows.add(at)))
            .fused(weights[3], V::load(rows.add(3 * stride + at)))
            .fused(weights[1], V::load(rows.add(stride + at)))
            .fused(weights[2], V::load(rows.add(2 * stride + at)));
        sum.fused(c, V::load(x.add(at)))
    }
}
