//! What `outdata --help` says below its commands, and what each of them says below its options.

/// Where to begin.
pub(crate) const EXAMPLES: &str = "\
Examples:
  outdata demo                              speech through the engine, into a WAV file
  outdata render in.flac out.wav            a file, converted as a callback would
  outdata play in.mp3                       on the default device
  outdata bench                             what the callback costs here
  outdata doctor                            what each device would be opened as

`outdata COMMAND --help` says more; `outdata --help` has the list of formats.";

pub(crate) const RENDER: &str = "\
Examples:
  outdata render in.flac out.wav --to 48000x2:s16le
  outdata render call.raw out.wav --raw mulaw:8000:1 --resample high
  outdata render in.wav - --to 16000x1:s16le | recognizer
  outdata render in.wav out.wav --at 1.5s=interrupt:20ms --report json";

pub(crate) const PLAY: &str = "\
Examples:
  outdata play in.mp3 --start 30s --duration 10s
  synthesizer | outdata play - --raw s16le:24000:1
  outdata play in.wav --device null --report json";

pub(crate) const RECORD: &str = "\
Examples:
  outdata record out.wav --seconds 5
  outdata record - --to 16000x1:s16le | recognizer";

pub(crate) const DOCTOR: &str = "\
Examples:
  outdata doctor
  outdata doctor in.flac --host pulseaudio";

pub(crate) const BENCH: &str = "\
Examples:
  outdata bench
  outdata bench --from mulaw:8000:1,s16le:44100:2 --block 480 --resample high
  outdata bench --streams 100 --seconds 10 --svg bench.svg
  outdata bench --report json > bench.json";

pub(crate) const INFO: &str = "\
Examples:
  outdata info in.mp3
  outdata info call.raw --raw alaw:8000:1 --report json";

pub(crate) const COMPLETIONS: &str = "\
Examples:
  outdata completions bash > ~/.local/share/bash-completion/completions/outdata
  outdata completions zsh > ~/.zfunc/_outdata
  outdata completions fish > ~/.config/fish/completions/outdata.fish";

/// What is read and written, format by format: a line for each.
pub(crate) const FORMATS: &str = "\
Read (IN), from a file, a pipe or `-`; the content decides, not the name:
  WAV               RIFF, RF64 and BW64; PCM of 1 to 32 bits and of 64, 32 and 64-bit float,
                    A-law, mu-law; in RIFF also IMA and Microsoft ADPCM
  FLAC              bare and in Ogg, to 32 bits
  MP1, MP2, MP3     with LAME's, Xing's and VBRI tags, joined or not
  Ogg               Vorbis (mono and stereo) and FLAC, chained or not
  AIFF, AIFF-C      PCM, G.711
  CAF               PCM of 16 bits and more, G.711, ALAC, AAC, MP3
  MP4, M4A          AAC, ALAC, FLAC, MP3
  QuickTime, MOV    AAC, MP3; PCM of 16 bits and more, and unsigned of 8
  Matroska, WebM    Vorbis (mono and stereo), FLAC, AAC, ALAC, MP3, PCM of 16 bits and more
  ADTS              AAC
  raw PCM           with --raw FORMAT:RATE:CHANNELS, such as s16le:24000:1
AAC is read where it is of low complexity, in mono or stereo.
Opus is not read, nor Vorbis of more than two channels: convert these with another tool first.

Written (OUT):
  .wav    u8, s16le, s24le, s32le, f32le, f64le, mulaw, alaw; RF64 past 4 GiB
  .raw    samples and nothing else, of any format; .pcm is the same
  -       the same, on standard output, as into any pipe or device by its name
  --wav   WAV, whatever OUT is called; into a pipe with the length left open

A file appears under its name when it is whole. A link is followed, a file's mode is kept.

Formats: u8 s8, u16 s16 u24 s24 u32 s32 s64 f32 f64 each with le or be, mulaw alaw, and 24 bits in 4
bytes, s24_32le s24_32be (low) and s24_32hle s24_32hbe (high).";
