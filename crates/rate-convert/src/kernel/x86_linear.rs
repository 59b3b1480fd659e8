//! Linear interpolation, mono or stereo, for ratios up to two input frames per output frame: neighbouring outputs
//! find their frames within one or two vectors, by a permutation that the table of places gives.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86")]
use core::arch::x86::*;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::*;

use super::LANES;
use super::linear::{NOT_TINY, Phases, Run, generic, part_of};

/// Entries of one vector's outputs; readable for [`LANES`] each.
#[derive(Clone, Copy)]
struct Entries {
    place: *const i32,
    before: *const f32,
    behind: *const f32,
}

/// The loop over vectors of `$width` samples, for which `$group` is called.
macro_rules! entry_point {
    ($name:ident, $some:ident, $group:ident, $doubled:ident, $double:ident, $load:ident, $load_known:ident, $store:ident, $store_wanted:ident,
     $width:literal, $features:literal) => {
        #[target_feature(enable = $features)]
        pub(super) fn $name(run: Run, phases: &Phases, x: &[f32], out: &mut [f32]) {
            match (run.channels, phases.frames_per_output()) {
                (1, 1) if phases.doubles() => $doubled::<1>(run, x, out),
                (2, 1) if phases.doubles() => $doubled::<2>(run, x, out),
                (1, 1) => $some::<1, false>(run, phases, x, out),
                (1, 2) => $some::<1, true>(run, phases, x, out),
                (2, 1) => $some::<2, false>(run, phases, x, out),
                (2, 2) => $some::<2, true>(run, phases, x, out),
                _ => generic(run, phases, x, out),
            }
        }

        /// 1:2, `C` samples to a frame.
        #[target_feature(enable = $features)]
        fn $doubled<const C: usize>(run: Run, x: &[f32], out: &mut [f32]) {
            let x = x.get(run.at * C..).unwrap_or(&[]);
            // Begun between two frames, the frame itself is not wanted.
            let (head, out) = out.split_at_mut((run.phase % 2 * C).min(out.len()));
            for ((out, &x0), &x1) in head.iter_mut().zip(x).zip(x.get(C..).unwrap_or(&[])) {
                *out = part_of(x0, 0.5) + part_of(x1, 0.5);
            }
            let x = x.get(head.len()..).unwrap_or(&[]);
            let vectors = (out.len() / (2 * $width)).min(x.len().saturating_sub(C) / $width);
            for n in 0..vectors {
                // SAFETY: `$width + C` samples from there on are in `x`, and twice `$width` in `out`.
                unsafe {
                    let x = x.as_ptr().add(n * $width);
                    let (low, high) = $double::<C>($load(x), $load(x.add(C)));
                    let out = out.as_mut_ptr().add(2 * n * $width);
                    $store(out, low);
                    $store(out.add($width), high);
                }
            }
            let (x, out) = (
                x.get(vectors * $width..).unwrap_or(&[]),
                out.get_mut(2 * vectors * $width..).unwrap_or_default(),
            );
            if !out.is_empty() {
                // SAFETY: masked to `x`, and to `out`, which is shorter than twice `$width` or has no more input.
                unsafe {
                    let here = $load_known(x.as_ptr(), x.len());
                    let next = $load_known(x.as_ptr().wrapping_add(C), x.len().saturating_sub(C));
                    let (low, high) = $double::<C>(here, next);
                    $store_wanted(out.as_mut_ptr(), out.len(), low);
                    let high_wanted = out.len().saturating_sub($width);
                    $store_wanted(out.as_mut_ptr().wrapping_add($width), high_wanted, high);
                }
            }
        }

        /// `C` samples to a frame; `WIDE` when the frames of one vector of outputs may span two.
        #[target_feature(enable = $features)]
        fn $some<const C: usize, const WIDE: bool>(
            run: Run,
            phases: &Phases,
            x: &[f32],
            mut out: &mut [f32],
        ) {
            let Run {
                mut at, mut phase, ..
            } = run;
            // Samples from the first entry's frame on that a vector's loads reach.
            let reach = if WIDE { 2 * $width + C } else { $width + C };
            let table = &phases.table;
            while !out.is_empty() && phase < table.len {
                let entries = |done: usize| {
                    debug_assert!(phase + done + LANES <= table.place.len());
                    Entries {
                        place: table.place.as_ptr().wrapping_add(phase + done),
                        before: table.before.as_ptr().wrapping_add(phase + done),
                        behind: table.behind.as_ptr().wrapping_add(phase + done),
                    }
                };
                let x = x.get(at * C..).unwrap_or(&[]);
                let first = table.place[phase];
                let vectors = (table.len - phase)
                    .div_ceil($width / C)
                    .min(out.len() / $width);
                let mut done = 0;
                while done < vectors {
                    let entries = entries(done * ($width / C));
                    // SAFETY: the first output of each vector is before `table.len`, and LANES entries follow that.
                    let start = unsafe { *entries.place - first } as usize * C;
                    if start + reach > x.len() {
                        break;
                    }
                    // SAFETY: as above; `reach` samples from `start` on are in `x`, and `$width` in `out`.
                    unsafe {
                        let load = |n: usize| $load(x.as_ptr().add(start + n));
                        let y = $group::<C, WIDE>(entries, load);
                        $store(out.as_mut_ptr().add(done * $width), y);
                    }
                    done += 1;
                }
                if done == 0 {
                    // Near the end of the input or of the output.
                    // SAFETY: as above; loads are masked to `x` and the store to `out`.
                    unsafe {
                        let load = |n: usize| {
                            $load_known(x.as_ptr().wrapping_add(n), x.len().saturating_sub(n))
                        };
                        let y = $group::<C, WIDE>(entries(0), load);
                        $store_wanted(out.as_mut_ptr(), out.len(), y);
                    }
                    done = 1;
                }
                out = out.get_mut(done * $width..).unwrap_or_default();
                phase += done * ($width / C);
                at += (table.place.get(phase).map_or(0, |place| place - first)) as usize;
                if phase >= table.len {
                    phase -= table.len;
                }
            }
        }
    };
}

entry_point!(
    linear_avx2,
    some_avx2,
    group_avx2,
    doubled_avx2,
    double_avx2,
    _mm256_loadu_ps,
    load_known_avx2,
    _mm256_storeu_ps,
    store_wanted_avx2,
    8,
    "avx2,fma"
);
entry_point!(
    linear_avx512,
    some_avx512,
    group_avx512,
    doubled_avx512,
    double_avx512,
    _mm512_loadu_ps,
    load_known_avx512,
    _mm512_storeu_ps,
    store_wanted_avx512,
    16,
    "avx512f,avx2,fma"
);

/// Eight samples of outputs, out of `load(n)`: eight samples of input, `n` behind the first entry's frame.
///
/// # Safety
/// `entries` are readable.
#[inline]
#[target_feature(enable = "avx2,fma")]
unsafe fn group_avx2<const C: usize, const WIDE: bool>(
    entries: Entries,
    load: impl Fn(usize) -> __m256,
) -> __m256 {
    // In stereo each of the first four entries twice: all four in both halves of the vector, then two of each.
    let pairs = _mm256_set_epi32(3, 3, 2, 2, 1, 1, 0, 0);
    let entry = |entries: *const f32| {
        // SAFETY: the caller's promise.
        unsafe {
            match C {
                1 => _mm256_loadu_ps(entries),
                _ => {
                    let four = _mm_loadu_ps(entries);
                    _mm256_permutevar_ps(_mm256_set_m128(four, four), pairs)
                }
            }
        }
    };
    let (before, behind) = (entry(entries.before), entry(entries.behind));
    let place = _mm256_castps_si256(entry(entries.place.cast()));
    // SAFETY: the caller's promise.
    let first = unsafe { *entries.place };
    let mut index = _mm256_sub_epi32(place, _mm256_set1_epi32(first));
    if C == 2 {
        let side = _mm256_set_epi32(1, 0, 1, 0, 1, 0, 1, 0);
        index = _mm256_or_si256(_mm256_add_epi32(index, index), side);
    }
    let pick = |from: usize| {
        let low = _mm256_permutevar8x32_ps(load(from), index);
        if !WIDE {
            return low;
        }
        let high = _mm256_permutevar8x32_ps(load(from + 8), index);
        let is_high = _mm256_cmpgt_epi32(index, _mm256_set1_epi32(7));
        _mm256_blendv_ps(low, high, _mm256_castsi256_ps(is_high))
    };
    let (here, next) = (pick(0), pick(C));
    let sum = _mm256_add_ps(part_of_avx2(here, before), part_of_avx2(next, behind));
    let on_frame = _mm256_cmp_ps::<_CMP_EQ_OQ>(behind, _mm256_setzero_ps());
    _mm256_blendv_ps(sum, here, on_frame)
}

/// Eight frames (four in stereo) and the means between each and the next, by turns.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn double_avx2<const C: usize>(here: __m256, next: __m256) -> (__m256, __m256) {
    let half = _mm256_set1_ps(0.5);
    let mean = _mm256_add_ps(part_of_avx2(here, half), part_of_avx2(next, half));
    // By turns within each half of a vector, then the halves into their order.
    let (low, high) = match C {
        1 => (
            _mm256_unpacklo_ps(here, mean),
            _mm256_unpackhi_ps(here, mean),
        ),
        _ => {
            let (here, mean) = (_mm256_castps_pd(here), _mm256_castps_pd(mean));
            (
                _mm256_castpd_ps(_mm256_unpacklo_pd(here, mean)),
                _mm256_castpd_ps(_mm256_unpackhi_pd(here, mean)),
            )
        }
    };
    (
        _mm256_permute2f128_ps::<0x20>(low, high),
        _mm256_permute2f128_ps::<0x31>(low, high),
    )
}

/// As [`part_of`].
#[inline]
#[target_feature(enable = "avx2,fma")]
fn part_of_avx2(x: __m256, weight: __m256) -> __m256 {
    let not_tiny = _mm256_set1_epi32(NOT_TINY as i32);
    let counts = _mm256_and_si256(_mm256_castps_si256(x), not_tiny);
    let tiny = _mm256_cmpeq_epi32(counts, _mm256_setzero_si256());
    _mm256_mul_ps(_mm256_andnot_ps(_mm256_castsi256_ps(tiny), x), weight)
}

/// The first `known` values from `x` on, and zeros.
///
/// # Safety
/// `x` is readable for as many, or for eight.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn load_known_avx2(x: *const f32, known: usize) -> __m256 {
    // SAFETY: masked to what the caller promises.
    unsafe { _mm256_maskload_ps(x, first_lanes(known)) }
}

/// # Safety
/// `out` is writable for `wanted` values, or for eight.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn store_wanted_avx2(out: *mut f32, wanted: usize, y: __m256) {
    // SAFETY: masked to what the caller promises.
    unsafe { _mm256_maskstore_ps(out, first_lanes(wanted), y) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn first_lanes(count: usize) -> __m256i {
    let counted = _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0);
    _mm256_cmpgt_epi32(_mm256_set1_epi32(count.min(8) as i32), counted)
}

/// Sixteen samples of outputs, out of `load(n)`: sixteen samples of input, `n` behind the first entry's frame.
///
/// # Safety
/// `entries` are readable.
#[inline]
#[target_feature(enable = "avx512f,avx2,fma")]
unsafe fn group_avx512<const C: usize, const WIDE: bool>(
    entries: Entries,
    load: impl Fn(usize) -> __m512,
) -> __m512 {
    let counted = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    // In stereo each of the first eight entries twice.
    let pairs = _mm512_srli_epi32::<1>(counted);
    let spread = |entries: __m512i| match C {
        1 => entries,
        _ => _mm512_permutexvar_epi32(pairs, entries),
    };
    let spread_ps = |v: __m512| _mm512_castsi512_ps(spread(_mm512_castps_si512(v)));
    // SAFETY: the caller's promise.
    let (mut index, before, behind) = unsafe {
        let place = _mm512_loadu_si512(entries.place.cast());
        let index = _mm512_sub_epi32(place, _mm512_set1_epi32(*entries.place));
        let before = spread_ps(_mm512_loadu_ps(entries.before));
        (
            spread(index),
            before,
            spread_ps(_mm512_loadu_ps(entries.behind)),
        )
    };
    if C == 2 {
        let side = _mm512_and_si512(counted, _mm512_set1_epi32(1));
        index = _mm512_or_si512(_mm512_add_epi32(index, index), side);
    }
    let (here, next) = if WIDE {
        let (low, high) = (load(0), load(16));
        let index_behind = _mm512_add_epi32(index, _mm512_set1_epi32(C as i32));
        (
            _mm512_permutex2var_ps(low, index, high),
            _mm512_permutex2var_ps(low, index_behind, high),
        )
    } else {
        (
            _mm512_permutexvar_ps(index, load(0)),
            _mm512_permutexvar_ps(index, load(C)),
        )
    };
    let (here_part, next_part) = (part_of_avx512(here, before), part_of_avx512(next, behind));
    let between = _mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(behind, _mm512_setzero_ps());
    _mm512_mask_add_ps(here, between, here_part, next_part)
}

/// Sixteen frames (eight in stereo) and the means between each and the next, by turns.
#[inline]
#[target_feature(enable = "avx512f,avx2,fma")]
fn double_avx512<const C: usize>(here: __m512, next: __m512) -> (__m512, __m512) {
    let half = _mm512_set1_ps(0.5);
    let mean = _mm512_add_ps(part_of_avx512(here, half), part_of_avx512(next, half));
    let turns = match C {
        1 => _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0),
        _ => _mm512_set_epi32(23, 22, 7, 6, 21, 20, 5, 4, 19, 18, 3, 2, 17, 16, 1, 0),
    };
    let upper_turns = _mm512_add_epi32(turns, _mm512_set1_epi32(8));
    (
        _mm512_permutex2var_ps(here, turns, mean),
        _mm512_permutex2var_ps(here, upper_turns, mean),
    )
}

/// As [`part_of`].
#[inline]
#[target_feature(enable = "avx512f,avx2,fma")]
fn part_of_avx512(x: __m512, weight: __m512) -> __m512 {
    let not_tiny = _mm512_set1_epi32(NOT_TINY as i32);
    let counts = _mm512_test_epi32_mask(_mm512_castps_si512(x), not_tiny);
    _mm512_maskz_mul_ps(counts, x, weight)
}

/// The first `known` values from `x` on, and zeros.
///
/// # Safety
/// `x` is readable for as many, or for sixteen.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn load_known_avx512(x: *const f32, known: usize) -> __m512 {
    let mask = (1_u32 << known.min(16)).wrapping_sub(1) as u16;
    // SAFETY: masked to what the caller promises.
    unsafe { _mm512_maskz_loadu_ps(mask, x) }
}

/// # Safety
/// `out` is writable for `wanted` values, or for sixteen.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn store_wanted_avx512(out: *mut f32, wanted: usize, y: __m512) {
    let mask = (1_u32 << wanted.min(16)).wrapping_sub(1) as u16;
    // SAFETY: masked to what the caller promises.
    unsafe { _mm512_mask_storeu_ps(out, mask, y) }
}
