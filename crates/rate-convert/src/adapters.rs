//! Buffers of any layout and sample type, as the `audioadapter` crate has them (feature `audioadapter`).

use audioadapter::{Adapter, AdapterMut};

use crate::{Linear, Progress, Resampler, Sinc};

/// Samples that are gathered at a time: 16 frames of 64 channels.
const PIECE: usize = 1024;

macro_rules! adapted {
    ($($type:ty, $self:ident => $channels:expr;)*) => {$(
        impl $type {
            /// As [`Self::process`], from and to an `audioadapter` buffer of any layout, with the same bits. Samples are
            /// gathered and written one by one, which takes longer than the conversion of a slice. With another
            /// channel count than the resampler's on either side nothing is done. Allocates nothing itself.
            pub fn process_adapter(
                &mut $self,
                input: &dyn Adapter<f32>,
                output: &mut dyn AdapterMut<f32>,
            ) -> Progress {
                let channels = $channels;
                if input.channels() != channels || output.channels() != channels {
                    return Progress::default();
                }
                let (in_frames, out_frames) = (input.frames(), output.frames());
                let piece = PIECE / channels.max(1);
                let (mut from, mut to) = ([0.0; PIECE], [0.0; PIECE]);
                let mut all = Progress::default();
                loop {
                    let frames = (in_frames - all.frames_read).min(piece);
                    for frame in 0..frames {
                        let Some(samples) = from.get_mut(frame * channels..(frame + 1) * channels) else {
                            return all;
                        };
                        input.copy_from_frame_to_slice(all.frames_read + frame, 0, samples);
                    }
                    let room = (out_frames - all.frames_written).min(piece);
                    let (Some(x), Some(out)) = (from.get(..frames * channels), to.get_mut(..room * channels)) else {
                        return all;
                    };
                    let done = $self.process(x, out);
                    put(out, channels, &all, &done, output);
                    all.frames_read += done.frames_read;
                    all.frames_written += done.frames_written;
                    if done == Progress::default() {
                        return all;
                    }
                }
            }

            /// As [`Self::flush`], to an `audioadapter` buffer; with another channel count than the resampler's nothing
            /// is done.
            pub fn flush_adapter(&mut $self, output: &mut dyn AdapterMut<f32>) -> Progress {
                let channels = $channels;
                let mut all = Progress::default();
                if output.channels() != channels {
                    return all;
                }
                let mut to = [0.0; PIECE];
                loop {
                    let room = (output.frames() - all.frames_written).min(PIECE / channels.max(1));
                    let Some(out) = to.get_mut(..room * channels) else {
                        return all;
                    };
                    let done = $self.flush(out);
                    put(out, channels, &all, &done, output);
                    all.frames_written += done.frames_written;
                    // Fewer than there was room for: the tail has ended, and the stream with it.
                    if done.frames_written < room || room == 0 {
                        return all;
                    }
                }
            }
        }
    )*};
}

adapted! {
    Linear, self => self.channels();
    Sinc<'_>, self => self.channels();
    Resampler<'_>, self => self.channels();
}

/// Writes the frames that a call gave behind those that others gave before.
fn put(
    samples: &[f32],
    channels: usize,
    before: &Progress,
    done: &Progress,
    output: &mut dyn AdapterMut<f32>,
) {
    let frames = samples
        .chunks_exact(channels.max(1))
        .take(done.frames_written);
    for (frame, samples) in frames.enumerate() {
        output.copy_from_slice_to_frame(before.frames_written + frame, 0, samples);
    }
}
