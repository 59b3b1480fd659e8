//! What `outdata --help` says below its commands.

/// What is read and written, format by format: a line for each.
pub(crate) const FORMATS: &str = "\
Read (IN), from a file, a pipe or `-`; the content decides, not the name:
  WAV               RIFF, RF64 and BW64; PCM of 1 to 32 bits and of 64, 32 and 64-bit float,
                    A-law, mu-law; in RIFF also IMA and Microsoft ADPCM
  FLAC              bare and in Ogg, to 32 bits
  MP1, MP2, MP3     with LAME's, Xing's and VBRI tags, joined or not
  Ogg               Vorbis and FLAC, chained or not
  AIFF, AIFF-C      PCM, G.711
  CAF               PCM, G.711, ALAC, AAC
  MP4, M4A          AAC (low complexity), ALAC, FLAC, MP3
  Matroska, WebM    Vorbis, FLAC, AAC, MP3, PCM
  AAC               low complexity, in ADTS frames
  raw PCM           with --raw FORMAT:RATE:CHANNELS, such as s16le:24000:1
Opus is not read.

Written (OUT):
  .wav    u8, s16le, s24le, s32le, f32le, f64le, mulaw, alaw; RF64 past 4 GiB
  .raw    samples and nothing else, of any format; .pcm is the same
  -       the same, on standard output, as into any pipe or device by its name
  --wav   WAV, whatever OUT is called; into a pipe with the length left open

A file appears under its name when it is whole. A link is followed, a file's mode is kept.

Formats: u8 s8, u16 s16 u24 s24 u32 s32 s64 f32 f64 each with le or be, mulaw alaw, and 24 bits in 4
bytes, s24_32le s24_32be (low) and s24_32hle s24_32hbe (high).";
