#include "shim.h"
#include <samplerate.h>
#include <stdlib.h>

SHIM(samplerate);

struct converter {
    SRC_STATE *state;
    double ratio;
    int channels;
};

/* Settings: 0 the fastest sinc, 1 the best, 2 linear. It resamples floats, and mixes nothing. */
void *samplerate_open(const struct spec *from, const struct spec *to, int setting, int is_dithered) {
    static const int types[] = { SRC_SINC_FASTEST, SRC_SINC_BEST_QUALITY, SRC_LINEAR };
    int error;
    if (is_dithered || from->format != F32 || to->format != F32 || from->rate == to->rate
        || from->channels != to->channels)
        return NULL;
    struct converter *converter = malloc(sizeof *converter);
    converter->state = src_new(types[setting], from->channels, &error);
    converter->ratio = (double)to->rate / from->rate;
    converter->channels = from->channels;
    return converter->state ? converter : NULL;
}

size_t samplerate_run(void *state, const void *in, size_t frames, void *out, size_t capacity) {
    struct converter *converter = state;
    size_t taken = 0, got = 0;
    while (taken < frames) {
        SRC_DATA data = { 0 };
        data.data_in = (const float *)in + taken * converter->channels;
        data.input_frames = (long)(frames - taken);
        data.data_out = (float *)out + got * converter->channels;
        data.output_frames = (long)(capacity - got);
        data.src_ratio = converter->ratio;
        if (src_process(converter->state, &data) || (!data.input_frames_used && !data.output_frames_gen))
            break;
        taken += (size_t)data.input_frames_used;
        got += (size_t)data.output_frames_gen;
    }
    return got;
}
