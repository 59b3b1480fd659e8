//! Buffers of the `audioadapter` crate (feature `audioadapter`): the bits of slices, whatever their layout.
#![cfg(feature = "audioadapter")]
#![allow(clippy::unwrap_used)]

use audioadapter_buffers::direct::{InterleavedSlice, SequentialSlice};
use channel_mix::{ChannelLayout, MixMatrix, MixRules, Mixer};

/// A plane after the other.
fn planar(interleaved: &[f32], channels: usize) -> Vec<f32> {
    (0..channels)
        .flat_map(|channel| interleaved.iter().skip(channel).step_by(channels))
        .copied()
        .collect()
}

#[test]
fn planar_buffers_give_the_bits_of_interleaved_slices() {
    let layouts = [
        ChannelLayout::MONO,
        ChannelLayout::STEREO,
        ChannelLayout::SURROUND_5_1,
        ChannelLayout::discrete(64).unwrap(),
    ];
    for from in &layouts {
        for to in &layouts {
            let (inputs, outputs) = (from.channels(), to.channels());
            for (in_frames, out_frames) in [(0, 5), (15, 16), (16, 15), (17, 17), (100, 70)] {
                let x: Vec<f32> = (0..in_frames * inputs)
                    .map(|i| ((i * 7_919 + 13) % 4_001) as f32 / 2_000.5 - 1.0)
                    .collect();
                let mut plain = Mixer::new(&MixMatrix::new(from, to, MixRules::Discrete)).unwrap();
                // A ramp goes on from piece to piece.
                plain
                    .set_matrix(&MixMatrix::new(from, to, MixRules::Speakers), 50)
                    .unwrap();
                let mut adapted = plain.clone();
                let mut want = vec![7.0; out_frames * outputs];
                let frames = plain.mix_interleaved(&x, &mut want);
                let x = planar(&x, inputs);
                let input = SequentialSlice::new(&x, inputs, in_frames).unwrap();
                let mut got = vec![7.0; out_frames * outputs];
                let mut output = SequentialSlice::new_mut(&mut got, outputs, out_frames).unwrap();
                assert_eq!(adapted.mix_adapter(&input, &mut output), frames);
                assert!(got == planar(&want, outputs), "{inputs} {outputs} {frames}");
            }
        }
    }
}

#[test]
fn another_channel_count_mixes_nothing() {
    let matrix = MixMatrix::new(
        &ChannelLayout::MONO,
        &ChannelLayout::STEREO,
        MixRules::Speakers,
    );
    let mut mixer = Mixer::new(&matrix).unwrap();
    let (x, mut out) = ([0.5_f32; 4], [7.0; 4]);
    let mono = InterleavedSlice::new(&x, 1, 4).unwrap();
    let stereo = InterleavedSlice::new(&x, 2, 2).unwrap();
    let mut wrong = InterleavedSlice::new_mut(&mut out, 1, 4).unwrap();
    assert_eq!(mixer.mix_adapter(&mono, &mut wrong), 0);
    let mut right = InterleavedSlice::new_mut(&mut out, 2, 2).unwrap();
    assert_eq!(mixer.mix_adapter(&stereo, &mut right), 0);
    assert_eq!(mixer.mix_adapter(&mono, &mut right), 2);
    assert_eq!(out, [0.5; 4]);
}
