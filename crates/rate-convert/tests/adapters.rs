//! Buffers of the `audioadapter` crate (feature `audioadapter`): the bits of slices, whatever their layout.
#![cfg(feature = "audioadapter")]
#![allow(clippy::unwrap_used)]

use audioadapter_buffers::direct::{InterleavedSlice, SequentialSlice};
use audioadapter_buffers::number_to_float::InterleavedNumbers;
use rate_convert::{Linear, Progress, Quality, Resampler, Sinc};

fn noise(count: usize) -> Vec<f32> {
    (0..count)
        .map(|i| ((i * 7_919 + 13) % 4_001) as f32 / 2_000.5 - 1.0)
        .collect()
}

/// A plane after the other.
fn planar(interleaved: &[f32], channels: usize) -> Vec<f32> {
    (0..channels)
        .flat_map(|channel| interleaved.iter().skip(channel).step_by(channels))
        .copied()
        .collect()
}

#[test]
fn planar_buffers_give_the_bits_of_interleaved_slices() {
    for (from, to) in [(24_000, 48_000), (48_000, 8_000), (44_100, 48_000)] {
        for channels in [1, 2, 3, 64] {
            for (in_frames, out_frames) in [(700, 500), (300, 3_000), (0, 10), (10, 0)] {
                let x = noise(in_frames * channels);
                let needed = Sinc::storage_len(from, to, channels, Quality::Balanced).unwrap();
                let (mut a, mut b) = (vec![0.0; needed], vec![0.0; needed]);
                let sinc = |storage| -> Resampler<'_> {
                    Sinc::new(from, to, channels, Quality::Balanced, storage)
                        .unwrap()
                        .into()
                };
                let linear = Linear::new(from, to, channels).unwrap();
                for (mut plain, mut adapted) in [
                    (sinc(&mut a), sinc(&mut b)),
                    (linear.clone().into(), linear.clone().into()),
                ] {
                    let what = format!("{from} {to} {channels} {in_frames} {out_frames}");
                    let mut want = vec![7.0; out_frames * channels];
                    let done = plain.process(&x, &mut want);
                    let x = planar(&x, channels);
                    let input = SequentialSlice::new(&x, channels, in_frames).unwrap();
                    let mut got = vec![7.0; out_frames * channels];
                    let mut output =
                        SequentialSlice::new_mut(&mut got, channels, out_frames).unwrap();
                    assert_eq!(adapted.process_adapter(&input, &mut output), done, "{what}");
                    assert!(got == planar(&want, channels), "{what}");
                    assert_eq!(plain.position(), adapted.position(), "{what}");

                    // The tail, in two parts.
                    for frames in [100, 5_000] {
                        let mut want = vec![7.0; frames * channels];
                        let done = plain.flush(&mut want);
                        let mut got = vec![7.0; frames * channels];
                        let mut output =
                            SequentialSlice::new_mut(&mut got, channels, frames).unwrap();
                        assert_eq!(adapted.flush_adapter(&mut output), done, "{what}");
                        assert!(got == planar(&want, channels), "{what}");
                    }
                }
            }
        }
    }
}

#[test]
fn samples_of_another_type_are_converted_by_the_buffer() {
    let mut linear = Linear::new(24_000, 48_000, 1).unwrap();
    let source = [0_i16, 16_384, -32_768];
    let input = InterleavedNumbers::<&[i16], f32>::new(&source, 1, 3).unwrap();
    let mut out = [0_i16; 5];
    let mut output = InterleavedNumbers::<&mut [i16], f32>::new_mut(&mut out, 1, 5).unwrap();
    let done = linear.process_adapter(&input, &mut output);
    assert_eq!((done.frames_read, done.frames_written), (3, 5));
    // Linear: each input frame, and halfway between two.
    assert_eq!(out, [0, 8_192, 16_384, -8_192, -32_768]);
}

#[test]
fn another_channel_count_does_nothing() {
    let mut linear = Linear::new(24_000, 48_000, 2).unwrap();
    let x = [0.5_f32; 6];
    let (mono, stereo) = (
        InterleavedSlice::new(&x, 1, 6).unwrap(),
        InterleavedSlice::new(&x, 2, 3).unwrap(),
    );
    let (mut a, mut b) = ([7.0; 6], [7.0; 6]);
    let mut wrong = InterleavedSlice::new_mut(&mut a, 1, 6).unwrap();
    let mut right = InterleavedSlice::new_mut(&mut b, 2, 3).unwrap();
    assert_eq!(
        linear.process_adapter(&mono, &mut right),
        Progress::default()
    );
    assert_eq!(
        linear.process_adapter(&stereo, &mut wrong),
        Progress::default()
    );
    assert_eq!(linear.flush_adapter(&mut wrong), Progress::default());
    assert_eq!((a, b), ([7.0; 6], [7.0; 6]));
}
