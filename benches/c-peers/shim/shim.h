/* What each library is asked for: a converter from one spec to another, and a call of it. A converter lives as long as
 * the program; its buffers are the same in every call. */
#include <stddef.h>

enum format { U8, S16, S24, S32, F32 };

struct spec {
    int format, channels, rate;
};

/* NAME_open(from, to, setting, is_dithered): NULL where the library cannot do it.
 * NAME_run(converter, in, frames, out, capacity): all input is taken; frames that came. */
#define SHIM(name) \
    void *name##_open(const struct spec *from, const struct spec *to, int setting, int is_dithered); \
    size_t name##_run(void *converter, const void *in, size_t frames, void *out, size_t capacity)

static inline int sample_bytes(int format) {
    static const int bytes[] = { 1, 2, 3, 4, 4 };
    return bytes[format];
}
