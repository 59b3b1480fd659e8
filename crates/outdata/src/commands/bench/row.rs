//! What is measured at a time.

use rt_callback::{Config, stream};

use crate::console::Failure;

/// What the streams of one measurement may take, in bytes.
const MOST_BYTES: usize = 1 << 30;
/// Frames of the lower rate that a resampler may read ahead of what it writes, at most.
const MAX_LATENCY_FRAMES: f64 = 128.0;
/// How far ahead an application queues.
pub(super) const BLOCKS_AHEAD: usize = 2;

/// One combination of formats, block and streams.
pub(super) struct Row {
    pub(super) config: Config,
    pub(super) block_frames: usize,
    pub(super) streams: usize,
}

impl Row {
    pub(super) fn new(mut config: Config, block_frames: usize, streams: usize) -> Self {
        config.queue_frames = config.queue_frames.max(most_frames(&config, block_frames));
        Self {
            config,
            block_frames,
            streams,
        }
    }

    /// As many source frames as a stream may be fed at a time.
    pub(super) fn most_frames(&self) -> usize {
        most_frames(&self.config, self.block_frames)
    }

    /// `24000x1:s16le -> 48000x2:f32le`
    pub(super) fn formats(&self) -> String {
        format!("{} -> {}", self.config.source, self.config.device)
    }

    pub(super) fn block_bytes(&self) -> usize {
        self.block_frames * self.config.device.frame_bytes()
    }

    /// How long a block is heard.
    pub(super) fn budget_ns(&self) -> f64 {
        self.block_frames as f64 * 1e9 / f64::from(self.config.device.rate_hz)
    }

    /// Of the block's budget, in percent.
    pub(super) fn percent(&self, nanoseconds: u64) -> f64 {
        nanoseconds as f64 * 100.0 / self.budget_ns()
    }

    /// How the rates are converted, where they differ.
    pub(super) fn resample(&self) -> &'static str {
        if self.config.source.rate_hz == self.config.device.rate_hz {
            "none"
        } else {
            self.config.resample.name()
        }
    }

    /// Refuses what memory is not meant for: with these numbers it would be asked for too much.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let queue = self.config.queue_frames * self.config.source.frame_bytes();
        let bytes = (queue + 2 * self.block_bytes()).saturating_mul(self.streams);
        if bytes > MOST_BYTES {
            return Err(Failure::usage(format!(
                "{} in blocks of {} frames takes {} MiB for {} streams, and may take {}: lower --streams or --block",
                self.formats(),
                self.block_frames,
                bytes >> 20,
                self.streams,
                MOST_BYTES >> 20,
            )));
        }
        stream(&self.config).map_err(Failure::usage)?;
        Ok(())
    }
}

/// Source frames that the blocks queued ahead, one more, and what a resampler reads ahead can take.
fn most_frames(config: &Config, block_frames: usize) -> usize {
    let (source_hz, device_hz) = (config.source.rate_hz, config.device.rate_hz);
    let blocks = (BLOCKS_AHEAD + 1) * block_frames;
    let lower_hz = f64::from(source_hz.min(device_hz));
    let seconds = blocks as f64 / f64::from(device_hz) + MAX_LATENCY_FRAMES / lower_hz;
    (seconds * f64::from(source_hz)).ceil() as usize + 1
}
