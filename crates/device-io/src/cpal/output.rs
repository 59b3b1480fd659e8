//! The callback of an output.

use std::sync::Arc;

use cpal::traits::DeviceTrait;
use rt_callback::Renderer;

use super::complaints::Complaints;
use super::format::Memory;
use super::stream::{OPENING, frames_in};
use crate::loan::Borrower;

pub(super) fn build(
    device: &cpal::Device,
    config: cpal::StreamConfig,
    memory: Memory,
    borrower: Borrower<Renderer>,
    complaints: Arc<Complaints>,
) -> Result<cpal::Stream, cpal::Error> {
    let rate_hz = config.sample_rate;
    #[cfg(feature = "realtime")]
    let mut promotion = super::realtime::Promotion::new(Arc::clone(&complaints));
    device.build_output_stream_raw(
        config,
        memory.format,
        move |block: &mut cpal::Data, about: &cpal::OutputCallbackInfo| {
            #[cfg(feature = "realtime")]
            promotion.once();
            // `playback` is when the block's first frame is heard.
            let times = about.timestamp();
            let lead = times.playback.saturating_duration_since(times.callback);
            let block = block.bytes_mut();
            borrower.render(block, frames_in(lead, rate_hz));
            memory.finish(block);
        },
        move |error| complaints.add(error.kind()),
        Some(OPENING),
    )
}
