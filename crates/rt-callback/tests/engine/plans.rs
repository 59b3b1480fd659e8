//! Every plan is its stages one after the other: decode, mix, resample each channel, encode. Here they are taken from
//! the leaf crates, in doubles and a channel at a time, and the engine's three directions give the same.

use channel_mix::{ChannelLayout, MixMatrix, MixOptions, MixRules};
use pcm_convert::{Rounding, bytes};
use proptest::prelude::*;
use rate_convert::{Linear, Quality, Resampler, Sinc};
use rt_callback::{
    CaptureConfig, Config, FrameSource, Resample, SampleFormat, StreamSpec, capture, stream,
    stream_from,
};

const LAYOUTS: [&str; 16] = [
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "8",
    "9",
    "FL",
    "LFE",
    "2.1",
    "quad",
    "5.1",
    "7.1",
    "5.1.4",
    "discrete-2",
];
const RATES: [u32; 7] = [8_000, 11_025, 16_000, 24_000, 44_100, 48_000, 96_000];

/// What is converted.
#[derive(Debug, Clone, Copy)]
struct Case {
    source: StreamSpec,
    device: StreamSpec,
    mix: MixOptions,
    resample: Resample,
    frames: usize,
    block_frames: usize,
}

impl Case {
    /// So quiet that nothing clips, whatever the mix.
    fn bytes(&self) -> Vec<u8> {
        let samples = crate::common::samples(self.frames * self.source.channels());
        let quiet: Vec<f64> = samples.iter().map(|x| f64::from(*x) / 200_000.0).collect();
        let mut bytes = vec![0; quiet.len() * self.source.format.bytes_per_sample()];
        bytes::encode_f64(
            self.source.format,
            Rounding::NearestEven,
            &quiet,
            &mut bytes,
        );
        bytes
    }

    fn expected(&self, bytes: &[u8]) -> Vec<f64> {
        let inputs = self.source.channels();
        let mut x = vec![0.0; self.frames * inputs];
        bytes::decode_f64(self.source.format, bytes, &mut x);
        let matrix = MixMatrix::new(&self.source.layout, &self.device.layout, self.mix);
        let planes: Vec<Vec<f32>> = (0..self.device.channels())
            .map(|output| {
                let mixed = x.chunks_exact(inputs).map(|frame| {
                    let parts = frame.iter().enumerate();
                    parts
                        .map(|(input, x)| x * f64::from(matrix.coefficient(output, input)))
                        .sum::<f64>() as f32
                });
                self.resampled(&mixed.collect::<Vec<_>>())
            })
            .collect();
        (0..planes[0].len())
            .flat_map(|frame| planes.iter().map(move |plane| f64::from(plane[frame])))
            .collect()
    }

    fn resampled(&self, x: &[f32]) -> Vec<f32> {
        let (from, to) = (self.source.rate_hz, self.device.rate_hz);
        if from == to {
            return x.to_vec();
        }
        let mut storage;
        let mut resampler: Resampler<'_> = match self.resample {
            Resample::Linear => Linear::new(from, to, 1).unwrap().into(),
            resample => {
                let quality = match resample {
                    Resample::High => Quality::High,
                    _ => Quality::Balanced,
                };
                storage = vec![0.0; Sinc::storage_len(from, to, 1, quality).unwrap()];
                Sinc::new(from, to, 1, quality, &mut storage)
                    .unwrap()
                    .into()
            }
        };
        let frames = (x.len() * to as usize).div_ceil(from as usize);
        let mut y = vec![0.0; frames + 1];
        let done = resampler.process(x, &mut y);
        assert_eq!(done.frames_read, x.len());
        let tail = resampler.flush(&mut y[done.frames_written..]);
        assert_eq!(done.frames_written + tail.frames_written, frames);
        y.truncate(frames);
        y
    }

    /// What the stream renders from its first frame on: so many frames.
    fn played(&self, bytes: &[u8], frames: usize) -> Vec<f64> {
        let mut config = Config::new(self.source, self.device);
        config.queue_frames = self.frames;
        config.mix = self.mix;
        config.resample = self.resample;
        let (mut feeder, _controller, mut renderer, monitor) = stream(&config).unwrap();
        assert_eq!(feeder.push_bytes(bytes), Ok(bytes.len()));
        feeder.end_utterance().unwrap();
        let block = vec![0x55; self.block_frames * self.device.frame_bytes()];
        let mut out = Vec::new();
        while out.len() < frames * self.device.frame_bytes() {
            let mut block = block.clone();
            renderer.render_bytes(&mut block);
            out.extend(block);
        }
        let counters = monitor.snapshot();
        assert_eq!((counters.clipped_samples, counters.underruns), (0, 0));
        self.decoded(&out)
    }

    /// The same from a source that makes its samples itself.
    fn pulled(&self, bytes: &[u8], frames: usize) -> Vec<f64> {
        let mut config = Config::new(self.source, self.device);
        config.mix = self.mix;
        config.resample = self.resample;
        let mut left = vec![0.0; self.frames * self.source.channels()];
        bytes::decode(self.source.format, bytes, &mut left);
        let (_controller, mut renderer, _monitor) = stream_from(
            &config,
            Box::new(Made {
                channels: self.source.channels(),
                left,
            }),
        )
        .unwrap();
        let mut out = Vec::new();
        while out.len() < frames * self.device.frame_bytes() {
            let mut block = vec![0x55; self.block_frames * self.device.frame_bytes()];
            renderer.render_bytes(&mut block);
            out.extend(block);
        }
        self.decoded(&out)
    }

    /// What is captured, from the first frame to the last.
    fn captured(&self, bytes: &[u8]) -> Vec<f64> {
        let mut config = CaptureConfig::new(self.source, self.device);
        config.queue_frames = self.frames;
        config.mix = self.mix;
        config.resample = self.resample;
        let (mut recorder, mut reader) = capture(&config).unwrap();
        for block in bytes.chunks(self.block_frames * self.source.frame_bytes()) {
            recorder.record_bytes(block);
        }
        drop(recorder);
        let mut out = Vec::new();
        while !reader.is_at_end() {
            let mut block = vec![0x55; self.block_frames * self.device.frame_bytes()];
            let frames = reader.read_bytes(&mut block);
            out.extend(&block[..frames * self.device.frame_bytes()]);
        }
        self.decoded(&out)
    }

    fn decoded(&self, bytes: &[u8]) -> Vec<f64> {
        let mut samples = vec![0.0; bytes.len() / self.device.format.bytes_per_sample()];
        bytes::decode_f64(self.device.format, bytes, &mut samples);
        samples
    }

    /// Half a step of the format, and what floats round on the way.
    fn tolerance(&self, sample: f64) -> f64 {
        let step = match self.device.format {
            // A segment has 16 steps, the smallest of 2^-12 and 2^-11; and they are encoded from 14 and 13 bits.
            SampleFormat::MuLaw | SampleFormat::ALaw => sample.abs() / 16.0 + 1.0 / 1_024.0,
            format => match format.integer_bits() {
                Some(bits) => 2.0_f64.powi(1 - bits as i32),
                None => 0.0,
            },
        };
        0.51 * step + 2e-6
    }
}

/// Samples that are made beforehand.
struct Made {
    channels: usize,
    left: Vec<f32>,
}

impl FrameSource for Made {
    fn fill(&mut self, block: &mut [f32]) -> usize {
        let count = block.len().min(self.left.len());
        block[..count].copy_from_slice(&self.left[..count]);
        self.left.drain(..count);
        count / self.channels
    }

    fn is_ended(&self) -> bool {
        self.left.is_empty()
    }
}

fn spec() -> impl Strategy<Value = StreamSpec> {
    let layout = prop::sample::select(&LAYOUTS[..]);
    let rate = prop::sample::select(&RATES[..]);
    let format = prop::sample::select(SampleFormat::ALL);
    (format, rate, layout).prop_map(|(format, rate_hz, layout)| {
        let layout: ChannelLayout = layout.parse().unwrap();
        StreamSpec::new(format, rate_hz, layout)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_plan_is_its_stages_one_after_the_other(
        source in spec(),
        device in spec(),
        (same_format, same_rate) in any::<(bool, bool)>(),
        rules in prop::sample::select(&MixRules::ALL[..]),
        (keep_lfe, normalize) in any::<(bool, bool)>(),
        resample in prop::sample::select(Resample::ALL),
        frames in 1..1_500_usize,
        block_frames in prop_oneof![1..2_000_usize, 1..50_usize],
    ) {
        let device = StreamSpec {
            format: if same_format { source.format } else { device.format },
            rate_hz: if same_rate { source.rate_hz } else { device.rate_hz },
            ..device
        };
        let mix = MixOptions::new(rules).keep_lfe(keep_lfe).normalize(normalize);
        let case = Case { source, device, mix, resample, frames, block_frames };
        let bytes = case.bytes();
        let expected = case.expected(&bytes);
        let frames = expected.len() / device.channels();
        let heard = [
            ("played", case.played(&bytes, frames)),
            ("captured", case.captured(&bytes)),
            ("pulled", case.pulled(&bytes, frames)),
        ];
        for (way, heard) in heard {
            prop_assert!(heard.len() >= expected.len(), "{way}: {} samples", heard.len());
            for (at, (heard, expected)) in heard.iter().zip(&expected).enumerate() {
                let is_near = (heard - expected).abs() <= case.tolerance(*expected);
                prop_assert!(is_near, "{way}, sample {at}: {heard}, expected {expected}");
            }
            for heard in &heard[expected.len()..] {
                prop_assert!(heard.abs() <= case.tolerance(0.0), "{way}, behind the end: {heard}");
            }
        }
    }
}
