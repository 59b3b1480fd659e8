//! The tap on another device: it holds as many frames as before.

use crate::common::{config, samples, spec};
use rt_callback::{Monitor, Renderer, Tap, stream};

/// A stream of a tapped device, with nothing pushed but what sounds at once.
fn tapped(device: &str, tap_frames: usize) -> (Renderer, Monitor, Tap) {
    let mut config = config("48000x1:s16le", device);
    config.tap_frames = tap_frames;
    let (mut feeder, _, renderer, mut monitor) = stream(&config).unwrap();
    let frames = feeder.free_frames();
    assert_eq!(feeder.push(&samples(frames)), Ok(frames));
    let tap = monitor.take_tap().unwrap();
    (renderer, monitor, tap)
}

fn render(renderer: &mut Renderer, frames: usize) -> Vec<f32> {
    let mut block = vec![f32::NAN; frames * renderer.device().channels()];
    renderer.render(&mut block);
    block
}

/// Reads all that there is, in calls of `size` samples: the samples, and where each stretch of one device begins.
fn read(tap: &mut Tap, size: usize) -> (Vec<f32>, Vec<(u64, u32, usize)>) {
    let (mut all, mut begins) = (Vec::new(), Vec::new());
    let mut next = None;
    loop {
        let mut out = vec![f32::NAN; size];
        let tapped = tap.read(&mut out);
        if tapped.frames == 0 {
            return (all, begins);
        }
        let here = (tapped.at_frame, tapped.rate_hz, tapped.channels);
        if next != Some(here) {
            begins.push(here);
        }
        next = Some((
            tapped.at_frame + tapped.frames as u64,
            tapped.rate_hz,
            tapped.channels,
        ));
        all.extend_from_slice(&out[..tapped.frames * tapped.channels]);
    }
}

/// "An echo reference drifts after a device switch" (elizaOS/eliza#9633). Here it stopped for good: the tap of a mono
/// device had no room for one block of a stereo device.
#[test]
fn a_tap_holds_as_many_frames_of_a_device_with_more_channels() {
    for (first, then, block) in [
        ("48000x1:f32le", "48000x2:f32le", 480),
        ("48000x2:f32le", "48000x8:f32le", 480),
        ("48000x1:f32le", "44100x6:f32le", 441),
        ("48000x1:f32le", "8000x2:f32le", 480),
    ] {
        let (mut renderer, _monitor, mut tap) = tapped(first, 480);
        let mut expected = render(&mut renderer, 480);
        let begins = [(first, 0), (then, 480)].map(|(device, at)| {
            let device = spec(device);
            (at, device.rate_hz, device.channels())
        });
        renderer.rebind(spec(then)).unwrap();
        // The old device's frames are still there, and come first.
        expected.extend(render(&mut renderer, block));
        let (all, told) = read(&mut tap, 97);
        assert_eq!(all, expected, "{first} {then}");
        assert_eq!(told, begins, "{first} {then}");
        for _ in 0..3 {
            let expected = render(&mut renderer, block);
            assert_eq!(read(&mut tap, 1_000).0, expected, "{first} {then}");
        }
    }
}

/// A second of a headset's microphone rate is still a second of the surround device that comes after it.
#[test]
fn a_tap_holds_as_long_of_a_device_with_a_higher_rate() {
    let (mut renderer, _monitor, mut tap) = tapped("8000x1:s16le", 8_000);
    renderer.rebind(spec("48000x8:f32le")).unwrap();
    let mut expected = Vec::new();
    for _ in 0..46 {
        expected.extend(render(&mut renderer, 1_024));
    }
    let (all, told) = read(&mut tap, 5_000);
    assert_eq!(all.len(), 8 * 46 * 1_024);
    assert_eq!(all, expected);
    assert_eq!(told, [(0, 48_000, 8)]);
    // It is full after a second, and loses whole blocks.
    for _ in 0..50 {
        render(&mut renderer, 1_024);
    }
    assert_eq!(read(&mut tap, 5_000).0.len(), 8 * 46 * 1_024);
}

/// From device to device and back, read now and then or only at the end: what is read is what was rendered.
#[test]
fn a_tap_is_read_in_order_through_every_device() {
    for read_every in [1, 3, 100] {
        for size in [64, 333, 20_000] {
            let (mut renderer, _monitor, mut tap) = tapped("48000x2:f32le", 2_000);
            let (mut expected, mut all, mut begins) = (Vec::new(), Vec::new(), Vec::new());
            let mut at = 0;
            let mut device = spec("48000x2:f32le");
            let next = [
                "48000x1:f32le",
                "48000x4:f32le",
                "44100x8:f32le",
                "48000x2:f32le",
            ];
            for round in 0..8 {
                begins.push((at, device.rate_hz, device.channels()));
                for _ in 0..2 {
                    expected.extend(render(&mut renderer, 50));
                    at += 50;
                }
                if round % read_every == read_every - 1 {
                    all.extend(read(&mut tap, size).0);
                }
                // A device that is refused changes nothing, and one that nothing is rendered for leaves no trace.
                let refused = renderer.rebind(spec("48000x64:f32le"));
                if refused.is_ok() {
                    renderer.rebind(device).unwrap();
                }
                device = spec(next[round % 4]);
                renderer.rebind(device).unwrap();
            }
            let (rest, told) = read(&mut tap, size);
            all.extend(rest);
            assert_eq!(all, expected, "{read_every} {size}");
            if read_every == 100 {
                assert_eq!(told, begins, "{size}");
            }
        }
    }
}

/// Nobody reads while the devices come and go: whole blocks are lost, and what is read is in its place.
#[test]
fn a_tap_that_nobody_reads_finds_its_way_back() {
    let (mut renderer, _monitor, mut tap) = tapped("48000x1:f32le", 100);
    for round in 0..40 {
        let channels = 1 + round % 8;
        let device = format!("48000x{channels}:f32le");
        renderer.rebind(spec(&device)).unwrap();
        render(&mut renderer, 60);
    }
    let (_, told) = read(&mut tap, 1_000);
    assert!(told.len() >= 10, "{told:?}");
    for (at_frame, _, channels) in told {
        assert_eq!(at_frame % 60, 0);
        assert_eq!(channels as u64, 1 + at_frame / 60 % 8);
    }
    let last = render(&mut renderer, 60);
    assert_eq!(read(&mut tap, 1_000), (last, vec![(2_400, 48_000, 8)]));
}
