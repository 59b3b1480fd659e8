//! What is held back until enough is queued.

use super::*;

/// "A change of format shrinks the queue; a threshold above it: silence for good" (librespot-org/librespot#1662,
/// zed-industries/zed#29577). A full queue is enough, whatever the sizes.
#[test]
fn a_full_queue_is_heard_whatever_it_waits_for() {
    let sources = [
        "48000x1:s16le",
        "48000x2:f32le",
        "8000x1:mulaw",
        "44100x6:s24le",
        "11025x2:u8",
    ];
    for queue_frames in [1, 7, 999, 1_000] {
        for first in sources {
            for next in sources {
                let mut config = config(first, "48000x2:f32le");
                config.queue_frames = queue_frames;
                config.prebuffer_frames = queue_frames;
                config.rebuffer_frames = queue_frames;
                // Only what is queued opens the gate.
                config.prebuffer_cap = Duration::MAX;
                let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
                for source in [next, first, next] {
                    feeder.set_source(spec(source)).unwrap();
                    // Half of it of one source, the rest of the other, until it is full.
                    let half = feeder.free_frames() / 2;
                    feeder
                        .push_bytes(&vec![0; half * feeder.source().frame_bytes()])
                        .unwrap();
                }
                let rest = feeder.free_frames() * feeder.source().frame_bytes();
                feeder.push_bytes(&vec![0; rest]).unwrap();
                assert_eq!(feeder.free_frames(), 0);
                renderer.render(&mut [0.0_f32; 2 * 4_800]);
                let now = monitor.snapshot();
                assert!(
                    now.queued_frames < now.pushed_frames,
                    "{queue_frames} {first} {next}"
                );
            }
        }
    }
    // So are as many marks as there is room for.
    let mut config = plain();
    config.prebuffer_frames = 1_000;
    config.marker_capacity = 4;
    config.prebuffer_cap = Duration::MAX;
    let (mut feeder, _, mut renderer, _monitor) = stream(&config).unwrap();
    feeder.push(&[HALF; 10]).unwrap();
    while feeder.mark().is_ok() {
        feeder.push(&[HALF; 10]).unwrap();
    }
    assert_eq!(render_blocks(&mut renderer, 50, &[50]), [0.5; 50]);
}

/// A threshold is the same time for every source, and across several of them.
#[test]
fn a_prebuffer_is_the_same_time_of_every_source() {
    for source in [
        "48000x1:s16le",
        "48000x2:f32le",
        "8000x1:mulaw",
        "44100x2:s24le",
    ] {
        let mut config = plain();
        config.prebuffer_frames = 4_800; // 100 ms
        config.rebuffer_frames = 2_400;
        let (mut feeder, _, mut renderer, _monitor) = stream(&config).unwrap();
        let push = |feeder: &mut Feeder, frames: usize| {
            let bytes = vec![0; frames * feeder.source().frame_bytes()];
            assert_eq!(feeder.push_bytes(&bytes), Ok(bytes.len()));
        };
        // 20 ms of the first, the rest of the other.
        push(&mut feeder, 960);
        feeder.set_source(spec(source)).unwrap();
        let rate = feeder.source().rate_hz as usize;
        push(&mut feeder, rate * 80 / 1_000 - 1);
        assert_eq!(
            renderer.render(&mut [0.0_f32; 48]),
            RenderStatus::Idle,
            "{source}"
        );
        push(&mut feeder, 1);
        assert_eq!(
            renderer.render(&mut [0.0_f32; 48]),
            RenderStatus::Rendered,
            "{source}"
        );
        // Dry, and 50 ms to go on.
        renderer.render(&mut vec![0.0_f32; 6_000]);
        push(&mut feeder, rate / 20 - 1);
        assert!(matches!(
            renderer.render(&mut [0.0_f32; 48]),
            RenderStatus::Underrun { .. }
        ));
        push(&mut feeder, 1);
        assert_eq!(
            renderer.render(&mut [0.0_f32; 48]),
            RenderStatus::Rendered,
            "{source}"
        );
    }
}

/// A source that is refused changes nothing, the time that is counted included.
#[test]
fn a_refused_source_leaves_the_thresholds_as_they_were() {
    let mut config = plain();
    config.prebuffer_frames = 4_800; // 100 ms
    let (mut feeder, _, mut renderer, _monitor) = stream(&config).unwrap();
    // Too far from the device's rate.
    assert!(matches!(
        feeder.set_source(spec("100x1:s16le")),
        Err(FeedError::Config(_))
    ));
    feeder.push(&[HALF; 4_799]).unwrap();
    assert_eq!(renderer.render(&mut [0.0_f32; 48]), RenderStatus::Idle);
    feeder.push(&[HALF; 1]).unwrap();
    assert_eq!(renderer.render(&mut [0.0_f32; 48]), RenderStatus::Rendered);
}

/// A reply that stalls below the threshold is heard all the same, after the time that may be waited for.
#[test]
fn a_reply_that_stalls_below_the_threshold_is_heard_after_a_while() {
    for (cap_ms, blocks) in [(1_000, 100), (50, 5), (0, 0)] {
        let mut config = plain();
        config.prebuffer_frames = 4_800;
        config.rebuffer_frames = 4_800;
        if cap_ms != 1_000 {
            config.prebuffer_cap = Duration::from_millis(cap_ms);
        }
        let (mut feeder, controller, mut renderer, _monitor) = stream(&config).unwrap();
        let mut block = [0.0_f32; 480];
        for _ in 0..200 {
            renderer.render(&mut block);
        }
        for _ in 0..2 {
            feeder.push(&[HALF; 480]).unwrap();
            // Time is counted in blocks, those of a pause too.
            for n in 0..blocks {
                if n == 2 {
                    controller.pause();
                }
                let status = renderer.render(&mut block);
                assert_ne!(status, RenderStatus::Rendered, "{cap_ms}: {n}");
                controller.resume();
            }
            assert_eq!(
                renderer.render(&mut block),
                RenderStatus::Rendered,
                "{cap_ms}"
            );
            assert_eq!(block, [0.5; 480]);
            renderer.render(&mut block);
        }
    }
}

/// It begins at its frame, wherever blocks end: a sound that is held back, and one that goes on after a gap.
#[test]
fn what_was_held_back_begins_at_its_frame_in_any_cutting() {
    let render = |sizes: &[usize]| {
        let mut config = plain();
        config.ramp_frames = 10;
        config.prebuffer_frames = 4_800;
        config.rebuffer_frames = 4_800;
        config.prebuffer_cap = Duration::from_millis(50);
        let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
        // The rest of the first block that sounds is startup, whatever it is: this is another.
        feeder.push(&[HALF; 10]).unwrap();
        feeder.end_utterance().unwrap();
        let mut sound = render_blocks(&mut renderer, 1_000, sizes);
        feeder.begin_utterance().unwrap();
        feeder.push(&[HALF; 700]).unwrap();
        sound.extend(render_blocks(&mut renderer, 4_000, sizes));
        feeder.push(&[HALF; 700]).unwrap();
        sound.extend(render_blocks(&mut renderer, 4_000, sizes));
        let counters = monitor.snapshot();
        let silence = (
            counters.underruns,
            counters.underrun_frames,
            counters.starved_frames,
        );
        (sound, told(&mut monitor), silence)
    };
    let whole = render(&[10_000]);
    // 50 ms are 2,400 frames.
    assert_eq!(whole.0[1_000..3_400], [0.0; 2_400]);
    assert_eq!(whole.0[3_400..4_100], [0.5; 700]);
    let back = 5_000 + 2_400;
    assert!((whole.0[back] - 0.05).abs() < 1e-6 && whole.0[back + 9..back + 700] == [0.5; 691]);
    assert_eq!(
        whole.2,
        (1, (back - 4_100) as u64, (9_000 - back - 700) as u64)
    );
    for sizes in [&[1][..], &[7], &[480], &[2_400], &[13, 999]] {
        let cut = render(sizes);
        assert_eq!(cut.1, whole.1, "{sizes:?}");
        assert_eq!(cut.2, whole.2, "{sizes:?}");
        assert!(cut.0 == whole.0, "{sizes:?}");
    }
}
