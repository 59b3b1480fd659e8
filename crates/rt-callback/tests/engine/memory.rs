//! What one stream holds in memory, filter tables apart.

use crate::common::allocator::held;
use crate::common::spec;
use rt_callback::{Config, Resample, ResampleTables, stream};

/// 24,000 bytes of it are the queue. 35,250 (linear) and 36,826 (balanced, high) were measured with the feature
/// `futures`, which adds 40 to 50. On s390x they are some 1,560 more: a cache line has 256 bytes there, and the ends of
/// queues are so far apart.
const BOUND: usize = if cfg!(target_arch = "s390x") { 38 } else { 36 } * 1024;

#[test]
fn a_voice_stream_stays_small() {
    const STREAMS: usize = 100;
    let (source, device) = (spec("24000x1:s16le"), spec("48000x2:f32le"));
    for resample in [Resample::Linear, Resample::Balanced, Resample::High] {
        let mut tables = ResampleTables::default();
        tables
            .prepare(source.rate_hz, device.rate_hz, resample)
            .unwrap();
        let mut config = Config::new(source, device);
        config.resample = resample;
        config.tables = tables;
        assert_eq!(config.queue_frames, 12_000, "half a second");
        let mut streams = Vec::with_capacity(STREAMS);
        let before = held();
        for _ in 0..STREAMS {
            streams.push(stream(&config).unwrap());
        }
        let halves = size_of_val(&streams[0]);
        let bytes = (held() - before) as usize / STREAMS + halves;
        println!("{resample}: {bytes} bytes a stream, {halves} of them in the halves");
        assert!(bytes <= BOUND, "{resample}: {bytes} bytes");
    }
}

/// Plans and queues that are done with are freed by the feeder's next calls.
#[test]
fn a_stream_that_changes_its_source_holds_no_more_for_it() {
    let mut config = crate::common::config("48000x1:s16le", "48000x1:s16le");
    config.marker_capacity = 8;
    let (mut feeder, _, mut renderer, _monitor) = stream(&config).unwrap();
    let mut after = Vec::with_capacity(60);
    for round in 0..60 {
        let source = ["24000x1:s16le", "16000x2:s16le"][round % 2];
        feeder.set_source(crate::common::spec(source)).unwrap();
        feeder.push(&[1_000_i16; 100]).unwrap();
        renderer.render(&mut [0_i16; 1_000]);
        after.push(held());
    }
    assert_eq!(after[19], after[59], "{after:?}");
}
