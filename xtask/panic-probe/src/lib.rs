//! Entry points of the leaves and the engine, each of which `cargo xtask prove panic` links alone. What can panic calls
//! a function that is nowhere, and does not link.
#![no_std]

use core::alloc::{GlobalAlloc, Layout};
use core::panic::PanicInfo;

use channel_mix::{ChannelMap, GainRamp, MixError, Mixer};
use pcm_convert::{I24, Quantized, Quantizer, Rounding, SampleFormat};
use rate_convert::{Linear, Progress, Sinc};
use rt_callback::{
    CapturePosition, FeedError, Feeder, FrameSource, Mixer as StreamMixer, Monitor, Reader,
    RecordStatus, Recorder, RenderStatus, Renderer,
};

unsafe extern "C" {
    safe fn a_panic_is_reachable() -> !;
    fn malloc(size: usize) -> *mut u8;
    fn free(at: *mut u8);
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    a_panic_is_reachable()
}

struct Heap;

// SAFETY: The C library's allocator; no layout here asks for more alignment than it gives.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: any size is allowed.
        unsafe { malloc(layout.size()) }
    }

    unsafe fn dealloc(&self, at: *mut u8, _: Layout) {
        // SAFETY: it came from `alloc`.
        unsafe { free(at) }
    }
}

#[global_allocator]
static HEAP: Heap = Heap;

/// An entry point: a function that is compiled and kept, and linked on its own.
macro_rules! entries {
    ($($name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)? $body:block)*) => {$(
        #[unsafe(no_mangle)]
        pub fn $name($($argument: $type),*) $(-> $result)? $body
    )*};
}

// The engine.
entries! {
    render_i16(renderer: &mut Renderer, block: &mut [i16]) -> RenderStatus { renderer.render(block) }
    render_f32(renderer: &mut Renderer, block: &mut [f32]) -> RenderStatus { renderer.render(block) }
    render_bytes(renderer: &mut Renderer, block: &mut [u8]) -> RenderStatus { renderer.render_bytes(block) }
    set_device_latency(renderer: &mut Renderer, frames: u64) { renderer.set_device_latency(frames) }
    record_i16(recorder: &mut Recorder, block: &[i16]) -> RecordStatus { recorder.record(block) }
    record_f32(recorder: &mut Recorder, block: &[f32]) -> RecordStatus { recorder.record(block) }
    record_bytes(recorder: &mut Recorder, block: &[u8]) -> RecordStatus { recorder.record_bytes(block) }
    lose(recorder: &mut Recorder, time: core::time::Duration) { recorder.lose(time) }
    read_i16(reader: &mut Reader, block: &mut [i16]) -> usize { reader.read(block) }
    read_f32(reader: &mut Reader, block: &mut [f32]) -> usize { reader.read(block) }
    read_bytes(reader: &mut Reader, block: &mut [u8]) -> usize { reader.read_bytes(block) }
    read_stretch(reader: &mut Reader, block: &mut [f32]) -> (CapturePosition, usize) { reader.read_stretch(block) }
    read_exact(reader: &mut Reader, block: &mut [f32]) -> bool { reader.read_exact(block) }
    rewind(reader: &mut Reader, frames: usize) -> usize { reader.rewind(frames) }
    discard(reader: &mut Reader, frames: usize) -> usize { reader.discard(frames) }
    mix_streams(mixer: &mut StreamMixer, block: &mut [f32]) -> usize { mixer.fill(block) }
    push_i16(feeder: &mut Feeder, samples: &[i16]) -> Result<usize, FeedError> { feeder.push(samples) }
    push_f32(feeder: &mut Feeder, samples: &[f32]) -> Result<usize, FeedError> { feeder.push(samples) }
    push_bytes(feeder: &mut Feeder, bytes: &[u8]) -> Result<usize, FeedError> { feeder.push_bytes(bytes) }
    poll(monitor: &mut Monitor, seen: &mut u64) { monitor.poll(|event| *seen = event.at_frame) }
}

// Samples.
entries! {
    decode(format: SampleFormat, src: &[u8], dst: &mut [f32]) -> usize { pcm_convert::bytes::decode(format, src, dst) }
    encode(format: SampleFormat, rounding: Rounding, src: &[f32], dst: &mut [u8]) -> usize {
        pcm_convert::bytes::encode(format, rounding, src, dst)
    }
    decode_f64(format: SampleFormat, src: &[u8], dst: &mut [f64]) -> usize {
        pcm_convert::bytes::decode_f64(format, src, dst)
    }
    encode_f64(format: SampleFormat, rounding: Rounding, src: &[f64], dst: &mut [u8]) -> usize {
        pcm_convert::bytes::encode_f64(format, rounding, src, dst)
    }
    convert_bytes(from: SampleFormat, to: SampleFormat, src: &[u8], dst: &mut [u8]) -> usize {
        pcm_convert::bytes::convert(from, to, src, dst)
    }
    quantize_plain(format: SampleFormat, rounding: Rounding, src: &[f32], dst: &mut [u8]) -> Quantized {
        pcm_convert::bytes::quantize(format, rounding, src, dst)
    }
    clean_bytes(format: SampleFormat, samples: &mut [u8]) -> usize {
        pcm_convert::bytes::clean_non_finite(format, samples)
    }
    decode_planar(format: SampleFormat, src: &[u8], planes: &mut [&mut [f32]]) -> usize {
        pcm_convert::bytes::decode_planar(format, src, planes)
    }
    encode_planar(format: SampleFormat, rounding: Rounding, planes: &[&[f32]], dst: &mut [u8]) -> usize {
        pcm_convert::bytes::encode_planar(format, rounding, planes, dst)
    }
    convert_typed(src: &[i16], dst: &mut [I24]) -> usize { pcm_convert::convert(src, dst) }
    to_f32(src: &[I24], dst: &mut [f32]) -> usize { pcm_convert::to_f32(src, dst) }
    from_f32(src: &[f32], dst: &mut [i16]) -> usize { pcm_convert::from_f32(src, dst) }
    interleave(planes: &[&[f32]], dst: &mut [i16]) -> usize { pcm_convert::interleave(planes, dst) }
    deinterleave(src: &[i16], planes: &mut [&mut [f32]]) -> usize { pcm_convert::deinterleave(src, planes) }
    clean(samples: &mut [f32]) -> usize { pcm_convert::clean_non_finite(samples) }
    all_finite(samples: &[f32]) -> bool { pcm_convert::all_finite(samples) }
    quantize(quantizer: &mut Quantizer, src: &[f32], dst: &mut [i16]) -> Quantized { quantizer.quantize(src, dst) }
    quantize_bytes(quantizer: &mut Quantizer, format: SampleFormat, src: &[f32], dst: &mut [u8]) -> Quantized {
        quantizer.quantize_bytes(format, src, dst)
    }
}

// Channels.
entries! {
    mix_interleaved(mixer: &mut Mixer, input: &[f32], output: &mut [f32]) -> usize {
        mixer.mix_interleaved(input, output)
    }
    mix_planar(mixer: &mut Mixer, inputs: &[&[f32]], outputs: &mut [&mut [f32]]) -> usize {
        mixer.mix_planar(inputs, outputs)
    }
    mix_to_planar(mixer: &mut Mixer, input: &[f32], outputs: &mut [&mut [f32]]) -> usize {
        mixer.mix_to_planar(input, outputs)
    }
    mix_to_interleaved(mixer: &mut Mixer, inputs: &[&[f32]], output: &mut [f32]) -> usize {
        mixer.mix_to_interleaved(inputs, output)
    }
    mix_in_place(mixer: &mut Mixer, block: &mut [f32]) -> Result<usize, MixError> { mixer.mix_in_place(block) }
    mix_in_place_planar(mixer: &mut Mixer, planes: &mut [&mut [f32]]) -> Result<usize, MixError> {
        mixer.mix_in_place_planar(planes)
    }
    map_interleaved(map: &ChannelMap, input: &[i16], output: &mut [i16]) -> usize {
        map.map_interleaved(input, output, 0)
    }
    apply_gain(ramp: &mut GainRamp, block: &mut [f32], channels: usize) -> usize {
        ramp.apply_interleaved(block, channels)
    }
}

// Rates.
entries! {
    linear_process(linear: &mut Linear, input: &[f32], output: &mut [f32]) -> Progress { linear.process(input, output) }
    linear_process_planar(linear: &mut Linear, input: &[&[f32]], output: &mut [&mut [f32]]) -> Progress {
        linear.process_planar(input, output)
    }
    linear_flush(linear: &mut Linear, output: &mut [f32]) -> Progress { linear.flush(output) }
    linear_input_frames_for(linear: &Linear, frames: usize) -> usize { linear.input_frames_for(frames) }
    sinc_process(sinc: &mut Sinc<'static>, input: &[f32], output: &mut [f32]) -> Progress { sinc.process(input, output) }
    sinc_process_planar(sinc: &mut Sinc<'static>, input: &[&[f32]], output: &mut [&mut [f32]]) -> Progress {
        sinc.process_planar(input, output)
    }
    sinc_flush(sinc: &mut Sinc<'static>, output: &mut [f32]) -> Progress { sinc.flush(output) }
    sinc_input_frames_for(sinc: &Sinc<'static>, frames: usize) -> usize { sinc.input_frames_for(frames) }
    sinc_set_trim(sinc: &mut Sinc<'static>, trim: f64, ramp_frames: u32) -> bool {
        sinc.set_trim(trim, ramp_frames).is_ok()
    }
}

#[cfg(feature = "broken-twin")]
entries! {
    indexes_past_the_end(samples: &[f32], at: usize) -> f32 { samples[at] }
}
