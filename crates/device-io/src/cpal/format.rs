//! The sample formats of cpal in memory: native endian, and 24 bits in the lower part of 4 bytes.

use rt_callback::SampleFormat;

/// How a device's samples are stored in memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory {
    /// cpal's name of the format.
    pub(super) format: cpal::SampleFormat,
    /// The bits to flip in each rendered sample. cpal has unsigned formats that are rendered as their signed twins.
    offset: Option<Offset>,
}

#[derive(Debug, Clone, Copy)]
enum Offset {
    /// 24 unsigned bits, in the lower part of 4 bytes.
    U24,
    U64,
}

/// The format in which one of cpal's formats is rendered. `None` for DSD, which is no PCM.
pub(super) fn rendered_as(format: cpal::SampleFormat) -> Option<(SampleFormat, Memory)> {
    let (rendered, offset) = match format {
        cpal::SampleFormat::I8 => (SampleFormat::S8, None),
        cpal::SampleFormat::I16 => (SampleFormat::S16, None),
        cpal::SampleFormat::I24 => (SampleFormat::S24_IN_32, None),
        cpal::SampleFormat::I32 => (SampleFormat::S32, None),
        cpal::SampleFormat::I64 => (SampleFormat::S64, None),
        cpal::SampleFormat::U8 => (SampleFormat::U8, None),
        cpal::SampleFormat::U16 => (SampleFormat::U16, None),
        cpal::SampleFormat::U24 => (SampleFormat::S24_IN_32, Some(Offset::U24)),
        cpal::SampleFormat::U32 => (SampleFormat::U32, None),
        cpal::SampleFormat::U64 => (SampleFormat::S64, Some(Offset::U64)),
        cpal::SampleFormat::F32 => (SampleFormat::F32, None),
        cpal::SampleFormat::F64 => (SampleFormat::F64, None),
        _ => return None,
    };
    Some((rendered, Memory { format, offset }))
}

impl Memory {
    /// Whether the device takes rendered samples unchanged.
    pub(super) fn is_plain(self) -> bool {
        self.offset.is_none()
    }

    /// Converts a rendered block to the device's format, in place.
    pub(super) fn finish(self, block: &mut [u8]) {
        match self.offset {
            None => {}
            Some(Offset::U24) => {
                for sample in block.as_chunks_mut().0 {
                    let signed = u32::from_ne_bytes(*sample);
                    *sample = ((signed & 0xff_ffff) ^ 0x80_0000).to_ne_bytes();
                }
            }
            Some(Offset::U64) => {
                for sample in block.as_chunks_mut().0 {
                    let signed = u64::from_ne_bytes(*sample);
                    *sample = (signed ^ (1 << 63)).to_ne_bytes();
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_pcm_format_is_rendered_and_dsd_is_not() {
        use cpal::SampleFormat as F;
        for format in [
            F::I8,
            F::I16,
            F::I24,
            F::I32,
            F::I64,
            F::U8,
            F::U16,
            F::U24,
            F::U32,
            F::U64,
            F::F32,
            F::F64,
        ] {
            let (rendered, memory) = rendered_as(format).unwrap();
            assert_eq!(rendered.bytes_per_sample(), format.sample_size());
            assert_eq!(memory.format, format);
            // Silence is silence.
            let mut block = vec![0; 4 * format.sample_size()];
            rendered.fill_equilibrium(&mut block);
            memory.finish(&mut block);
            let expected: Vec<u8> = match format {
                F::U8 => vec![0x80; 4],
                F::U16 => 0x8000_u16.to_ne_bytes().repeat(4),
                F::U24 => 0x80_0000_u32.to_ne_bytes().repeat(4),
                F::U32 => 0x8000_0000_u32.to_ne_bytes().repeat(4),
                F::U64 => (1_u64 << 63).to_ne_bytes().repeat(4),
                _ => vec![0; 4 * format.sample_size()],
            };
            assert_eq!(block, expected, "{format}");
        }
        for format in [F::DsdU8, F::DsdU16, F::DsdU32] {
            assert!(rendered_as(format).is_none());
        }
    }

    #[test]
    fn unsigned_twins_keep_every_value() {
        let (_, u24) = rendered_as(cpal::SampleFormat::U24).unwrap();
        for (signed, unsigned) in [
            (-0x80_0000, 0),
            (-1, 0x7f_ffff),
            (0, 0x80_0000),
            (0x7f_ffff, 0xff_ffff_u32),
        ] {
            let mut block = i32::to_ne_bytes(signed);
            u24.finish(&mut block);
            assert_eq!(u32::from_ne_bytes(block), unsigned);
        }
        let (_, u64) = rendered_as(cpal::SampleFormat::U64).unwrap();
        for (signed, unsigned) in [(i64::MIN, 0), (-1, (1 << 63) - 1), (i64::MAX, u64::MAX)] {
            let mut block = signed.to_ne_bytes();
            u64.finish(&mut block);
            assert_eq!(u64::from_ne_bytes(block), unsigned);
        }
    }
}
