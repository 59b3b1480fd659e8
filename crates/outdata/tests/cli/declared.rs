//! A rate is declared, never heard: what is declared is what plays, and it is said, so that a wrong one is seen.

use crate::bench::{Bench, report, text, wav};

/// A second of 500 Hz.
fn second(rate_hz: u32) -> Vec<u8> {
    (0..rate_hz)
        .flat_map(|at| {
            let phase = std::f64::consts::TAU * 500.0 * (f64::from(at) + 0.5) / f64::from(rate_hz);
            ((phase.sin() * 20_000.0) as i16).to_le_bytes()
        })
        .collect()
}

/// A WAV file that declares this rate.
fn declared(rate_hz: u32, samples: &[u8]) -> Vec<u8> {
    let mut file = wav(2, samples.len() as u32, samples);
    file[24..28].copy_from_slice(&rate_hz.to_le_bytes());
    file[28..32].copy_from_slice(&(2 * rate_hz).to_le_bytes());
    file
}

/// How long it is, and how often it swings, at the device's rate.
fn swings(samples: &[u8], rate_hz: u32) -> (f64, usize) {
    let samples: Vec<_> = samples
        .chunks_exact(2)
        .map(|sample| i16::from_le_bytes([sample[0], sample[1]]))
        .collect();
    let ups = samples.windows(2).filter(|two| two[0] < 0 && two[1] >= 0);
    (samples.len() as f64 / f64::from(rate_hz), ups.count())
}

/// AreevAI/flowcat#10, rhasspy/wyoming-satellite#184: speech at 24 kHz was declared as 48 kHz, and some at 22,050 Hz as
/// 16 kHz. Each rate on the way is declared once here: the sound's own, in its header or by `--raw`, and the device's.
#[test]
fn a_tone_keeps_its_pitch_and_its_length_at_every_rate() {
    let bench = Bench::new();
    for from in [8_000, 16_000, 22_050, 24_000, 44_100, 48_000] {
        let samples = second(from);
        bench.file("in.wav", &declared(from, &samples));
        for to in [16_000, 22_050, 24_000, 48_000] {
            let spec = format!("{to}x1:s16le");
            let raw = format!("s16le:{from}:1");
            let of_the_header = bench.run(&["render", "in.wav", "-", "--to", &spec]);
            let of_the_option = bench.run_with(
                &samples,
                &["render", "--raw", &raw, "--to", &spec, "-", "-"],
            );
            assert!(of_the_header.stdout == of_the_option.stdout, "{from} {to}");
            let (seconds, count) = swings(&of_the_header.stdout, to);
            assert_eq!(seconds, 1.0, "{from} {to}");
            assert!((499..=500).contains(&count), "{from} {to}: {count} Hz");
        }
    }
}

/// What nobody can hear from samples alone can be seen: a second of speech that is called half of one.
#[test]
fn a_wrong_declaration_shows_in_the_length_that_is_said() {
    let bench = Bench::new();
    for (is, declared_as, length) in [
        (24_000, 48_000, "0.500 s (24000 frames)"),
        (22_050, 16_000, "1.378 s (22050 frames)"),
    ] {
        bench.file("in.wav", &declared(declared_as, &second(is)));
        let output = bench.run(&["info", "in.wav", "--report", "json"]);
        let said = text(&output.stdout);
        for line in [
            format!("      rate  {declared_as} Hz"),
            format!("    length  {length}"),
        ] {
            assert!(said.lines().any(|said| said == line), "{line}\n{said}");
        }
        let seconds = report(&output)["seconds"].as_f64().unwrap();
        let expected = f64::from(is) / f64::from(declared_as);
        assert!((seconds - expected).abs() < 1e-3, "{seconds}");
        // It is the pitch that is wrong by as much.
        let spec = format!("{declared_as}x1:s16le");
        let rendered = bench.run(&["render", "in.wav", "-", "--to", &spec]);
        let (_, count) = swings(&rendered.stdout, declared_as);
        assert!((499..=500).contains(&count), "{count}");
    }
}
