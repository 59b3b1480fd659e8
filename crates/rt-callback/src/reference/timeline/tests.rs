use super::*;

/// Numbers in `-1.0..1.0`, the same in each run.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(self.0 >> 8) / f64::from(1_u32 << 23) - 1.0
    }
}

/// A device that is observed every 480 frames.
struct Device {
    rate_hz: u32,
    drift: f64,
    frame: u64,
    time_ns: f64,
}

impl Device {
    fn run(&mut self, timeline: &mut Timeline, blocks: usize, mut off_ns: impl FnMut() -> f64) {
        for _ in 0..blocks {
            timeline.note(Seen {
                frame: self.frame,
                rate_hz: self.rate_hz,
                time_ns: self.time_ns + off_ns(),
            });
            self.frame += 480;
            self.time_ns += 480.0 * 1e9 / (f64::from(self.rate_hz) * (1.0 + self.drift));
        }
    }
}

const DEVICE: Device = Device {
    rate_hz: 48_000,
    drift: -200e-6,
    frame: 1_000,
    time_ns: 5e9,
};

/// How far the line is off at the latest frame, and half a second before it, in ns.
fn off_ns(timeline: &Timeline, device: &Device) -> [f64; 2] {
    let frame_ns = 1e9 / (f64::from(device.rate_hz) * (1.0 + device.drift));
    [0.0, 24_000.0].map(|back| {
        let frame = device.frame as f64 - back;
        (timeline.time_of(frame).unwrap() - (device.time_ns - back * frame_ns)).abs()
    })
}

#[test]
fn a_line_is_found_from_the_first_block_on_and_gets_better() {
    let (mut timeline, mut device, mut noise) = (Timeline::default(), DEVICE, Noise(1));
    assert_eq!(timeline.time_of(0.0), None);
    assert_eq!(timeline.at(0.0), None);
    for (blocks, bound_ns) in [(1, 25e3), (9, 20e3), (90, 8e3), (2_900, 2e3)] {
        device.run(&mut timeline, blocks, || noise.next() * 20e3);
        let off_ns = off_ns(&timeline, &device);
        assert!(off_ns[0] < bound_ns, "{blocks}: {off_ns:?}");
    }
    assert!(off_ns(&timeline, &device)[1] < 2e3);
    assert_eq!(timeline.stretches.len(), 1);
    assert!((timeline.stretches[0].drift - 200e-6).abs() < 1e-6);
}

#[test]
fn a_clock_that_warms_up_is_followed() {
    let (mut timeline, mut device, mut noise) = (Timeline::default(), DEVICE, Noise(5));
    for minute in 0..20 {
        device.drift += 1e-6;
        device.run(&mut timeline, 6_000, || noise.next() * 20e3);
        let off_ns = off_ns(&timeline, &device)[0];
        assert!(off_ns < 10e3, "{minute}: {off_ns}");
    }
    assert_eq!(timeline.stretches.len(), 1);
}

#[test]
fn a_callback_that_is_late_once_moves_nothing() {
    let (mut timeline, mut device, mut noise) = (Timeline::default(), DEVICE, Noise(2));
    device.run(&mut timeline, 1_000, || noise.next() * 10e3);
    for late_ns in [1e6, 50e6, -3e6] {
        device.run(&mut timeline, 1, || late_ns);
        device.run(&mut timeline, 3, || noise.next() * 10e3);
        assert!(off_ns(&timeline, &device)[0] < 5e3);
    }
    assert_eq!(timeline.stretches.len(), 1);
}

#[test]
fn a_jump_begins_a_stretch_at_its_frame() {
    for jump_ns in [700e6, 5e6, 0.4e6, -2e6] {
        let (mut timeline, mut device, mut noise) = (Timeline::default(), DEVICE, Noise(3));
        device.run(&mut timeline, 1_000, || noise.next() * 10e3);
        let (frame, before_ns) = (device.frame, device.time_ns);
        device.time_ns += jump_ns;
        device.run(&mut timeline, 2, || noise.next() * 10e3);
        assert_eq!(timeline.stretches.len(), 2, "{jump_ns}");
        assert_eq!(timeline.stretches[1].from_frame, frame);
        assert!(off_ns(&timeline, &device)[0] < 12e3, "{jump_ns}");
        // The times before the jump have not changed.
        let before = timeline.time_of(frame as f64 - 1.0).unwrap();
        assert!(
            (before - before_ns + 1e9 / 48_000.0).abs() < 5e3,
            "{jump_ns}"
        );
        // The device stood still in between.
        let between = timeline.at(before_ns + jump_ns / 2.0);
        assert_eq!(between.is_none(), jump_ns > 1e6, "{jump_ns}");
        assert!(timeline.at(before_ns - 2e6).is_some());
    }
}

#[test]
fn a_jump_that_no_callback_is_late_by_is_believed_at_once() {
    let (mut timeline, mut device) = (Timeline::default(), DEVICE);
    device.run(&mut timeline, 100, || 0.0);
    device.time_ns += 0.7e9;
    device.run(&mut timeline, 1, || 0.0);
    assert!(off_ns(&timeline, &device)[0] < 10e3);
}

#[test]
fn another_rate_begins_a_stretch_and_goes_on_with_the_frames() {
    let (mut timeline, mut device) = (Timeline::default(), DEVICE);
    device.run(&mut timeline, 100, || 0.0);
    let (frame, time_ns) = (device.frame as f64, device.time_ns);
    device.rate_hz = 16_000;
    device.drift = 150e-6;
    device.run(&mut timeline, 1, || 0.0);
    let second_ns = 1e9 * (1.0 - 150e-6);
    let later = timeline.at(time_ns + second_ns).unwrap();
    assert_eq!(later.rate_hz, 16_000);
    // Of this device's drift, only that of the one before is known.
    assert!((later.frame - frame - 16_000.0).abs() < 16_000.0 * 400e-6);
    let earlier = timeline.at(time_ns - 1e6).unwrap();
    assert_eq!(earlier.rate_hz, 48_000);
    assert!((earlier.frame - (frame - 48.0 * (1.0 - 200e-6))).abs() < 0.5);
    // No position is missing where the lines meet.
    for step in -20..20 {
        let at = timeline.at(time_ns + f64::from(step) * 1e3);
        assert!(at.is_some(), "{step}");
    }
}

/// If the device does not tell how late a callback is, only the mean can be known.
#[test]
fn lateness_that_is_not_told_is_evened_out() {
    for mean_ns in [0.2e6, 1e6, 5e6] {
        let (mut timeline, mut device, mut noise) = (Timeline::default(), DEVICE, Noise(4));
        device.run(&mut timeline, 6_000, || (noise.next() + 1.0) * mean_ns);
        let off_ns = off_ns(&timeline, &device)[0] - mean_ns;
        assert!(off_ns.abs() < 0.06 * mean_ns, "{mean_ns}: {off_ns}");
        let begun = timeline.stretches.back().unwrap().from_frame;
        assert!(
            begun < 100 * 480,
            "{mean_ns}: it has been one stretch since {begun}"
        );
    }
}

#[test]
fn a_clock_that_stands_still_or_runs_backwards_panics_nothing() {
    let mut timeline = Timeline::default();
    for step in 0..1_000_u64 {
        timeline.note(Seen {
            frame: step * 7 % 500,
            rate_hz: [0, 1, 48_000, u32::MAX][step as usize / 5 % 4],
            time_ns: [0.0, -1e18, 1e18, 3.0][step as usize % 4],
        });
        let _ = timeline.at(0.0);
        let _ = timeline.time_of(1e18);
    }
    assert!(timeline.stretches.len() <= STRETCHES);
}
