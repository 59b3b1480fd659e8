#include "shim.h"
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>

SHIM(swresample);

static int format_of(int format) {
    switch (format) {
    case U8: return AV_SAMPLE_FMT_U8;
    case S16: return AV_SAMPLE_FMT_S16;
    case S32: return AV_SAMPLE_FMT_S32;
    case F32: return AV_SAMPLE_FMT_FLT;
    default: return AV_SAMPLE_FMT_NONE;
    }
}

/* Settings: 0 the default, 1 a long Kaiser filter. */
void *swresample_open(const struct spec *from, const struct spec *to, int setting, int is_dithered) {
    AVChannelLayout in, out;
    SwrContext *context = NULL;
    int in_format = format_of(from->format), out_format = format_of(to->format);
    if (in_format < 0 || out_format < 0 || (setting && from->rate == to->rate))
        return NULL;
    av_channel_layout_default(&in, from->channels);
    av_channel_layout_default(&out, to->channels);
    if (swr_alloc_set_opts2(&context, &out, out_format, to->rate, &in, in_format, from->rate, 0, NULL) < 0)
        return NULL;
    if (setting) {
        av_opt_set_int(context, "filter_size", 64, 0);
        av_opt_set(context, "filter_type", "kaiser", 0);
        av_opt_set_double(context, "kaiser_beta", 12, 0);
        av_opt_set_double(context, "cutoff", 0.97, 0);
    }
    if (is_dithered)
        av_opt_set(context, "dither_method", "triangular", 0);
    return swr_init(context) < 0 ? NULL : context;
}

size_t swresample_run(void *converter, const void *in, size_t frames, void *out, size_t capacity) {
    const uint8_t *inputs[] = { in };
    uint8_t *outputs[] = { out };
    int got = swr_convert(converter, outputs, (int)capacity, inputs, (int)frames);
    return got < 0 ? 0 : (size_t)got;
}
