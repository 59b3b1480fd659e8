#include "shim.h"
#include <speex/speex_resampler.h>

SHIM(speexdsp);

/* Settings: 0 quality 4, which is the default, 1 quality 10. It resamples floats, and mixes nothing. */
void *speexdsp_open(const struct spec *from, const struct spec *to, int setting, int is_dithered) {
    int error, quality = setting ? SPEEX_RESAMPLER_QUALITY_MAX : SPEEX_RESAMPLER_QUALITY_DEFAULT;
    if (is_dithered || from->format != F32 || to->format != F32 || from->rate == to->rate
        || from->channels != to->channels)
        return NULL;
    return speex_resampler_init(from->channels, from->rate, to->rate, quality, &error);
}

size_t speexdsp_run(void *converter, const void *in, size_t frames, void *out, size_t capacity) {
    spx_uint32_t taken = (spx_uint32_t)frames, got = (spx_uint32_t)capacity;
    speex_resampler_process_interleaved_float(converter, in, &taken, out, &got);
    return got;
}
