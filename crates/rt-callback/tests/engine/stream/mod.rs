//! The stream as its users meet it: what goes in comes out, in order, however it is cut.

mod sources;
use crate::common::{config, events, render_all, render_blocks, samples, spec};
use rt_callback::{
    Config, ConfigError, Decibels, EventKind, FeedError, RenderStatus, Resample, ResampleTables,
    Rounding, UtteranceId, stream,
};

#[test]
fn all_i16_values_pass_through_unchanged_under_every_rounding() {
    let data: Vec<i16> = (i16::MIN..=i16::MAX).collect();
    for rounding in Rounding::ALL.iter().copied() {
        for gain in [0.0, -0.0] {
            // With the meter on and off, as bytes, as i16 and through f32.
            for meter in [false, true] {
                let mut config = config("48000x1:s16le", "48000x1:s16le");
                config.rounding = rounding;
                config.gain = Decibels(gain);
                config.meter = meter;
                config.queue_frames = data.len();
                let (mut feeder, _, mut renderer, _) = stream(&config).unwrap();
                assert_eq!(feeder.push(&data).unwrap(), data.len());
                let mut out = vec![99_i16; data.len()];
                assert_eq!(renderer.render(&mut out), RenderStatus::Rendered);
                assert!(out == data);
            }
        }
    }
}

#[test]
fn mono_goes_to_both_channels_and_stereo_to_their_mean() {
    let (mut feeder, _, mut renderer, _) =
        stream(&config("48000x1:s16le", "48000x4:f32le")).unwrap();
    feeder.push(&[16384_i16, -32768]).unwrap();
    let mut out = [9.0_f32; 8];
    renderer.render(&mut out);
    assert_eq!(out, [0.5, 0.5, 0.0, 0.0, -1.0, -1.0, 0.0, 0.0]);

    let (mut feeder, _, mut renderer, _) =
        stream(&config("48000x2:s16le", "48000x1:f32le")).unwrap();
    feeder.push(&[16384_i16, -32768]).unwrap();
    let mut out = [9.0_f32; 1];
    renderer.render(&mut out);
    assert_eq!(out, [-0.25]);
}

#[test]
fn cutting_changes_nothing() {
    let data = samples(2_000);
    for (source, device) in [
        ("24000x1:s16le", "48000x2:f32le"),
        ("44100x1:s16le", "48000x2:f32le"),
        ("48000x1:s16le", "44100x6:f32le"),
        ("16000x2:s16le", "44100x1:f32le"),
        ("48000x2:s16le", "48000x2:f32le"),
    ] {
        for resample in Resample::ALL {
            let render = |push, block| {
                let mut config = config(source, device);
                config.resample = *resample;
                config.queue_frames = 20_000;
                let (mut feeder, _, mut renderer, _) = stream(&config).unwrap();
                render_all(&mut feeder, &mut renderer, &data, push, block)
            };
            let whole = render(2_000, 8_192);
            let frames_in = data.len() as u64 / spec(source).channels() as u64;
            let frames_out = (frames_in * u64::from(spec(device).rate_hz))
                .div_ceil(u64::from(spec(source).rate_hz));
            let samples_out = frames_out as usize * spec(device).channels();
            for push in [1, 13, 480] {
                for block in [1, 7, 480, 4_096] {
                    let cut = render(push, block);
                    assert!(
                        cut[..samples_out] == whole[..samples_out],
                        "{source} {resample} {push} {block}"
                    );
                    assert!(cut[samples_out..].iter().all(|sample| *sample == 0.0));
                }
            }
        }
    }
}

#[test]
fn an_utterance_has_exactly_its_frames_and_tells_when() {
    let mut config = config("24000x1:s16le", "48000x2:f32le");
    config.queue_frames = 2_000;
    let (mut feeder, _, mut renderer, mut monitor) = stream(&config).unwrap();
    render_blocks(&mut renderer, 10, &[10]);
    let first = feeder.begin_utterance().unwrap();
    feeder.push(&samples(100)).unwrap();
    let mark = feeder.mark().unwrap();
    feeder.push(&samples(50)).unwrap();
    let second = feeder.begin_utterance().unwrap();
    feeder.push(&samples(30)).unwrap();
    feeder.end_utterance().unwrap();
    render_blocks(&mut renderer, 500, &[64, 7]);
    let told: Vec<_> = events(&mut monitor)
        .into_iter()
        .map(|event| (event.at_frame, event.kind))
        .collect();
    assert_eq!(
        told,
        [
            (10, EventKind::Started { utterance: first }),
            (210, EventKind::Mark { mark }),
            (
                310,
                EventKind::Finished {
                    utterance: first,
                    heard_frames: 150
                }
            ),
            (310, EventKind::Started { utterance: second }),
            (
                370,
                EventKind::Finished {
                    utterance: second,
                    heard_frames: 30
                }
            ),
        ]
    );
    let counters = monitor.snapshot();
    assert_eq!(counters.underruns, 0);
    assert_eq!(counters.startup_silence_frames, 10);
    assert_eq!(counters.idle_frames, 500 - 360);
    assert_eq!(counters.heard_frames, 180);
}

/// An end that falls on a block's last frame is told with that block, not with the next.
#[test]
fn an_end_is_told_by_the_block_that_reaches_it() {
    let (mut feeder, _, mut renderer, mut monitor) =
        stream(&config("24000x1:s16le", "48000x2:f32le")).unwrap();
    let utterance = feeder.begin_utterance().unwrap();
    feeder.push(&samples(240)).unwrap();
    feeder.end_utterance().unwrap();
    render_blocks(&mut renderer, 480, &[480]);
    let finished = EventKind::Finished {
        utterance,
        heard_frames: 240,
    };
    assert!(
        events(&mut monitor)
            .iter()
            .any(|event| event.kind == finished && event.at_frame == 480)
    );
}

/// Regression class: "an odd byte at the end of a network chunk is dropped, and all that follows
/// is noise" (NousResearch/hermes-agent#70851).
#[test]
fn a_sample_split_between_two_chunks_is_put_together() {
    let data = samples(333);
    let bytes: Vec<u8> = data
        .iter()
        .flat_map(|sample| sample.to_ne_bytes())
        .collect();
    for cut in [1, 3, 5, 7, 64] {
        let (mut feeder, _, mut renderer, _) =
            stream(&config("48000x1:s16le", "48000x1:s16le")).unwrap();
        for chunk in bytes.chunks(cut) {
            assert_eq!(feeder.push_bytes(chunk), Ok(chunk.len()));
        }
        let mut out = vec![0_i16; data.len()];
        renderer.render(&mut out);
        assert!(out == data, "{cut}");
    }
}

#[test]
fn dropping_the_feeder_is_an_end() {
    let (mut feeder, _, mut renderer, mut monitor) =
        stream(&config("24000x1:s16le", "48000x1:f32le")).unwrap();
    let utterance = feeder.begin_utterance().unwrap();
    feeder.push(&[16384_i16; 10]).unwrap();
    drop(feeder);
    let mut out = [9.0_f32; 30];
    assert_eq!(renderer.render(&mut out), RenderStatus::Rendered);
    assert_eq!(out[..20], [0.5; 20]);
    assert_eq!(out[20..], [0.0; 10]);
    assert_eq!(renderer.render(&mut out), RenderStatus::Idle);
    assert_eq!(
        events(&mut monitor).last().unwrap().kind,
        EventKind::Finished {
            utterance,
            heard_frames: 10
        }
    );
    assert_eq!(monitor.snapshot().underruns, 0);
}

#[test]
fn gain_applies_and_float_is_never_clipped() {
    let mut loud = config("48000x1:s16le", "48000x1:f32le");
    loud.gain = Decibels(20.0);
    let (mut feeder, _, mut renderer, monitor) = stream(&loud).unwrap();
    feeder.push(&[16384_i16, -16384]).unwrap();
    let mut out = [0.0_f32; 2];
    renderer.render(&mut out);
    assert_eq!(out, [5.0, -5.0]);
    assert_eq!(monitor.snapshot().clipped_samples, 0);
    let mut out = [0_i16; 2];
    feeder.push(&[16384_i16, -16384]).unwrap();
    renderer.render(&mut out);
    assert_eq!(out, [32767, -32768]);
    assert_eq!(monitor.snapshot().clipped_samples, 2);
}

/// Regression class: "NaN or Inf reaches the speakers" (LMMS/lmms#1048).
#[test]
fn what_is_not_finite_is_cleaned_and_counted_once() {
    let (mut feeder, _, mut renderer, monitor) =
        stream(&config("48000x1:f32le", "48000x2:f32le")).unwrap();
    feeder
        .push(&[f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 3.5, f32::MAX])
        .unwrap();
    let mut out = [9.0_f32; 10];
    renderer.render(&mut out);
    assert_eq!(
        out,
        [0.0, 0.0, 1.0, 1.0, -1.0, -1.0, 3.5, 3.5, f32::MAX, f32::MAX]
    );
    assert_eq!(monitor.snapshot().non_finite_samples, 3);
}

#[test]
fn arithmetic_that_overflows_is_made_finite_and_counted() {
    let mut config = config("48000x1:f32le", "48000x1:f32le");
    config.gain = Decibels(6.0);
    let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
    feeder.push(&[f32::MAX, -f32::MAX]).unwrap();
    let mut out = [9.0_f32; 2];
    renderer.render(&mut out);
    assert_eq!(out, [1.0, -1.0]);
    assert_eq!(monitor.snapshot().non_finite_samples, 2);
}

#[test]
fn a_config_that_cannot_be_is_refused() {
    let base = || config("48000x1:s16le", "48000x1:s16le");
    let refused = |change: fn(&mut Config)| {
        let mut config = base();
        change(&mut config);
        stream(&config).map(|_| ()).unwrap_err().to_string()
    };
    assert!(refused(|config| config.queue_frames = 0).contains("at least 1"));
    assert!(refused(|config| config.marker_capacity = 0).contains("at least 1"));
    assert!(refused(|config| config.event_capacity = 0).contains("at least 1"));
    assert!(refused(|config| config.queue_frames = usize::MAX).contains("memory"));
    assert!(refused(|config| config.source.rate_hz = 0).contains("0 Hz"));
    assert!(refused(|config| config.device.rate_hz = 768_001).contains("768001"));
    assert!(refused(|config| config.source.rate_hz = 100).contains("256"));
}

#[test]
fn utterances_are_numbered_from_zero() {
    let (mut feeder, ..) = stream(&config("48000x1:s16le", "48000x1:f32le")).unwrap();
    assert_eq!(feeder.begin_utterance().unwrap(), UtteranceId(0));
    assert_eq!(feeder.begin_utterance().unwrap(), UtteranceId(1));
}

#[test]
fn more_markers_than_fit_are_refused_until_some_have_sounded() {
    let mut config = config("48000x1:s16le", "48000x1:f32le");
    config.marker_capacity = 3;
    let (mut feeder, _, mut renderer, _) = stream(&config).unwrap();
    for _ in 0..3 {
        feeder.mark().unwrap();
    }
    assert_eq!(feeder.mark(), Err(FeedError::MarkersFull));
    assert_eq!(feeder.begin_utterance(), Err(FeedError::MarkersFull));
    feeder.push(&[1_i16; 10]).unwrap();
    render_blocks(&mut renderer, 10, &[10]);
    assert!(feeder.begin_utterance().is_ok());
}

/// A table made beforehand gives the same bits as one of the stream's own.
#[test]
fn streams_may_share_their_tables() {
    let data = samples(500);
    let mut own = config("24000x1:s16le", "48000x1:f32le");
    own.resample = Resample::High;
    let mut shared = own.clone();
    let mut tables = ResampleTables::default();
    tables.prepare(24_000, 48_000, Resample::High).unwrap();
    assert!(tables.prepare(1, 48_000, Resample::High).is_err());
    shared.tables = tables;
    let render = |config: &Config| {
        let (mut feeder, _, mut renderer, _) = stream(config).unwrap();
        render_all(&mut feeder, &mut renderer, &data, 500, 480)
    };
    assert_eq!(render(&own), render(&shared));
}

/// The look-ahead is in flight until it is heard, and a flush brings it out.
#[test]
fn a_sincs_look_ahead_is_in_flight() {
    let mut config = config("24000x1:s16le", "48000x1:f32le");
    config.resample = Resample::Balanced;
    let (mut feeder, _, mut renderer, monitor) = stream(&config).unwrap();
    assert_eq!(renderer.latency_frames(), 36);
    feeder.push(&samples(240)).unwrap();
    assert_eq!(renderer.missing_source_frames(400), 0);
    render_blocks(&mut renderer, 400, &[400]);
    let counters = monitor.snapshot();
    assert_eq!(counters.heard_frames, 200);
    assert!(
        (35..=37).contains(&counters.in_flight_frames),
        "{counters:?}"
    );
    feeder.end_utterance().unwrap();
    render_blocks(&mut renderer, 80, &[80]);
    assert_eq!(monitor.snapshot().heard_frames, 240);
    assert_eq!(monitor.snapshot().underruns, 0);
}

/// Sizes that no memory holds are refused, and do not overflow.
#[test]
fn capacities_without_bound_are_refused() {
    let config = config("48000x1:s16le", "48000x1:s16le");
    let sizes: [fn(&mut Config) -> &mut usize; 4] = [
        |config| &mut config.queue_frames,
        |config| &mut config.tap_frames,
        |config| &mut config.marker_capacity,
        |config| &mut config.event_capacity,
    ];
    for size in sizes {
        for most in [usize::MAX, usize::MAX - 15, usize::MAX / 2] {
            let mut config = config.clone();
            *size(&mut config) = most;
            assert_eq!(stream(&config).err(), Some(ConfigError::QueueTooLarge));
        }
    }
    let spec = config.source;
    assert_eq!(rt_callback::Mixer::with_room(spec, usize::MAX).1.count(), 0);
}
