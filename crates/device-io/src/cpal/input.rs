//! The callback of an input.

use std::sync::Arc;

use cpal::traits::DeviceTrait;
use rt_callback::Recorder;

use super::complaints::Complaints;
use super::format::Memory;
use super::stream::{OPENING, frames_in};
use crate::loan::Borrower;

pub(super) fn build(
    device: &cpal::Device,
    config: cpal::StreamConfig,
    memory: Memory,
    borrower: Borrower<Recorder>,
    complaints: Arc<Complaints>,
) -> Result<cpal::Stream, cpal::Error> {
    let rate_hz = config.sample_rate;
    #[cfg(feature = "realtime")]
    let mut promotion = super::realtime::Promotion::new(Arc::clone(&complaints));
    device.build_input_stream_raw(
        config,
        memory.format,
        move |block: &cpal::Data, about: &cpal::InputCallbackInfo| {
            #[cfg(feature = "realtime")]
            promotion.once();
            // On every host `capture` is when the block's first frame was captured. ALSA and PipeWire use the delay of
            // all unread frames, including the block. PulseAudio uses the latency that its server reports, interpolated
            // between two reports. JACK uses the latency of the ports before the cycle's start. WASAPI and AAudio use
            // the position of the first frame. CoreAudio uses the device's buffer and its latency.
            let times = about.timestamp();
            let age = times.callback.saturating_duration_since(times.capture);
            borrower.record(block.bytes(), frames_in(age, rate_hz));
        },
        move |error| complaints.add(error.kind()),
        Some(OPENING),
    )
}
