#include "shim.h"
#include <SDL.h>
#include <stdlib.h>

SHIM(sdl2);

struct converter {
    SDL_AudioStream *stream;
    int in_bytes, out_bytes;
};

static int format_of(int format) {
    switch (format) {
    case U8: return AUDIO_U8;
    case S16: return AUDIO_S16SYS;
    case S32: return AUDIO_S32SYS;
    case F32: return AUDIO_F32SYS;
    default: return 0;
    }
}

/* Settings: 0 alone, for a stream has none. */
void *sdl2_open(const struct spec *from, const struct spec *to, int setting, int is_dithered) {
    int in = format_of(from->format), out = format_of(to->format);
    if (setting || is_dithered || !in || !out)
        return NULL;
    struct converter *converter = malloc(sizeof *converter);
    converter->in_bytes = from->channels * sample_bytes(from->format);
    converter->out_bytes = to->channels * sample_bytes(to->format);
    converter->stream = SDL_NewAudioStream(in, from->channels, from->rate, out, to->channels, to->rate);
    return converter->stream ? converter : NULL;
}

size_t sdl2_run(void *state, const void *in, size_t frames, void *out, size_t capacity) {
    struct converter *converter = state;
    SDL_AudioStreamPut(converter->stream, in, (int)frames * converter->in_bytes);
    int got = SDL_AudioStreamGet(converter->stream, out, (int)capacity * converter->out_bytes);
    return got < 0 ? 0 : (size_t)(got / converter->out_bytes);
}
