//! Models of meters and load, which are read while they are written.

use super::{explore, spawn};
use crate::instruments::load::load_meter;
use crate::instruments::meters::{Level, meter};

use core::num::NonZeroUsize;

/// Several threads read at once. Each block is in one reading, whole, and none is in two.
#[test]
fn loom_looks_at_the_levels_share_the_blocks_out() {
    explore(4, 5_000, || {
        let (mut meter, reader) = meter();
        let measuring = spawn(move || {
            for _ in 0..2 {
                meter.measure(&[0.5; 4], NonZeroUsize::MIN);
                meter.publish();
            }
        });
        let other = reader.clone();
        let look = |reader: &crate::instruments::meters::MeterReader| {
            let mut level = [Level::default()];
            reader.take(&mut level);
            level[0]
        };
        let looking = spawn(move || look(&other));
        let mut levels = [Level::default(); 3];
        levels[0] = look(&reader);
        levels[1] = looking.join().unwrap();
        measuring.join().unwrap();
        levels[2] = look(&reader);
        for level in levels {
            assert!(level.peak == 0.0 || level.peak == 0.5, "{level:?}");
            assert!(level.rms == 0.0 || level.rms == 0.5, "{level:?}");
        }
        assert!(levels.iter().any(|level| level.rms == 0.5), "{levels:?}");
        assert!(levels.iter().any(|level| level.peak == 0.5), "{levels:?}");
    });
}

/// A reading while a block is added covers the blocks before it, or all. It never has a time without the length of its
/// block, nor a block without its time.
#[test]
fn loom_a_load_is_never_that_of_half_a_block() {
    explore(3, 1_000, || {
        let (meter, load) = load_meter();
        // Each callback takes a quarter of its block's duration.
        let adding = spawn(move || {
            meter.add(5_000, 1, 50_000);
            meter.add(5_000, 1, 50_000);
        });
        let mean = load.mean_share();
        assert!(mean <= 0.25, "a mean of {mean}");
        if load.blocks() > 0 {
            assert_eq!(load.max_nanoseconds(), 5_000, "a block without its time");
            assert!(load.nanoseconds(1.0) > 0, "a block without its time");
            assert!(load.mean_share() > 0.0, "a block without its time");
        }
        adding.join().unwrap();
        assert_eq!((load.blocks(), load.mean_share()), (2, 0.25));
    });
}
