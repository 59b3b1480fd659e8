//! What resamplers do to sound: ours and the Rust peers, named as criterion's rows name them.

use std::error::Error;
use std::num::NonZero;

use benches::kernels::{KERNELS, resampled};
use benches::quality::{Convert, sound};
use benches::rows::{Kind, Sound};
use dasp_signal::Signal;
use fixed_resample::{ResampleQuality, ResamplerConfig, resampler_from_quality};
use rt_callback::{Resample, StreamSpec};
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Async, Fft, FixedAsync, FixedSync, Resampler, SincInterpolationParameters, WindowFunction,
};

/// Output frames a call.
const BLOCK: usize = 480;
const FIXED: [(&str, ResampleQuality); 3] = [
    ("fixed-resample-low", ResampleQuality::Low),
    ("fixed-resample-high", ResampleQuality::High),
    ("fixed-resample-sinc", ResampleQuality::HighWithLowLatency),
];

/// All resamplings of the table of kernels.
pub(crate) fn measure() -> Result<Vec<Sound>, Box<dyn Error>> {
    let mut sounds = Vec::new();
    for kernel in KERNELS.iter().filter(|kernel| !kernel.qualities.is_empty()) {
        let rate = |spec: &str| spec.parse::<StreamSpec>().map(|spec| spec.rate_hz);
        let rates = (rate(kernel.from)?, rate(kernel.to)?);
        let mut add = |who: &str, kind, convert: &mut Convert<'_>| {
            println!("  {} {who}", kernel.work);
            // What is as linear as ours, or rubato by another name, would only lie over it.
            let is_other = who != "dasp-linear" && !who.starts_with("fixed-resample");
            let named = (who.to_owned(), kind);
            sounds.push(sound(kernel.work, rates, named, is_other, convert));
        };
        for quality in Resample::ALL {
            // The filter is made once before, so that what is refused is known here.
            resampled(&[0.0], rates.0, rates.1, *quality)?;
            add(&format!("{quality:?}"), Kind::Ours, &mut |x| {
                resampled(x, rates.0, rates.1, *quality).unwrap_or_default()
            });
        }
        add("dasp-linear", Kind::Peer, &mut |x| dasp(x, rates));
        add("rodio", Kind::Peer, &mut |x| rodio(x, rates));
        add("rubato-sinc-256", Kind::Peer, &mut |x| {
            let parameters = SincInterpolationParameters::new(256, WindowFunction::BlackmanHarris2);
            let ratio = f64::from(rates.1) / f64::from(rates.0);
            let fixed = FixedAsync::Output;
            let made = Async::<f32>::new_sinc(ratio, 1.0, &parameters, BLOCK, 1, fixed);
            made.map_or(Vec::new(), |mut made| rubato(x, &mut made))
        });
        add("rubato-fft", Kind::Peer, &mut |x| {
            let (from, to) = (rates.0 as usize, rates.1 as usize);
            let made = Fft::<f32>::new(from, to, BLOCK, 1, FixedSync::Output);
            made.map_or(Vec::new(), |mut made| rubato(x, &mut made))
        });
        for (who, quality) in FIXED {
            add(who, Kind::Peer, &mut |x| {
                let config = ResamplerConfig {
                    quality,
                    chunk_size: BLOCK,
                };
                let mut made = resampler_from_quality::<f32>(1, rates.0, rates.1, config);
                rubato(x, made.as_mut())
            });
        }
    }
    Ok(sounds)
}

fn dasp(x: &[f32], (from, to): (u32, u32)) -> Vec<f32> {
    let mut signal = dasp_signal::from_iter(x.iter().copied());
    let (a, b) = (signal.next(), signal.next());
    let interpolator = dasp_interpolate::linear::Linear::new(a, b);
    let frames = x.len() * to as usize / from as usize;
    signal
        .from_hz_to_hz(interpolator, from.into(), to.into())
        .take(frames)
        .collect()
}

fn rodio(x: &[f32], (from, to): (u32, u32)) -> Vec<f32> {
    let (Some(from), Some(to), Some(one)) = (NonZero::new(from), NonZero::new(to), NonZero::new(1))
    else {
        return Vec::new();
    };
    rodio::conversions::SampleRateConverter::new(x.iter().copied(), from, to, one).collect()
}

fn rubato(x: &[f32], resampler: &mut dyn Resampler<f32>) -> Vec<f32> {
    let mut y = Vec::new();
    let (mut at, mut block) = (0, vec![0.0_f32; resampler.output_frames_max()]);
    let most = block.len();
    // What does not fill a last call is left out: no figure looks at the end.
    while let Some(input) = x.get(at..at + resampler.input_frames_next()) {
        at += input.len();
        let (Ok(from), Ok(mut into)) = (
            InterleavedSlice::new(input, 1, input.len()),
            InterleavedSlice::new_mut(&mut block[..], 1, most),
        ) else {
            return y;
        };
        match resampler.process_into_buffer(&from, &mut into, None) {
            Ok((_, frames)) => y.extend(block.iter().take(frames)),
            Err(_) => return y,
        }
    }
    y
}
