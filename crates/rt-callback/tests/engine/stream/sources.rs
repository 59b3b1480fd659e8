//! Sources that change on the way, and the queue that holds them.

use super::*;

#[test]
fn a_full_queue_takes_what_fits_and_loses_nothing() {
    let mut config = config("48000x2:s24le", "48000x2:s24le");
    config.queue_frames = 10;
    let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
    let bytes: Vec<u8> = (0..=255).collect();
    // 10 frames of 6 bytes, and the beginning of an eleventh is not taken: it is a whole frame.
    assert_eq!(feeder.push_bytes(&bytes), Ok(60));
    assert_eq!(feeder.push_bytes(&bytes[60..]), Ok(0));
    let mut out = vec![0; 60];
    renderer.render_bytes(&mut out);
    assert_eq!(out, bytes[..60]);
    // A frame begun waits for its end, and for room.
    assert_eq!(feeder.push_bytes(&bytes[60..64]), Ok(4));
    assert_eq!(feeder.partial_bytes(), 4);
    assert_eq!(feeder.push_bytes(&bytes[64..]), Ok(56));
    assert_eq!(feeder.partial_bytes(), 0);
    let mut out = vec![0; 60];
    renderer.render_bytes(&mut out);
    assert_eq!(out, bytes[60..120]);
    let counters = monitor.snapshot();
    assert_eq!((counters.pushed_frames, counters.heard_frames), (20, 20));
}

/// Formats of 2, 3 and 4 bytes through one ring: samples straddle its end.
#[test]
fn the_source_changes_at_exactly_its_frame() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.queue_frames = 50;
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    let mut expected = Vec::new();
    let mut out = Vec::new();
    let mut value = 0_i16;
    for round in 0..300 {
        let format = ["s16le", "s24le", "f32le", "u8", "s32le"][round % 5];
        feeder
            .set_source(spec(&format!("48000x1:{format}")))
            .unwrap();
        for _ in 0..round % 7 {
            value = (value + 1) % 100;
            let sample = f32::from(value) / 128.0;
            let bytes: Vec<u8> = match format {
                "s16le" => (value * 256).to_ne_bytes().to_vec(),
                "s24le" => (i32::from(value) * 65_536).to_le_bytes()[..3].to_vec(),
                "f32le" => sample.to_ne_bytes().to_vec(),
                "u8" => vec![(value + 128) as u8],
                _ => (i32::from(value) << 24).to_ne_bytes().to_vec(),
            };
            assert_eq!(feeder.push_bytes(&bytes), Ok(bytes.len()));
            expected.push(sample);
        }
        if round % 3 == 0 {
            out.extend(render_blocks(
                &mut renderer,
                expected.len() - out.len(),
                &[5, 3],
            ));
        }
    }
    out.extend(render_blocks(
        &mut renderer,
        expected.len() - out.len(),
        &[64],
    ));
    assert_eq!(out, expected);
    assert_eq!(monitor.snapshot().underruns, 0);
    assert!(
        events(&mut monitor)
            .iter()
            .all(|event| event.kind == EventKind::SourceChanged)
    );
}

/// Between two frames of the device the source changes several times: each time no frame is made of what was read.
#[test]
fn changes_within_one_frame_of_the_device_leave_no_hole() {
    let run = |formats: [&str; 2]| {
        let mut config = config("48000x1:f32le", "8000x1:f32le");
        config.marker_capacity = 60;
        let (mut feeder, _, mut renderer, _monitor) = stream(&config).unwrap();
        for value in 1..=60_i16 {
            let format = formats[usize::from(value % 2 == 0)];
            feeder
                .set_source(spec(&format!("48000x1:{format}")))
                .unwrap();
            let pushed = match format {
                "s16le" => feeder.push(&[value * 256]),
                _ => feeder.push(&[f32::from(value) / 128.0]),
            };
            assert_eq!(pushed, Ok(1));
        }
        let mut block = [f32::NAN; 10];
        renderer.render(&mut block);
        block
    };
    let sound = run(["f32le", "f32le"]);
    assert!(sound.iter().all(|sample| *sample > 0.0));
    assert_eq!(run(["f32le", "s16le"]), sound);
}

#[test]
fn a_change_of_rate_flushes_the_old_sources_tail() {
    let mut config = config("24000x1:s16le", "48000x1:f32le");
    config.queue_frames = 1_000;
    let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
    feeder.push(&[16384_i16; 100]).unwrap();
    feeder.set_source(spec("48000x2:s16le")).unwrap();
    feeder.push(&[8192_i16; 200]).unwrap();
    let out = render_blocks(&mut renderer, 300, &[33]);
    assert!(out[..200].iter().all(|sample| *sample == 0.5));
    assert!(out[200..].iter().all(|sample| *sample == 0.25));
    let counters = monitor.snapshot();
    assert_eq!((counters.heard_frames, counters.underruns), (200, 0));
    assert!(matches!(
        feeder.set_source(spec("1x1:s16le")),
        Err(FeedError::Config(_))
    ));
    assert_eq!(feeder.source(), &spec("48000x2:s16le"));
}

/// Regression class: "a change of format shrinks the queue" (librespot-org/librespot#1662,
/// zed-industries/zed#29577). 500 ms are 500 ms, whatever is pushed.
#[test]
fn the_queue_holds_the_same_time_of_every_source() {
    let sources = [
        "8000x1:mulaw",
        "48000x2:f32le",
        "44100x6:s24le",
        "16000x1:s16le",
        "192000x64:f64le",
        "11025x3:u8",
        "8000x1:mulaw",
    ];
    for first in sources {
        let (mut feeder, _, mut renderer, monitor) =
            stream(&config(first, "48000x2:f32le")).unwrap();
        for next in sources {
            feeder.set_source(spec(next)).unwrap();
            let frames = feeder.free_frames();
            // Half a second, in whole frames of the first.
            let (from, to) = [spec(first), *feeder.source()]
                .map(|spec| u64::from(spec.rate_hz))
                .into();
            let expected = (from / 2 * to).div_ceil(from) as usize;
            assert_eq!(frames, expected, "{first} {next}");
            // As much can be pushed, and no more.
            let bytes = vec![0_u8; (frames + 10) * feeder.source().frame_bytes()];
            let taken = feeder.push_bytes(&bytes).unwrap();
            assert_eq!(taken, frames * feeder.source().frame_bytes());
            // All of it is the device's half a second, to what the rates round.
            feeder.end_utterance().unwrap();
            let before = monitor.snapshot().idle_frames;
            renderer.render(&mut vec![0.0_f32; 2 * 24_000]);
            let silent = monitor.snapshot().idle_frames - before;
            assert!(silent <= 3, "{first} {next} {silent}");
            renderer.render(&mut vec![0.0_f32; 2 * 2_000]);
            assert_eq!(monitor.snapshot().queued_frames, 0);
        }
    }
}

/// What is queued of several sources is no longer together than of one.
#[test]
fn sources_that_follow_each_other_share_the_queue() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.queue_frames = 4_800;
    let (mut feeder, _, mut renderer, _) = stream(&config).unwrap();
    assert_eq!(feeder.push(&[1_i16; 1_200]), Ok(1_200)); // 25 ms
    feeder.set_source(spec("8000x1:u8")).unwrap();
    assert_eq!(feeder.free_frames(), 600, "75 ms");
    assert_eq!(feeder.push(&[128_u8; 200]), Ok(200)); // 25 ms
    feeder.set_source(spec("96000x2:f32le")).unwrap();
    assert_eq!(feeder.free_frames(), 4_800, "50 ms");
    assert_eq!(feeder.push(&[0.0_f32; 2 * 9_600]), Ok(4_800));
    feeder.set_source(spec("44100x2:s24le")).unwrap();
    assert!(feeder.free_frames() <= 1, "what is left of a frame of each");
    render_blocks(&mut renderer, 2_400, &[100]);
    assert_eq!(feeder.free_frames(), 2_205, "50 ms were rendered");
    render_blocks(&mut renderer, 2_400, &[100]);
    assert_eq!(feeder.free_frames(), 4_410);
}

/// However short a queue is, a frame of any source fits into it.
#[test]
fn a_queue_of_one_frame_holds_one_of_every_source() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.queue_frames = 1;
    let (mut feeder, _, mut renderer, _) = stream(&config).unwrap();
    for source in ["48000x64:f64le", "8000x1:u8", "44100x2:s16le"] {
        feeder.set_source(spec(source)).unwrap();
        assert_eq!(feeder.free_frames(), 1, "{source}");
        let frame = vec![0; feeder.source().frame_bytes()];
        assert_eq!(feeder.push_bytes(&frame), Ok(frame.len()));
        feeder.end_utterance().unwrap();
        render_blocks(&mut renderer, 10, &[3]);
    }
}

#[test]
fn the_wrong_sample_type_is_an_error_not_a_guess() {
    let (mut feeder, ..) = stream(&config("48000x1:s16le", "48000x1:f32le")).unwrap();
    assert!(matches!(
        feeder.push(&[0.5_f32]),
        Err(FeedError::Format { .. })
    ));
    feeder.push_bytes(&[1]).unwrap();
    assert_eq!(feeder.push(&[1_i16]), Err(FeedError::PartialFrame));
}
