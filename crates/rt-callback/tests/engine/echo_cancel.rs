//! What a canceller makes of the reference: WebRTC's AEC3, in the room of the example, on something like speech.

use crate::canceller;
use crate::common::spec;

#[test]
fn the_echo_is_cancelled_through_losses_and_other_devices() {
    let (mut room, mut call) = canceller::call().unwrap();
    call.run(&mut room, 6.0).unwrap();
    assert!(call.erle_db(3.0) > 30.0, "{}", call.erle_db(3.0));
    room.lose_loudspeaker(1.3, spec("44100x2:f32le"));
    room.lose_microphone(0.7, spec("16000x1:f32le"));
    call.run(&mut room, 12.0).unwrap();
    assert!(call.erle_db(3.0) > 30.0, "{}", call.erle_db(3.0));
}

#[test]
fn a_reference_that_is_late_by_5_ms_is_none() {
    let (mut room, mut call) = canceller::call().unwrap();
    call.late_frames = 80;
    call.run(&mut room, 6.0).unwrap();
    assert!(call.erle_db(3.0) < 10.0, "{}", call.erle_db(3.0));
}

/// The canceller had found its way; what moves, it has to learn anew.
#[test]
fn a_reference_that_moves_by_5_ms_in_a_call_lets_the_echo_through() {
    let left_db = |late_frames| {
        let (mut room, mut call) = canceller::call().unwrap();
        call.run(&mut room, 8.0).unwrap();
        call.late_frames = late_frames;
        call.run(&mut room, 8.5).unwrap();
        call.erle_db(0.5)
    };
    let (steady_db, moved_db) = (left_db(0), left_db(80));
    assert!(steady_db > 20.0 && moved_db < 6.0, "{steady_db} {moved_db}");
}

/// A canceller that is nothing but a filter, and subtracts: with it no suppression makes up for a reference that
/// wanders.
#[test]
fn a_plain_filter_finds_the_room_and_keeps_it() {
    const TAPS: usize = 1_152;
    let (mut room, mut call) = canceller::call().unwrap();
    call.run(&mut room, 14.0).unwrap();
    let mut filter = [0.0_f32; TAPS];
    let (mut before, mut left) = (1e-9, 1e-9);
    for at in TAPS..call.captured.len() {
        let heard = &call.heard[at - TAPS + 1..=at];
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let off = call.captured[at] - dot(&filter, heard);
        // A normalized least mean square step.
        let step = 0.7 * off / (dot(heard, heard) + 0.1);
        filter
            .iter_mut()
            .zip(heard)
            .for_each(|(tap, heard)| *tap += step * heard);
        if at > 11 * 16_000 {
            before += f64::from(call.captured[at]).powi(2);
            left += f64::from(off).powi(2);
        }
    }
    let erle_db = 10.0 * f64::log10(before / left);
    assert!(erle_db > 25.0, "{erle_db}");
}
