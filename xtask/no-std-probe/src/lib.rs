//! The leaves and the engine without `std`.
//!
//! If `std` came in by any dependency, this would have two panic handlers and not build.
#![no_std]

extern crate alloc;

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicUsize, Ordering};

use channel_mix::{ChannelLayout, MixMatrix, MixRules, Mixer};
use heapless::spsc::Queue;
use pcm_convert::{Dither, Quantizer, Rounding};
use rate_convert::Linear;
use rt_callback::{Config, RenderStatus, Resample, stream};

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

const ARENA_BYTES: usize = 1 << 20;

/// Gives out an arena from front to back; nothing ever comes back.
struct Arena {
    bytes: UnsafeCell<[u8; ARENA_BYTES]>,
    used: AtomicUsize,
}

// SAFETY: Each byte is given out once.
unsafe impl Sync for Arena {}

// SAFETY: What is given out lies inside the arena, is aligned, and is given out once.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let base = self.bytes.get() as usize;
        let mut start = 0;
        let used = self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                start = (base + used).next_multiple_of(layout.align()) - base;
                Some(start + layout.size()).filter(|end| *end <= ARENA_BYTES)
            });
        match used {
            // SAFETY: `start` lies inside the arena.
            Ok(_) => unsafe { self.bytes.get().cast::<u8>().add(start) },
            Err(_) => core::ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static ARENA: Arena = Arena {
    bytes: UnsafeCell::new([0; ARENA_BYTES]),
    used: AtomicUsize::new(0),
};

/// The leaves behind a static queue, as an interrupt handler would use them: 16-bit mono at 24 kHz
/// goes to 16-bit stereo at 48 kHz, and nothing is allocated. 0 where all is right.
#[unsafe(no_mangle)]
pub extern "C" fn probe_leaves() -> i32 {
    let mut queue = Queue::<i16, 9>::new();
    let (mut producer, mut consumer) = queue.split();
    for _ in 0..8 {
        if producer.enqueue(16384).is_err() {
            return 1;
        }
    }
    let matrix = MixMatrix::new(
        &ChannelLayout::MONO,
        &ChannelLayout::STEREO,
        MixRules::Original,
    );
    let (Ok(mut mixer), Ok(mut linear)) = (Mixer::new(&matrix), Linear::new(24_000, 48_000, 1))
    else {
        return 2;
    };
    let mut quantizer = Quantizer::new(2, Rounding::NearestEven, Dither::None, 0);
    let mut out = [0_i16; 32];
    let mut frames = 0;
    while let Some(sample) = consumer.dequeue() {
        let mut decoded = [0.0];
        pcm_convert::i16_to_f32(&[sample], &mut decoded);
        let (mut mono, mut stereo) = ([0.0; 2], [0.0; 4]);
        let written = linear.process(&decoded, &mut mono).frames_written;
        mixer.mix_interleaved(&mono[..written], &mut stereo);
        quantizer.quantize(&stereo[..2 * written], &mut out[2 * frames..]);
        frames += written;
    }
    i32::from(frames < 15 || out[..30] != [16384; 30]) * 3
}

/// The engine, without `std`. 0 where all is right.
#[unsafe(no_mangle)]
pub extern "C" fn probe_engine() -> i32 {
    let (Ok(source), Ok(device)) = ("24000x1:s16le".parse(), "48000x2:s16le".parse()) else {
        return 1;
    };
    let mut config = Config::new(source, device);
    // A constant stays one to its very ends.
    config.resample = Resample::Linear;
    let Ok((mut feeder, _, mut renderer, monitor)) = stream(&config) else {
        return 2;
    };
    if feeder.push(&[-16384_i16; 240]) != Ok(240) || feeder.end_utterance().is_err() {
        return 3;
    }
    let mut block = [0_i16; 960];
    if renderer.render(&mut block) != RenderStatus::Rendered || block != [-16384; 960] {
        return 4;
    }
    i32::from(monitor.snapshot().heard_frames != 240) * 5
}
