//! What a decoder hands out, as interleaved bytes.

use rt_callback::{ChannelLayout, MAX_RATE_HZ, SampleFormat, StreamSpec};
use symphonia::core::audio::sample::i24;
use symphonia::core::audio::{Channels, GenericAudioBufferRef};

/// The spec before there is one.
pub(super) const NOTHING: StreamSpec = StreamSpec::new(SampleFormat::F32, 1, ChannelLayout::MONO);

/// The byte that silence is made of, in the formats that [`spec_of`] chooses.
pub(super) fn equilibrium(format: SampleFormat) -> u8 {
    if format == SampleFormat::U8 { 0x80 } else { 0 }
}

/// The narrowest format that holds integer samples of so many bits.
pub(super) fn integer(bits: u32) -> SampleFormat {
    match bits {
        0..=8 => SampleFormat::U8,
        9..=16 => SampleFormat::S16,
        17..=24 if cfg!(target_endian = "big") => SampleFormat::S24Be,
        17..=24 => SampleFormat::S24Le,
        _ => SampleFormat::S32,
    }
}

/// The narrowest format that holds the decoded samples exactly. A decoder may hand 16 bits out in
/// the upper half of 32.
pub(super) fn spec_of(
    buffer: &GenericAudioBufferRef<'_>,
    bits: Option<u32>,
) -> Result<StreamSpec, String> {
    use GenericAudioBufferRef as Buffer;
    let width = match buffer {
        Buffer::U8(_) | Buffer::S8(_) => 8,
        Buffer::U16(_) | Buffer::S16(_) => 16,
        Buffer::U24(_) | Buffer::S24(_) => 24,
        Buffer::U32(_) | Buffer::S32(_) => 32,
        Buffer::F32(_) | Buffer::F64(_) => 0,
    };
    let format = match buffer {
        Buffer::F32(_) => SampleFormat::F32,
        Buffer::F64(_) => SampleFormat::F64,
        _ => integer(width.min(bits.unwrap_or(width))),
    };
    let spec = buffer.spec();
    let layout = layout(spec.channels()).ok_or("has no channels, or more than 64")?;
    if !(1..=MAX_RATE_HZ).contains(&spec.rate()) {
        return Err(format!("has a rate of {} Hz", spec.rate()));
    }
    Ok(StreamSpec::new(format, spec.rate(), layout))
}

/// The layout that the codec says; its positions have the bits of a WAV mask, and the decoder hands
/// channels out in their order.
fn layout(channels: &Channels) -> Option<ChannelLayout> {
    match (channels, channels.count()) {
        (_, 1) => Some(ChannelLayout::MONO),
        (Channels::Positioned(positions), count) => {
            let mask = u32::try_from(positions.bits()).unwrap_or(u32::MAX);
            ChannelLayout::from_mask(mask, count)
        }
        (_, 2) => Some(ChannelLayout::STEREO),
        (_, count) => ChannelLayout::discrete(count),
    }
}

/// Appends the samples as native bytes of the format that [`spec_of`] chose.
pub(super) fn append(
    buffer: &GenericAudioBufferRef<'_>,
    format: SampleFormat,
    bytes: &mut Vec<u8>,
) {
    // What a decoder copies into is cleared first.
    let mut samples = Vec::new();
    let into = if bytes.is_empty() {
        &mut *bytes
    } else {
        &mut samples
    };
    match format {
        SampleFormat::U8 => buffer.copy_bytes_to_vec_interleaved_as::<u8>(into),
        SampleFormat::S16 => buffer.copy_bytes_to_vec_interleaved_as::<i16>(into),
        SampleFormat::S24Le | SampleFormat::S24Be => {
            buffer.copy_bytes_to_vec_interleaved_as::<i24>(into);
        }
        SampleFormat::S32 => buffer.copy_bytes_to_vec_interleaved_as::<i32>(into),
        SampleFormat::F64 => buffer.copy_bytes_to_vec_interleaved_as::<f64>(into),
        _ => buffer.copy_bytes_to_vec_interleaved_as::<f32>(into),
    }
    bytes.append(&mut samples);
}
