//! The callback's functions, with `std` as applications have it, to be linked one by one: what is not reached is not
//! in the result, and a lock that is not contended shows nowhere else.

use rt_callback::{Recorder, Renderer};

macro_rules! entries {
    ($($name:ident($($argument:ident: $type:ty),*) $body:expr;)*) => {$(
        /// An entry point.
        #[unsafe(no_mangle)]
        pub extern "Rust" fn $name($($argument: $type),*) {
            $body;
        }
    )*};
}

entries! {
    callback_render_f32(renderer: &mut Renderer, block: &mut [f32]) renderer.render(block);
    callback_render_i16(renderer: &mut Renderer, block: &mut [i16]) renderer.render(block);
    callback_render_bytes(renderer: &mut Renderer, block: &mut [u8]) renderer.render_bytes(block);
    callback_record_f32(recorder: &mut Recorder, block: &[f32]) recorder.record(block);
    callback_record_i16(recorder: &mut Recorder, block: &[i16]) recorder.record(block);
    callback_record_bytes(recorder: &mut Recorder, block: &[u8]) recorder.record_bytes(block);
    // The broken twin.
    broken_lock(lock: &std::sync::Mutex<u64>) if let Ok(mut held) = lock.lock() { *held += 1 };
}
