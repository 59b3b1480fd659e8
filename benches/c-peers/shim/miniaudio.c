#include "shim.h"
#define MA_NO_DEVICE_IO
#define MA_NO_DECODING
#define MA_NO_ENCODING
#define MA_NO_ENGINE
#define MINIAUDIO_IMPLEMENTATION
#include <miniaudio.h>

SHIM(miniaudio);

static ma_format format_of(int format) {
    static const ma_format formats[] = { ma_format_u8, ma_format_s16, ma_format_s24, ma_format_s32, ma_format_f32 };
    return formats[format];
}

/* Settings: 0 the default, a filter of order 4 beside linear interpolation, 1 the highest order. */
void *miniaudio_open(const struct spec *from, const struct spec *to, int setting, int is_dithered) {
    if (setting && from->rate == to->rate)
        return NULL;
    ma_data_converter_config config = ma_data_converter_config_init(format_of(from->format), format_of(to->format),
        from->channels, to->channels, from->rate, to->rate);
    if (setting)
        config.resampling.linear.lpfOrder = MA_MAX_FILTER_ORDER;
    if (is_dithered)
        config.ditherMode = ma_dither_mode_triangle;
    ma_data_converter *converter = ma_malloc(sizeof *converter, NULL);
    return ma_data_converter_init(&config, NULL, converter) == MA_SUCCESS ? converter : NULL;
}

size_t miniaudio_run(void *converter, const void *in, size_t frames, void *out, size_t capacity) {
    ma_uint64 taken = frames, got = capacity;
    ma_data_converter_process_pcm_frames(converter, in, &taken, out, &got);
    return (size_t)got;
}
