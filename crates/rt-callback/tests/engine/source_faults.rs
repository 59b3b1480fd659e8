//! Sources that end in a gap, claim too much, or are told of a device without measure.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::common::{config, events, render_blocks};
use rt_callback::{EventKind, FrameSource, RenderStatus, Resample, stream_from};

/// A source that runs dry and then ends has ended where it ran dry: the decay stood for the resampler's tail.
#[test]
fn nothing_is_heard_of_a_source_that_ends_in_a_gap() {
    for device in ["48000x1:f32le", "24000x1:f32le", "44100x1:f32le"] {
        let ended = Arc::new(AtomicBool::new(false));
        struct Dry(usize, Arc<AtomicBool>);
        impl FrameSource for Dry {
            fn fill(&mut self, block: &mut [f32]) -> usize {
                let count = block.len().min(self.0);
                block[..count].fill(0.5);
                self.0 -= count;
                count
            }
            fn is_ended(&self) -> bool {
                self.1.load(Ordering::Relaxed)
            }
        }
        let config = config("24000x1:f32le", device);
        let source = Box::new(Dry(1_000, Arc::clone(&ended)));
        let (_, mut renderer, mut monitor) = stream_from(&config, source).unwrap();
        render_blocks(&mut renderer, 9_600, &[480]);
        ended.store(true, Ordering::Relaxed);
        let sound = render_blocks(&mut renderer, 9_600, &[480]);
        assert!(sound.iter().all(|sample| *sample == 0.0), "{device}");
        assert!(renderer.is_at_end());
        let counters = monitor.snapshot();
        assert_eq!((counters.underruns, counters.starved_frames), (0, 0));
        let told = events(&mut monitor);
        assert!(told.iter().all(|event| event.kind == EventKind::Underrun));
    }
}

/// Whichever fill claims too much: it is counted once, and the rest of the block is silent.
#[test]
fn every_fill_that_claims_too_much_is_seen() {
    for (source, device) in [
        ("96000x1:f32le", "48000x1:f32le"),
        ("24000x1:f32le", "48000x1:f32le"),
        ("48000x1:f32le", "48000x1:f32le"),
    ] {
        for wrong in 1..=5 {
            let mut fills = 0;
            let claims = move |block: &mut [f32]| {
                fills += 1;
                block.fill(0.5);
                block.len() + usize::from(fills == wrong)
            };
            let mut config = config(source, device);
            config.ramp_frames = 0;
            let (_, mut renderer, monitor) = stream_from(&config, Box::new(claims)).unwrap();
            let statuses: Vec<_> = (0..6)
                .map(|_| renderer.render(&mut [0.0_f32; 1_200]))
                .collect();
            let counted = monitor.snapshot().shape_mismatches;
            assert_eq!(counted, 1, "{source} {device} fill {wrong}");
            let seen = statuses.iter();
            let seen = seen.filter(|status| **status == RenderStatus::ShapeMismatch);
            assert_eq!(seen.count(), 1, "{source} {device} fill {wrong}");
        }
    }
}

#[test]
fn no_latency_is_too_long_for_a_source() {
    let mut config = config("96000x1:f32le", "48000x1:f32le");
    config.resample = Resample::Balanced;
    let source = |block: &mut [f32]| block.len();
    let (_, mut renderer, _) = stream_from(&config, Box::new(source)).unwrap();
    for frames in [0, u64::MAX, u64::MAX / 2] {
        renderer.set_device_latency(frames);
        assert_eq!(renderer.render(&mut [0.0_f32; 480]), RenderStatus::Rendered);
    }
}
