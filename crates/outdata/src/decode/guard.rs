//! symphonia, guarded so that its own fault is an error of one file: it panics on some damaged files, as the fuzz
//! test finds.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use symphonia::core::audio::GenericAudioBufferRef;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::{Error, Result};
use symphonia::core::packet::PacketRef;

thread_local! {
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs this. A panic in it becomes an error, and nothing is printed about it.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |about| {
            if !IS_GUARDED.get() {
                before(about);
            }
        }));
    });
    let was_guarded = IS_GUARDED.replace(true);
    // Whoever gets the error no longer uses what was touched, or resets it.
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    IS_GUARDED.set(was_guarded);
    done.unwrap_or(Err(Error::DecodeError("the decoder fails on it")))
}

/// A decoder.
pub(super) struct Decoder(Box<dyn AudioDecoder>);

impl Decoder {
    /// For what these parameters say.
    pub(super) fn new(parameters: &AudioCodecParameters) -> std::result::Result<Self, String> {
        let options = AudioDecoderOptions::default();
        guarded(|| symphonia::default::get_codecs().make_audio_decoder(parameters, &options))
            .map(Self)
            .map_err(|error| format!("cannot be decoded: {error}"))
    }

    pub(super) fn decode(&mut self, packet: &PacketRef<'_>) -> Result<GenericAudioBufferRef<'_>> {
        guarded(|| self.0.decode_ref(packet))
    }

    /// The next packet does not continue the one before.
    pub(super) fn reset(&mut self) {
        // A decoder that fails here fails on the next packet too, and then it is told.
        let _ = guarded(|| {
            self.0.reset();
            Ok(())
        });
    }

    pub(super) fn parameters(&self) -> &AudioCodecParameters {
        self.0.codec_params()
    }
}
