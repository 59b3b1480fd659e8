//! The original callback's blocks, from the numpy reference (`tests/vectors/callback.json`).

use rt_callback::original::callback_block;
use rt_callback::{Rounding, Sample};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    data_ch: usize,
    out_ch: usize,
    format: String,
    rounding: String,
    data_frames: usize,
    frames: usize,
    data_i16: Vec<i16>,
    out: Vec<i64>,
}

fn block<O: Sample>(case: &Case, poison: O) -> Vec<O> {
    let rounding = match case.rounding.as_str() {
        "toward_zero" => Rounding::TowardZero,
        "nearest_even" => Rounding::NearestEven,
        other => panic!("unknown rounding {other}"),
    };
    let mut block = vec![poison; case.frames * case.out_ch];
    let frames = callback_block(
        &case.data_i16,
        case.data_ch,
        &mut block,
        case.out_ch,
        rounding,
    );
    assert_eq!(frames, case.data_frames.min(case.frames));
    block
}

#[test]
fn every_block_of_the_reference_comes_out_bit_for_bit() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../vectors/callback.json")).unwrap();
    assert_eq!(cases.len(), 56);
    for case in &cases {
        let out: Vec<i64> = match case.format.as_str() {
            "i16" => block(case, 99_i16).into_iter().map(i64::from).collect(),
            "f32" => block(case, f32::NAN)
                .into_iter()
                .map(|sample| i64::from(sample.to_bits()))
                .collect(),
            other => panic!("unknown format {other}"),
        };
        assert_eq!(
            out, case.out,
            "{} -> {} {} {}",
            case.data_ch, case.out_ch, case.format, case.rounding
        );
    }
}

/// `0.5 * (left + right)` has the ties, and the least value but a half becomes the least.
#[test]
fn a_tie_is_rounded_as_asked() {
    let data = [1, 0, 0, -1, 2, 3, -2, -3, -32_768, -32_767, 32_767, 32_766];
    for (rounding, want) in [
        (Rounding::NearestEven, [0, 0, 2, -2, -32_768, 32_766]),
        (Rounding::TowardZero, [0, 0, 2, -2, -32_767, 32_766]),
        (Rounding::HalfAwayFromZero, [1, -1, 3, -3, -32_768, 32_767]),
    ] {
        let mut block = [7_i16; 6];
        assert_eq!(callback_block(&data, 2, &mut block, 1, rounding), 6);
        assert_eq!(block, want, "{rounding}");
    }
}

#[test]
fn a_wrong_shape_gives_a_silent_block() {
    let mut block = [7_u8; 5];
    assert_eq!(
        callback_block(&[1, 2], 1, &mut block, 2, Rounding::NearestEven),
        0
    );
    assert_eq!(block, [128; 5]);
    for channels in [0, 65] {
        let mut block = [1.0_f32; 4];
        assert_eq!(
            callback_block(&[1, 2], channels, &mut block, 2, Rounding::NearestEven),
            0
        );
        assert_eq!(block, [0.0; 4]);
        let mut block = [1.0_f32; 4];
        assert_eq!(
            callback_block(&[1, 2], 1, &mut block, channels, Rounding::NearestEven),
            0
        );
        assert_eq!(block, [0.0; 4]);
    }
}
