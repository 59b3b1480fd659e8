//! A plug-in that owns a resampler, a mixer and its buffers in one struct, allocates when it is made, and never in
//! `process`: from 44.1 kHz 5.1 to a host's 48 kHz stereo.
//!
//! ```text
//! cargo run -p rt-callback --example plugin_no_alloc
//! ```
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::sync::Arc;

use channel_mix::{ChannelLayout, MixMatrix, MixRules, Mixer};
use rate_convert::{Quality, Sinc, SincTable};

struct Plugin {
    /// With a shared table a resampler owns everything and has no lifetime.
    resampler: Sinc<'static>,
    mixer: Mixer,
    /// One block of the host's, in the source's channels.
    block: Vec<f32>,
}

const HOST_FRAMES: usize = 512;

impl Plugin {
    fn new() -> Result<Self, Box<dyn Error>> {
        let table = Arc::new(SincTable::new(44_100, 48_000, Quality::Balanced)?);
        let (from, to): (ChannelLayout, ChannelLayout) = ("5.1".parse()?, "stereo".parse()?);
        Ok(Self {
            resampler: Sinc::with_table(table, from.channels())?,
            mixer: Mixer::new(&MixMatrix::new(&from, &to, MixRules::Speakers))?,
            block: vec![0.0; HOST_FRAMES * from.channels()],
        })
    }

    /// Fills a block of at most 512 stereo frames out of `input` (interleaved 5.1), and returns how many frames of that it
    /// has read. Allocates nothing.
    fn process(&mut self, input: &[f32], out: &mut [f32]) -> usize {
        let frames = (out.len() / 2).min(HOST_FRAMES);
        let block = self.block.get_mut(..frames * 6).unwrap_or_default();
        let progress = self.resampler.process(input, block);
        block
            .get_mut(progress.frames_written * 6..)
            .unwrap_or_default()
            .fill(0.0);
        self.mixer.mix_interleaved(block, out);
        progress.frames_read
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut plugin = Plugin::new()?;
    // A second of 5.1 with something in the centre.
    let frame = [0.0, 0.0, 0.5, 0.0, 0.0, 0.0];
    let input: Vec<f32> = frame.repeat(44_100);
    let (mut read, mut out) = (0, [0.0_f32; 2 * HOST_FRAMES]);
    for _ in 0..10 {
        read += plugin.process(input.get(read * 6..).unwrap_or_default(), &mut out);
    }
    println!(
        "{read} frames read for {}; left {:.3}",
        10 * HOST_FRAMES,
        out[1_000]
    );
    Ok(())
}
