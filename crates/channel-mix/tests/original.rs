//! The table of the original system, bit for bit.
#![allow(clippy::unwrap_used)] // helpers of tests are tests

use channel_mix::{ChannelLayout, MixMatrix, MixRules, Mixer};

#[derive(serde::Deserialize)]
struct Case {
    data_ch: usize,
    out_ch: usize,
    frames: usize,
    data_bits: Vec<u32>,
    out_bits: Vec<u32>,
}

fn floats(bits: &[u32]) -> Vec<f32> {
    bits.iter().map(|b| f32::from_bits(*b)).collect()
}

#[test]
fn the_reference_vectors_hold_bit_for_bit() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("vectors/mix.json")).unwrap();
    assert_eq!(cases.len(), 64);
    for case in cases {
        let from = ChannelLayout::from_count(case.data_ch).unwrap();
        let to = ChannelLayout::from_count(case.out_ch).unwrap();
        let mut mixer = Mixer::new(&MixMatrix::new(&from, &to, MixRules::Original)).unwrap();
        let mut out = vec![f32::NAN; case.frames * case.out_ch];
        let frames = mixer.mix_interleaved(&floats(&case.data_bits), &mut out);
        assert_eq!(frames, case.frames);
        let bits: Vec<u32> = out.iter().map(|s| s.to_bits()).collect();
        assert_eq!(bits, case.out_bits, "{} to {}", case.data_ch, case.out_ch);
    }
}
