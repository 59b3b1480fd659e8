#include "shim.h"
#include <SDL3/SDL.h>
#include <stdlib.h>

SHIM(sdl3);

struct converter {
    SDL_AudioStream *stream;
    int in_bytes, out_bytes;
};

static SDL_AudioFormat format_of(int format) {
    switch (format) {
    case U8: return SDL_AUDIO_U8;
    case S16: return SDL_AUDIO_S16;
    case S32: return SDL_AUDIO_S32;
    case F32: return SDL_AUDIO_F32;
    default: return SDL_AUDIO_UNKNOWN;
    }
}

/* Settings: 0 alone, for a stream has none. */
void *sdl3_open(const struct spec *from, const struct spec *to, int setting, int is_dithered) {
    SDL_AudioSpec in = { format_of(from->format), from->channels, from->rate };
    SDL_AudioSpec out = { format_of(to->format), to->channels, to->rate };
    if (setting || is_dithered || in.format == SDL_AUDIO_UNKNOWN || out.format == SDL_AUDIO_UNKNOWN)
        return NULL;
    struct converter *converter = malloc(sizeof *converter);
    converter->in_bytes = from->channels * sample_bytes(from->format);
    converter->out_bytes = to->channels * sample_bytes(to->format);
    converter->stream = SDL_CreateAudioStream(&in, &out);
    return converter->stream ? converter : NULL;
}

size_t sdl3_run(void *state, const void *in, size_t frames, void *out, size_t capacity) {
    struct converter *converter = state;
    SDL_PutAudioStreamData(converter->stream, in, (int)frames * converter->in_bytes);
    int got = SDL_GetAudioStreamData(converter->stream, out, (int)capacity * converter->out_bytes);
    return got < 0 ? 0 : (size_t)(got / converter->out_bytes);
}
