//! Samples that are moved and never computed with.
#![allow(clippy::unwrap_used)] // helpers of tests are tests

mod common;

use std::fmt::Debug;

use channel_mix::{
    ChannelLayout, ChannelMap, LargeMixer, MixMatrix, MixRules, Mixer, mono_to_stereo,
    mono_to_stereo_in_place,
};
use common::{backends, bits, noise};
use proptest::prelude::*;

/// By the definition, and with room behind the last whole frame.
fn check<S: Copy + PartialEq + Debug>(
    map: &ChannelMap,
    samples: usize,
    sample: impl Fn(usize) -> S,
    silence: S,
) {
    let (ins, outs) = (map.inputs(), map.outputs());
    let input: Vec<S> = (0..samples).map(&sample).collect();
    let frames = samples / ins;
    let poison = sample(samples + 1);
    let mut output = vec![poison; frames * outs + 3];
    assert_eq!(
        map.map_interleaved(&input, &mut output[..frames * outs], silence),
        frames
    );
    for (n, y) in output.iter().enumerate() {
        let wanted = match (n / outs, n % outs) {
            (frame, _) if frame >= frames => poison,
            (frame, output) => map
                .source(output)
                .map_or(silence, |source| input[frame * ins + source]),
        };
        assert_eq!(*y, wanted, "sample {n} of {map:?}");
    }
    // The shorter slice decides, and what is no whole frame stays.
    if let (1.., Some(short)) = (frames, (frames * outs).checked_sub(1)) {
        let mut output = vec![poison; short];
        let done = map.map_interleaved(&input, &mut output, silence);
        assert_eq!(done, frames - 1);
        assert!(output[done * outs..].iter().all(|y| *y == poison));
    }
}

fn check_all_types(map: &ChannelMap, samples: usize) {
    check(map, samples, |n| n as u8, 128);
    check(map, samples, |n| n as i16, 0);
    check(map, samples, |n| [n as u8, (n >> 8) as u8, 7], [0; 3]);
    check(map, samples, |n| n as f32, 0.0);
    check(map, samples, |n| n as u64, 0);
}

#[test]
fn mono_to_stereo_of_any_type_and_length() {
    let matrix = MixMatrix::new(
        &ChannelLayout::MONO,
        &ChannelLayout::STEREO,
        MixRules::Speakers,
    );
    let map = matrix.channel_map().unwrap();
    assert_eq!(
        [0, 1, 2, 64].map(|o| map.source(o)),
        [Some(0), Some(0), None, None]
    );
    for samples in (0..70).chain([480, 1021]) {
        check_all_types(&map, samples);
    }
}

/// Only a single 1 in a row, or none, is no arithmetic.
#[test]
fn what_needs_arithmetic_is_no_map() {
    let map = |coefficients: &[f32]| MixMatrix::custom(2, 2, coefficients).unwrap().channel_map();
    let swap = map(&[0.0, 1.0, 1.0, 0.0]).unwrap();
    assert_eq!((swap.source(0), swap.source(1)), (Some(1), Some(0)));
    assert!(!swap.is_identity());
    assert!(map(&[1.0, 0.0, 0.0, 1.0]).unwrap().is_identity());
    assert_eq!(map(&[0.0; 4]).unwrap().source(0), None);
    for no in [
        [1.0, 1.0, 0.0, 0.0],
        [1.0, 0.0, 0.0, 0.5],
        [-1.0, 0.0, 0.0, 1.0],
        [1.0, 1.0e-30, 0.0, 1.0],
    ] {
        assert_eq!(map(&no), None, "{no:?}");
    }
}

/// A ramp is arithmetic until its last frame; a mixer's map is its matrix's.
#[test]
fn a_mixer_on_a_ramp_is_no_map() {
    let (mono, stereo) = (ChannelLayout::MONO, ChannelLayout::STEREO);
    let both = MixMatrix::new(&mono, &stereo, MixRules::Speakers);
    let left = MixMatrix::new(&mono, &stereo, MixRules::Discrete);
    let mut mixer = Mixer::new(&both).unwrap();
    assert_eq!(mixer.channel_map(), both.channel_map());
    mixer.set_matrix(&left, 10).unwrap();
    assert_eq!(mixer.channel_map(), None);
    mixer.skip(9);
    assert_eq!(mixer.channel_map(), None);
    mixer.skip(1);
    assert_eq!(mixer.channel_map(), left.channel_map());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_map(
        inputs in 1..=64_usize, sources in proptest::collection::vec(proptest::option::of(0..64_usize), 1..=64), frames in 0..150_usize,
    ) {
        let mut coefficients = vec![0.0; inputs * sources.len()];
        for (row, source) in coefficients.chunks_exact_mut(inputs).zip(&sources) {
            if let Some(source) = source {
                row[source % inputs] = 1.0;
            }
        }
        let matrix = MixMatrix::custom(inputs, sources.len(), &coefficients).unwrap();
        let map = matrix.channel_map().unwrap();
        for (output, source) in sources.iter().enumerate() {
            prop_assert_eq!(map.source(output), source.map(|s| s % inputs));
        }
        check_all_types(&map, frames * inputs + inputs / 2);

        // And what a mixer makes of it.
        let input = noise(frames * inputs, 5);
        let mut moved = vec![f32::NAN; frames * sources.len()];
        prop_assert_eq!(map.map_interleaved(&input, &mut moved, 0.0), frames);
        for backend in backends() {
            let mut mixer = LargeMixer::with_backend(&matrix, backend).unwrap();
            let mut mixed = vec![f32::NAN; moved.len()];
            mixer.mix_interleaved(&input, &mut mixed);
            prop_assert_eq!(bits(&mixed), bits(&moved));
            prop_assert_eq!(mixer.channel_map(), Some(map));
        }
    }
}

/// Any type, any length, any number of them; the odd sample at the end of a block is left alone.
#[test]
fn mono_becomes_stereo_where_it_stands_and_elsewhere() {
    fn check<S: Copy + PartialEq + core::fmt::Debug>(sample: impl Fn(usize) -> S) {
        for length in 0..150 {
            for room in [0, 1, length, 2 * length, 2 * length + 1, 2 * length + 70] {
                let mono: Vec<S> = (0..length).map(&sample).collect();
                let mut stereo = vec![sample(77); room];
                let frames = mono_to_stereo(&mono, &mut stereo);
                assert_eq!(frames, length.min(room / 2));
                let (written, rest) = stereo.split_at(2 * frames);
                let expected = mono[..frames].iter().flat_map(|x| [*x; 2]);
                assert!(written.iter().copied().eq(expected), "{length} {room}");
                assert!(rest.iter().all(|x| *x == sample(77)), "{length} {room}");
            }
            for asked in [0, 1, 15, 16, 17, length / 4, length / 2, length] {
                let mut block: Vec<S> = (0..length).map(&sample).collect();
                let frames = mono_to_stereo_in_place(&mut block, asked);
                assert_eq!(frames, asked.min(length / 2));
                for (n, frame) in block.chunks_exact(2).take(frames).enumerate() {
                    assert_eq!(frame, [sample(length / 2 + n); 2], "{length} {asked} {n}");
                }
                if length % 2 == 1 {
                    assert_eq!(block.last(), Some(&sample(length - 1)));
                }
            }
        }
    }
    check(|n| n as u8);
    check(|n| n as i16);
    check(|n| [n as u8, 1, 2]);
    check(|n| n as f32);
    check(|n| n as f64);
}

/// Every frame is written however much room there is behind the last, and wherever the first lies: mono of less than 32
/// bits to stereo left out up to 15 frames where there was more than a block of it.
#[test]
fn room_behind_the_last_frame_changes_nothing() {
    fn check<S: Copy + PartialEq + std::fmt::Debug>(sample: impl Fn(u8) -> S, silence: S) {
        for (inputs, outputs) in [(1, 2), (2, 2), (1, 4), (2, 4), (4, 2), (6, 6), (1, 8)] {
            let layout = |channels| ChannelLayout::discrete(channels).unwrap();
            let matrix = MixMatrix::new(&layout(inputs), &layout(outputs), MixRules::Original);
            let Some(map) = matrix.channel_map() else {
                continue;
            };
            for frames in 0..70 {
                let input: Vec<S> = (0..frames * inputs).map(|i| sample(i as u8)).collect();
                let mut exact = vec![silence; frames * outputs];
                assert_eq!(map.map_interleaved(&input, &mut exact, silence), frames);
                for room in [1, outputs, 40 * outputs] {
                    let mut block = vec![sample(255); frames * outputs + room];
                    assert_eq!(map.map_interleaved(&input, &mut block, silence), frames);
                    let (written, behind) = block.split_at(frames * outputs);
                    assert_eq!(written, exact, "{inputs} to {outputs}, {frames} frames");
                    assert!(behind.iter().all(|left| *left == sample(255)));
                }
                // Wherever the block begins in its cache line, and ends.
                for begin in 1..=64 {
                    let mut block = vec![sample(255); begin + frames * outputs];
                    map.map_interleaved(&input, &mut block[begin..], silence);
                    let (before, written) = block.split_at(begin);
                    assert_eq!(written, exact, "{inputs} to {outputs}, {frames} at {begin}");
                    assert!(before.iter().all(|left| *left == sample(255)));
                }
                for (frame, out) in exact.chunks(outputs).enumerate() {
                    for (output, sample) in out.iter().enumerate() {
                        let from = map.source(output).map(|channel| frame * inputs + channel);
                        assert_eq!(*sample, from.map_or(silence, |from| input[from]));
                    }
                }
            }
        }
    }
    check(|n| n, 0);
    check(|n| [n; 2], [0; 2]);
    check(|n| [n; 3], [0; 3]);
    check(|n| [n; 4], [0; 4]);
    check(|n| [n; 8], [0; 8]);
}
