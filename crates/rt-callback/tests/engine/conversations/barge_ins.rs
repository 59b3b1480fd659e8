//! Interruptions, holds and cancellations while somebody pushes.

use super::*;

/// "An odd byte before a barge-in turns the next reply into noise" (kizuna-ai-lab/sokuji#380): bytes of an
/// unfinished frame belong to what they came with.
#[test]
fn half_a_frame_goes_with_what_was_cut() {
    type Cut = fn(&mut Feeder, &Controller, Option<UtteranceId>);
    let cuts: [(&str, Cut); 4] = [
        ("interrupt", |_, controller, _| {
            controller.interrupt(Ramp::None)
        }),
        ("discard", |_, controller, _| {
            controller.hold();
            controller.discard();
        }),
        ("cancel", |_, controller, id| {
            assert!(controller.cancel(id.unwrap(), Ramp::None));
        }),
        ("end", |feeder, _, _| feeder.end_utterance().unwrap()),
    ];
    for format in ["s16le", "s24le", "s32le", "f64le"] {
        for channels in [1, 2, 3] {
            for (name, cut) in cuts {
                for utterance in [true, false] {
                    if name == "cancel" && !utterance {
                        continue;
                    }
                    let source = format!("48000x{channels}:{format}");
                    let mut config = plain();
                    config.source = spec(&source);
                    config.device = spec(&format!("48000x{channels}:f32le"));
                    let (mut feeder, controller, mut renderer, monitor) = stream(&config).unwrap();
                    let id = utterance.then(|| feeder.begin_utterance().unwrap());
                    let frame_bytes = config.source.frame_bytes();
                    let noise = vec![0x55; 20 * frame_bytes - 1];
                    assert_eq!(feeder.push_bytes(&noise), Ok(noise.len()));
                    assert_eq!(feeder.partial_bytes(), frame_bytes - 1);
                    cut(&mut feeder, &controller, id);
                    if utterance {
                        feeder.begin_utterance().unwrap();
                    }
                    // Whole frames of silence: anything else is noise.
                    let silence = vec![0; 10 * frame_bytes];
                    assert_eq!(feeder.push_bytes(&silence), Ok(silence.len()));
                    assert_eq!(feeder.partial_bytes(), 0, "{name} {source}");
                    let end = if name == "end" { 19 } else { 0 };
                    let sound =
                        render_blocks(&mut renderer, end + 10, &[64]).split_off(end * channels);
                    assert!(sound.iter().all(|sample| *sample == 0.0), "{name} {source}");
                    assert_eq!(monitor.snapshot().pushed_frames, 29);
                }
            }
        }
    }
}

/// "Interrupt while the producer waits in a push: the old speech goes on" (livekit/python-sdks#394).
#[test]
fn a_push_that_waits_when_an_interruption_comes_ends_and_queues_no_more() {
    type Push = fn(&mut Feeder, &[i16]) -> FeedError;
    let pushes: [Push; 3] = [
        |feeder, data| {
            feeder
                .push_blocking(data, Duration::from_secs(20))
                .unwrap_err()
        },
        |feeder, data| {
            let bytes: Vec<u8> = data
                .iter()
                .flat_map(|sample| sample.to_ne_bytes())
                .collect();
            let error = feeder
                .push_bytes_blocking(&bytes, Duration::MAX)
                .unwrap_err();
            let FeedError::Interrupted { queued } = error else {
                panic!("{error}")
            };
            FeedError::Interrupted { queued: queued / 2 }
        },
        |feeder, data| {
            let bytes: Vec<u8> = data
                .iter()
                .flat_map(|sample| sample.to_ne_bytes())
                .collect();
            let error = feeder.write_all(&bytes).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionAborted);
            let error = error.into_inner().unwrap().downcast::<FeedError>().unwrap();
            let FeedError::Interrupted { queued } = *error else {
                panic!("{error}")
            };
            FeedError::Interrupted { queued: queued / 2 }
        },
    ];
    for push in pushes {
        for utterance in [true, false] {
            for interrupts_before in [0, 1] {
                let mut config = plain();
                config.queue_frames = 1_000;
                let (mut feeder, controller, mut renderer, monitor) = stream(&config).unwrap();
                for _ in 0..interrupts_before {
                    // Another one, earlier, is none of its business.
                    controller.interrupt(Ramp::None);
                }
                if utterance {
                    feeder.begin_utterance().unwrap();
                }
                let pushing = std::thread::spawn(move || {
                    let error = push(&mut feeder, &[HALF; 50_000]);
                    (feeder, error)
                });
                while monitor.snapshot().pushed_frames < 1_000 {
                    std::thread::yield_now();
                }
                renderer.render(&mut [0.0_f32; 100]);
                controller.interrupt(Ramp::None);
                let (mut feeder, error) = pushing.join().unwrap();
                let pushed = feeder.pushed_frames() as usize;
                assert_eq!(error, FeedError::Interrupted { queued: pushed });
                // Nothing of it is heard any more, whenever it was queued.
                assert_eq!(render_blocks(&mut renderer, 3_000, &[500]), [0.0; 3_000]);
                if utterance {
                    assert_eq!(feeder.push(&[HALF; 10]), Err(REFUSED));
                    feeder.begin_utterance().unwrap();
                }
                // New sound is.
                assert_eq!(feeder.push(&[HALF; 10]), Ok(10));
                assert_eq!(render_blocks(&mut renderer, 10, &[10]), [0.5; 10]);
            }
        }
    }
}

/// Speech that goes on after a barge-in: an utterance that was interrupted takes nothing more, whatever the
/// producer does not know yet, and the next one is not concerned.
#[test]
fn an_interruption_ends_the_utterance_that_is_being_pushed() {
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&plain()).unwrap();
    let first = feeder.begin_utterance().unwrap();
    feeder.push(&[HALF; 100]).unwrap();
    render_blocks(&mut renderer, 40, &[40]);
    controller.interrupt(Ramp::None);
    assert_eq!(feeder.push(&[HALF; 100]), Err(REFUSED));
    render_blocks(&mut renderer, 40, &[40]);
    assert_eq!(feeder.push(&[HALF; 100]), Err(REFUSED), "still");
    assert_eq!(feeder.push_bytes(&[1; 3]), Err(REFUSED));
    assert_eq!(feeder.mark(), Err(REFUSED));
    assert_eq!(feeder.partial_bytes(), 0);
    assert_eq!(feeder.pushed_frames(), 100);
    feeder.end_utterance().unwrap();
    assert_eq!(feeder.push(&[HALF; 10]), Ok(10), "outside any utterance");
    let second = feeder.begin_utterance().unwrap();
    assert_eq!(feeder.push(&[HALF; 10]), Ok(10));
    assert_eq!(render_blocks(&mut renderer, 20, &[20]), [0.5; 20]);
    // Before a word has been pushed, too; the receipt says that nothing was heard.
    feeder.end_utterance().unwrap();
    let third = feeder.begin_utterance().unwrap();
    controller.interrupt(Ramp::None);
    assert_eq!(feeder.push(&[HALF; 10]), Err(REFUSED));
    // An interruption between two utterances concerns neither.
    feeder.end_utterance().unwrap();
    controller.interrupt(Ramp::None);
    let fourth = feeder.begin_utterance().unwrap();
    assert_eq!(feeder.push(&[HALF; 10]), Ok(10));
    feeder.end_utterance().unwrap();
    assert_eq!(render_blocks(&mut renderer, 10, &[10]), [0.5; 10]);
    let receipts: Vec<_> = told(&mut monitor)
        .into_iter()
        .map(|(_, kind)| kind)
        .filter(|kind| !matches!(kind, EventKind::Started { .. }))
        .collect();
    assert_eq!(
        receipts,
        [
            interrupted(Some(first), 40),
            finished(second, 10),
            interrupted(Some(third), 0),
            finished(fourth, 10)
        ]
    );
}

/// "A confirmed barge-in still plays what streamed in meanwhile" (livekit/agents-js#2122).
#[test]
fn a_discard_takes_what_streamed_in_while_it_was_held() {
    for begins_another in [false, true] {
        for has_utterances in [true, false] {
            let (mut feeder, controller, mut renderer, mut monitor) = stream(&plain()).unwrap();
            let old = has_utterances.then(|| feeder.begin_utterance().unwrap());
            feeder.push(&[HALF; 100]).unwrap();
            render_blocks(&mut renderer, 40, &[40]);
            controller.hold();
            // The producer does not know.
            if has_utterances {
                assert_eq!(feeder.push(&[HALF; 100]), Ok(100));
            }
            assert_eq!(render_blocks(&mut renderer, 100, &[50]), [0.0; 100]);
            if begins_another {
                if has_utterances {
                    feeder.begin_utterance().unwrap();
                }
                assert_eq!(feeder.push(&[-HALF; 20]), Ok(20));
            }
            controller.discard();
            if begins_another {
                assert_eq!(feeder.push(&[-HALF; 5]), Ok(5), "it is another");
                let sound = render_blocks(&mut renderer, 30, &[7]);
                assert_eq!(sound[..25], [-0.5; 25]);
                assert_eq!(sound[25..], [0.0; 5]);
            } else {
                if has_utterances {
                    assert_eq!(feeder.push(&[HALF; 5]), Err(REFUSED));
                }
                assert_eq!(render_blocks(&mut renderer, 300, &[100]), [0.0; 300]);
            }
            let receipt = interrupted(old, 40);
            assert!(told(&mut monitor).iter().any(|(_, kind)| *kind == receipt));
            let dropped = if has_utterances { 160 } else { 60 };
            assert_eq!(monitor.snapshot().dropped_frames, dropped);
        }
    }
}

/// A false alarm: the reply goes on as if nothing had been, and its producer never learns of it.
#[test]
fn a_hold_that_is_resumed_leaves_the_producer_alone() {
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&plain()).unwrap();
    feeder.begin_utterance().unwrap();
    feeder.push(&[HALF; 100]).unwrap();
    render_blocks(&mut renderer, 40, &[40]);
    controller.hold();
    feeder.push(&[HALF; 100]).unwrap();
    render_blocks(&mut renderer, 40, &[40]);
    controller.resume();
    feeder.push(&[HALF; 100]).unwrap();
    // Too late: nothing is held any more.
    controller.discard();
    feeder.push(&[HALF; 100]).unwrap();
    assert_eq!(render_blocks(&mut renderer, 360, &[77]), [0.5; 360]);
    assert_eq!(monitor.snapshot().dropped_frames, 0);
    assert_eq!(events(&mut monitor).len(), 1, "started");
}

/// A cancellation refuses what is still pushed into its utterance, and fades as long as it was told to.
#[test]
fn a_cancelled_utterance_takes_nothing_more() {
    let (mut feeder, controller, mut renderer, mut monitor) = stream(&plain()).unwrap();
    let id = feeder.begin_utterance().unwrap();
    feeder.push(&[HALF; 200]).unwrap();
    render_blocks(&mut renderer, 40, &[40]);
    assert!(controller.cancel(id, Ramp::Frames(100)));
    assert_eq!(feeder.push(&[HALF; 10]), Err(REFUSED));
    assert_eq!(
        feeder.push_blocking(&[HALF; 10], Duration::MAX),
        Err(REFUSED)
    );
    let sound = render_blocks(&mut renderer, 200, &[33]);
    for (frame, sample) in sound.iter().enumerate() {
        let gain = 1.0 - (frame + 1).min(100) as f32 / 100.0;
        assert!((sample - 0.5 * gain).abs() < 1e-6, "{frame}");
    }
    feeder.begin_utterance().unwrap();
    assert_eq!(feeder.push(&[HALF; 10]), Ok(10));
    let receipt = interrupted(Some(id), 140);
    assert!(told(&mut monitor).contains(&(140, receipt)));
}

/// The synthesizer is late, all that came has been heard, and then somebody speaks: the utterance is interrupted all the
/// same, and its receipt says how much of it was heard.
#[test]
fn an_interruption_in_a_gap_has_its_receipt() {
    for wait in [0, 1, 40] {
        for adaptive in [false, true] {
            let mut config = config("24000x1:s16le", "24000x1:f32le");
            if adaptive {
                config.buffering = rt_callback::Buffering::Adaptive {
                    min: Duration::from_millis(20),
                    max: Duration::from_millis(300),
                };
            }
            let (mut feeder, controller, mut renderer, mut monitor) = stream(&config).unwrap();
            let id = feeder.begin_utterance().unwrap();
            feeder.push(&samples(2_400)).unwrap();
            render_blocks(&mut renderer, 2_400 + 480 + wait * 480, &[480]);
            controller.interrupt(Ramp::Milliseconds(20.0));
            assert!(feeder.push(&samples(10)).is_err());
            render_blocks(&mut renderer, 4_800, &[480]);
            let receipts = told(&mut monitor)
                .into_iter()
                .map(|(_, kind)| kind)
                .filter(|kind| matches!(kind, EventKind::Interrupted { .. }))
                .collect::<Vec<_>>();
            assert_eq!(receipts.len(), 1, "{wait} {adaptive}");
            assert!(
                matches!(receipts[0], EventKind::Interrupted { utterance: Some(of), heard_frames: 2_400, .. } if of == id),
                "{wait} {adaptive}: {receipts:?}"
            );
        }
    }
}
