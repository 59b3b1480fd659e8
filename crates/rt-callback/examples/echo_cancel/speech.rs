//! Something like speech: pulses and noise through the formants of vowels, in syllables, with pauses.
#![allow(unreachable_pub)]

use std::f64::consts::TAU;

use crate::room::Random;

/// Samples in a second.
pub const RATE_HZ: f64 = 16_000.0;

/// The first three formants of some vowels, in Hz.
const VOWELS: [[f64; 3]; 5] = [
    [730.0, 1_090.0, 2_440.0],
    [270.0, 2_290.0, 3_010.0],
    [300.0, 870.0, 2_240.0],
    [530.0, 1_840.0, 2_480.0],
    [570.0, 840.0, 2_410.0],
];

/// A talker, who never repeats a sentence.
pub struct Speech {
    random: Random,
    /// The samples since the syllable began, and how many it has.
    at: usize,
    length: usize,
    vowel: [f64; 3],
    pitch_hz: f64,
    is_voiced: bool,
    loudness: f64,
    /// Of the pulses.
    phase: f64,
    /// Each formant's last two outputs.
    resonators: [[f64; 2]; 3],
}

impl Speech {
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random(seed),
            at: 0,
            length: 0,
            vowel: VOWELS[0],
            pitch_hz: 120.0,
            is_voiced: true,
            loudness: 0.0,
            phase: 0.0,
            resonators: [[0.0; 2]; 3],
        }
    }

    pub fn fill(&mut self, out: &mut [f32]) {
        out.fill_with(|| self.sample());
    }

    fn sample(&mut self) -> f32 {
        if self.at == self.length {
            self.begin_syllable();
        }
        let part = self.at as f64 / self.length as f64;
        self.at += 1;
        let hz = self.pitch_hz * (1.1 - 0.2 * part);
        self.phase += hz / RATE_HZ;
        let noise = self.random.next() - 0.5;
        let is_pulse = self.phase >= 1.0;
        self.phase = self.phase.fract();
        let source = match (self.is_voiced, is_pulse) {
            (true, true) => 1.0,
            (true, false) => 0.02 * noise,
            (false, _) => 0.3 * noise,
        };
        let mut sum = 0.0;
        for (formant_hz, [last, before]) in self.vowel.iter().zip(&mut self.resonators) {
            // A pole pair of 90 Hz bandwidth.
            let radius = (-std::f64::consts::PI * 90.0 / RATE_HZ).exp();
            let turn = 2.0 * radius * (TAU * formant_hz / RATE_HZ).cos();
            let out = source + turn * *last - radius * radius * *before;
            (*before, *last) = (*last, out);
            sum += out * (1.0 - radius);
        }
        let swell = (part * std::f64::consts::PI).sin();
        (sum * swell * self.loudness) as f32
    }

    fn begin_syllable(&mut self) {
        let mut next = || self.random.next();
        self.at = 0;
        // 100 to 300 ms; every sixth is a pause.
        self.length = ((0.1 + 0.2 * next()) * RATE_HZ) as usize;
        self.vowel = VOWELS[(next() * 5.0) as usize % 5];
        self.pitch_hz = 95.0 + 80.0 * next();
        self.is_voiced = next() < 0.8;
        self.loudness = if next() < 1.0 / 6.0 {
            0.0
        } else {
            3.0 + 3.0 * next()
        };
    }
}
