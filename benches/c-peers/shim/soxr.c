#include "shim.h"
#include <soxr.h>

SHIM(soxr);

static int format_of(int format) {
    switch (format) {
    case S16: return SOXR_INT16_I;
    case S32: return SOXR_INT32_I;
    case F32: return SOXR_FLOAT32_I;
    default: return -1;
    }
}

/* Settings: 0 HQ, which is the default, 1 VHQ. It resamples, and mixes nothing. */
void *soxr_open(const struct spec *from, const struct spec *to, int setting, int is_dithered) {
    int in = format_of(from->format), out = format_of(to->format);
    if (is_dithered || in < 0 || out < 0 || from->rate == to->rate || from->channels != to->channels)
        return NULL;
    soxr_error_t error = NULL;
    soxr_io_spec_t io = soxr_io_spec(in, out);
    soxr_quality_spec_t quality = soxr_quality_spec(setting ? SOXR_VHQ : SOXR_HQ, 0);
    soxr_t soxr = soxr_create(from->rate, to->rate, from->channels, &error, &io, &quality, NULL);
    return error ? NULL : soxr;
}

size_t soxr_run(void *converter, const void *in, size_t frames, void *out, size_t capacity) {
    size_t taken, got = 0;
    soxr_process(converter, in, frames, &taken, out, capacity, &got);
    return got;
}
