//! Blocks for which nothing was prepared, and halves that are dropped in any order.

use crate::common::{config, samples, spec};
use rt_callback::{
    CaptureConfig, Config, FrameSource, Mixer, RecordStatus, Renderer, Resample, capture, stream,
    stream_from,
};

/// Longer than two seconds of any device here, and no multiple of anything.
const LONG: usize = 200_003;

/// Every order of four things.
fn orders() -> impl Iterator<Item = [usize; 4]> {
    (0..256).filter_map(|code| {
        let order = [code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6];
        let is_order = (0..4).all(|one| order.contains(&one));
        is_order.then_some(order)
    })
}

/// Short blocks, and then one that is far longer: all of it is written.
fn render(renderer: &mut Renderer) {
    let channels = renderer.device().channels();
    for frames in [64, 0, 1, LONG, 64, 2 * LONG] {
        let mut block = vec![f32::NAN; frames * channels];
        renderer.render(&mut block);
        assert!(block.iter().all(|sample| sample.is_finite()));
    }
    let mut bytes = vec![0xff; LONG * renderer.device().frame_bytes()];
    renderer.render_bytes(&mut bytes);
    let mut silence = vec![0; bytes.len()];
    renderer.device().format.fill_equilibrium(&mut silence);
    assert!(bytes == silence, "nothing is left");
}

/// RustAudio/cpal#607: a block of 4,096 samples for which 2,048 had been prepared was a panic; RustAudio/cpal#484:
/// another one followed as the stream was dropped.
#[test]
fn a_block_longer_than_all_before_it_is_written_and_whatever_is_dropped_next_is_dropped() {
    for (source, device) in [
        ("48000x2:f32le", "48000x2:f32le"),
        ("24000x1:s16le", "48000x2:s16le"),
        ("44100x2:s16le", "48000x5.1:s24le"),
        ("48000x1:u8", "8000x1:f64le"),
    ] {
        for (resample, order) in Resample::ALL.iter().cycle().zip(orders()) {
            let mut config = config(source, device);
            config.resample = *resample;
            config.meter = true;
            config.clock = Some(|| 0);
            config.tap_frames = 100;
            let (mut feeder, controller, mut renderer, monitor) = stream(&config).unwrap();
            let free = feeder.free_frames();
            let whole = vec![0x40; free * config.source.frame_bytes()];
            assert_eq!(feeder.push_bytes(&whole), Ok(whole.len()));
            feeder.end_utterance().unwrap();
            render(&mut renderer);
            assert_eq!(monitor.snapshot().heard_frames, free as u64);
            let mut halves = (
                Some(feeder),
                Some(controller),
                Some(renderer),
                Some(monitor),
            );
            for half in order {
                match half {
                    0 => drop(halves.0.take()),
                    1 => drop(halves.1.take()),
                    2 => drop(halves.2.take()),
                    _ => drop(halves.3.take()),
                }
                if let Some(renderer) = &mut halves.2 {
                    renderer.render(&mut vec![0.0_f32; 2 * config.device.channels()]);
                }
            }
        }
    }
}

/// The same of a source that is user code, and of streams in a stream.
#[test]
fn sources_and_mixers_are_asked_for_long_blocks_in_pieces() {
    struct One;
    impl FrameSource for One {
        fn fill(&mut self, block: &mut [f32]) -> usize {
            assert!(block.len() <= 2 * 512, "a piece");
            block.fill(0.5);
            block.len() / 2
        }
    }
    let bus = spec("48000x2:f32le");
    let (_, mut renderer, _) = stream_from(&Config::new(bus, bus), Box::new(One)).unwrap();
    let mut block = vec![f32::NAN; 2 * LONG];
    renderer.render(&mut block[..2]);
    renderer.render(&mut block);
    assert!(block.iter().all(|sample| *sample == 0.5));

    let mut mixer = Mixer::new(bus);
    let (mut feeder, _controller, input) = mixer
        .add(&config("24000x1:s16le", "48000x2:f32le"))
        .unwrap();
    feeder.push(&samples(12_000)).unwrap();
    drop(feeder);
    let (_, mut renderer, _) = stream_from(&Config::new(bus, bus), Box::new(mixer)).unwrap();
    renderer.render(&mut block[..2]);
    block.fill(f32::NAN);
    renderer.render(&mut block);
    assert!(block.iter().all(|sample| sample.is_finite()));
    assert_eq!(input.snapshot().heard_frames, 12_000);
}

/// The way in: what does not fit is counted as lost, whatever comes, and either half may go first.
#[test]
fn a_longer_block_from_a_microphone_is_taken_as_far_as_it_fits() {
    for resample in Resample::ALL {
        for reader_first in [false, true] {
            let mut config = CaptureConfig::new(spec("48000x2:s16le"), spec("16000x1:f32le"));
            config.resample = *resample;
            config.clock = Some(|| 0);
            config.timeline = true;
            let (mut recorder, mut reader) = capture(&config).unwrap();
            let block = samples(2 * LONG);
            assert_eq!(recorder.record(&block[..128]), RecordStatus::Recorded);
            let RecordStatus::Overrun { dropped_frames } = recorder.record(&block) else {
                panic!("all of it fitted");
            };
            let taken = 64 + LONG - dropped_frames;
            assert_eq!(taken, config.queue_frames);
            let mut out = vec![f32::NAN; 2 * LONG];
            let frames = reader.read(&mut out);
            assert!(frames > taken / 3 - 100, "{frames} of {taken}");
            assert!(out[..frames].iter().all(|sample| sample.is_finite()));
            if reader_first {
                drop(reader);
                recorder.record(&block);
            } else {
                drop(recorder);
                reader.read(&mut out);
            }
        }
    }
}
