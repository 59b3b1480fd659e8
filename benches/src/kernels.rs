//! The hot kernels, each as one work: what the counts count, and what stands beside C libraries.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;

use channel_mix::{MixMatrix, MixRules, Mixer};
use pcm_convert::{Converter, Dither, I24, Quantizer, Rounding, Sample};
use rate_convert::{Linear, Quality, Resampler, Sinc, SincTable};
use rt_callback::{Resample, StreamSpec};

use crate::clock::Call;

/// A conversion from one spec to another that one kernel does.
#[derive(Debug, Clone, Copy)]
pub struct Kernel {
    /// The name of the work, as criterion's groups have it.
    pub work: &'static str,
    /// What comes in.
    pub from: &'static str,
    /// What goes out.
    pub to: &'static str,
    /// Frames that go out in a call.
    pub frames: usize,
    /// Whether noise is added before rounding.
    pub is_dithered: bool,
    /// The qualities in which it is measured, where it resamples.
    pub qualities: &'static [Resample],
}

const fn convert(work: &'static str, from: &'static str, to: &'static str) -> Kernel {
    Kernel {
        work,
        from,
        to,
        frames: 960,
        is_dithered: false,
        qualities: &[],
    }
}

const fn mix(work: &'static str, from: &'static str, to: &'static str) -> Kernel {
    Kernel {
        frames: 480,
        ..convert(work, from, to)
    }
}

const fn resample(work: &'static str, from: &'static str, to: &'static str) -> Kernel {
    Kernel {
        frames: 480,
        qualities: &[Resample::Linear, Resample::Balanced, Resample::High],
        ..convert(work, from, to)
    }
}

const F32: &str = "48000x1:f32le";
const STEREO: &str = "48000x2:f32le";

/// All of them.
pub const KERNELS: [Kernel; 13] = [
    convert("convert/s16le-f32le/960", "48000x1:s16le", F32),
    convert("convert/f32le-s16le/960", F32, "48000x1:s16le"),
    Kernel {
        is_dithered: true,
        ..convert("convert/quantize-s16le-tpdf/960", F32, "48000x1:s16le")
    },
    convert("convert/s24le-f32le/960", "48000x1:s24le", F32),
    convert("convert/f32le-s24le/960", F32, "48000x1:s24le"),
    convert("convert/s32le-f32le/960", "48000x1:s32le", F32),
    convert("convert/f32le-s32le/960", F32, "48000x1:s32le"),
    convert("convert/u8-f32le/960", "48000x1:u8", F32),
    mix("mix/mono to stereo", F32, STEREO),
    mix("mix/stereo to mono", STEREO, F32),
    mix("mix/5.1 to stereo", "48000x6:f32le", STEREO),
    resample("resample/24000-48000", "24000x1:f32le", F32),
    resample("resample/44100-48000", "44100x1:f32le", F32),
];

impl Kernel {
    /// Bytes that go out in a call.
    #[must_use]
    pub fn out_bytes(&self) -> usize {
        let to = self.to.parse::<StreamSpec>();
        to.map_or(0, |to| self.frames * to.frame_bytes())
    }

    /// What does it here: the backend, after the quality where there is one.
    #[must_use]
    pub fn who(&self, resample: Option<Resample>) -> String {
        let backend = rate_convert::Backend::detect().name();
        resample.map_or_else(
            || backend.to_owned(),
            |resample| format!("{resample:?}-{backend}"),
        )
    }

    /// The work, by this project's crates.
    ///
    /// # Errors
    /// If it is no work of these crates.
    pub fn ours(&self, quality: Option<Resample>) -> Result<Call, Box<dyn Error>> {
        let (from, to): (StreamSpec, StreamSpec) = (self.from.parse()?, self.to.parse()?);
        if let Some(quality) = quality {
            let mut resampler = resampler(from.rate_hz, to.rate_hz, quality)?;
            let (x, mut y) = (floats(2 * self.frames), vec![0.0; self.frames]);
            return Ok(Box::new(move || {
                let needed = resampler.input_frames_for(y.len());
                let x = x.get(..needed).unwrap_or_default();
                resampler.process(black_box(x), black_box(&mut y));
            }));
        }
        if from.channels() != to.channels() {
            let matrix = MixMatrix::new(&from.layout, &to.layout, MixRules::Speakers);
            let mut mixer = Mixer::new(&matrix)?;
            let x = floats(self.frames * from.channels());
            let mut y = vec![0.0; self.frames * to.channels()];
            return Ok(Box::new(move || {
                mixer.mix_interleaved(black_box(&x), black_box(&mut y));
            }));
        }
        if self.is_dithered {
            let nearest = Rounding::NearestEven;
            let mut quantizer = Quantizer::new(2, nearest, Dither::Triangular, 1);
            let (x, mut y) = (floats(self.frames), vec![0_i16; self.frames]);
            return Ok(Box::new(move || {
                quantizer.quantize(black_box(&x), black_box(&mut y));
            }));
        }
        match (
            from.format.to_string().as_str(),
            to.format.to_string().as_str(),
        ) {
            ("s16le", "f32le") => Ok(converted::<i16, f32>(self.frames)),
            ("f32le", "s16le") => Ok(converted::<f32, i16>(self.frames)),
            ("s24le", "f32le") => Ok(converted::<I24, f32>(self.frames)),
            ("f32le", "s24le") => Ok(converted::<f32, I24>(self.frames)),
            ("s32le", "f32le") => Ok(converted::<i32, f32>(self.frames)),
            ("f32le", "s32le") => Ok(converted::<f32, i32>(self.frames)),
            ("u8", "f32le") => Ok(converted::<u8, f32>(self.frames)),
            _ => Err(format!("{}: no kernel for it", self.work).into()),
        }
    }
}

/// A copy of as many bytes.
#[must_use]
pub fn floor(bytes: usize) -> Call {
    let (from, mut to) = (vec![1_u8; bytes], vec![0_u8; bytes]);
    Box::new(move || black_box(&mut to[..]).copy_from_slice(black_box(&from)))
}

/// A resampler of one channel.
///
/// # Errors
/// If the rates are too far apart.
pub fn resampler(
    from: u32,
    to: u32,
    quality: Resample,
) -> Result<Resampler<'static>, Box<dyn Error>> {
    let sinc = |quality| {
        let table = Arc::new(SincTable::new(from, to, quality)?);
        Sinc::with_table(table, 1).map(Resampler::from)
    };
    Ok(match quality {
        Resample::Balanced => sinc(Quality::Balanced)?,
        Resample::High => sinc(Quality::High)?,
        _ => Linear::new(from, to, 1)?.into(),
    })
}

/// A whole signal through a new resampler, in blocks of 10 ms.
///
/// # Errors
/// If the rates are too far apart.
pub fn resampled(
    x: &[f32],
    from: u32,
    to: u32,
    quality: Resample,
) -> Result<Vec<f32>, Box<dyn Error>> {
    let mut resampler = resampler(from, to, quality)?;
    let most = x.len() * to as usize / from as usize + to as usize;
    let (mut y, mut at) = (vec![0.0; most], 0);
    for block in x.chunks(from as usize / 100) {
        at += resampler
            .process(block, y.get_mut(at..).unwrap_or_default())
            .frames_written;
    }
    at += resampler
        .flush(y.get_mut(at..).unwrap_or_default())
        .frames_written;
    y.truncate(at);
    Ok(y)
}

fn converted<A: Sample, B: Sample>(samples: usize) -> Call {
    let converter = Converter::<A, B>::new();
    let x: Vec<A> = floats(samples).into_iter().map(A::from_f32).collect();
    let mut y = vec![B::EQUILIBRIUM; samples];
    Box::new(move || {
        converter.convert(black_box(&x), black_box(&mut y));
    })
}

/// Noise within the range.
#[must_use]
pub fn floats(samples: usize) -> Vec<f32> {
    (0..samples)
        .map(|n| ((n * 7_919 % 2_001) as f32 - 1_000.0) / 1_001.0)
        .collect()
}
