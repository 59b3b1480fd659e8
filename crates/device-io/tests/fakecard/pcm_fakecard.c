// A sound card that is not there: an ALSA external I/O plugin with made-up capabilities, so that
// cpal's real ALSA host has something to play on and to record from where there is no hardware.
//
// What is played is appended to the card's `file`; what is recorded is a ramp. Its fields, in an
// ALSA configuration:
//   formats "S16_LE FLOAT_LE"                     what it takes
//   rate_min, rate_max, channels_min, channels_max
//   period_min, period_max                        in frames
//   file "PATH"                                   what was played, as it came
//   speed N                                       times real time, at least 1
//   strict 1                                      a late writer or reader is an xrun; else the clock waits
//   xrun_at N                                     one xrun, when N frames have been played
//   gone "PATH"                                   while this file exists, the card is unplugged
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

typedef struct {
    snd_pcm_ioplug_t io;
    int timer;
    int sink;
    char *gone;
    long speed, strict, xrun_at;
    snd_pcm_uframes_t played;   // frames that the card's clock has passed
    snd_pcm_uframes_t origin;   // the same when the clock was last set
    struct timespec since;      // when that was
    uint64_t ramp;              // frames recorded
    size_t frame_bytes;
} card_t;

static void set_clock(card_t *card) {
    card->origin = card->played;
    clock_gettime(CLOCK_MONOTONIC, &card->since);
}

// Frames that the clock has passed by now.
static snd_pcm_uframes_t now(const card_t *card) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    int64_t ns = (t.tv_sec - card->since.tv_sec) * 1000000000LL + (t.tv_nsec - card->since.tv_nsec);
    return card->origin + (snd_pcm_uframes_t)(ns * 1e-9 * card->io.rate * card->speed);
}

static int is_gone(const card_t *card) { return card->gone && access(card->gone, F_OK) == 0; }

static int on_prepare(snd_pcm_ioplug_t *io) {
    card_t *card = io->private_data;
    if (is_gone(card)) return -ENODEV;
    card->played = 0;
    set_clock(card);
    card->frame_bytes = snd_pcm_format_physical_width(io->format) / 8 * io->channels;
    // Twice a period, in the card's own time.
    double seconds = (double)io->period_size / io->rate / card->speed / 2;
    struct timespec tick = {(time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9) + 1};
    struct itimerspec timer = {tick, tick};
    return timerfd_settime(card->timer, 0, &timer, NULL) < 0 ? -errno : 0;
}

static int on_start(snd_pcm_ioplug_t *io) {
    set_clock(io->private_data);
    return 0;
}

static int on_stop(snd_pcm_ioplug_t *io) {
    (void)io;
    return 0;
}

static snd_pcm_sframes_t on_pointer(snd_pcm_ioplug_t *io) {
    card_t *card = io->private_data;
    if (is_gone(card)) return -ENODEV;
    int draining = io->state == SND_PCM_STATE_DRAINING;
    if (io->state != SND_PCM_STATE_RUNNING && !draining) return card->played;
    // What the application has written, or has room for.
    snd_pcm_uframes_t limit = io->appl_ptr;
    if (io->stream == SND_PCM_STREAM_CAPTURE) limit += io->buffer_size;
    snd_pcm_uframes_t position = now(card);
    if (position > limit) {
        if (card->strict && !draining) return -EPIPE;
        card->played = position = limit;
        set_clock(card);
    }
    if (card->xrun_at > 0 && position >= (snd_pcm_uframes_t)card->xrun_at) {
        card->xrun_at = 0;
        return -EPIPE;
    }
    card->played = position;
    return position;
}

static void record(card_t *card, char *to, snd_pcm_uframes_t frames) {
    snd_pcm_ioplug_t *io = &card->io;
    for (snd_pcm_uframes_t i = 0; i < frames; i++) {
        card->ramp++;
        for (unsigned channel = 0; channel < io->channels; channel++) {
            // 1, 2, 3 ..., and its complement on every other channel.
            int16_t value = (int16_t)(channel % 2 ? ~card->ramp : card->ramp);
            size_t at = i * io->channels + channel;
            switch (io->format) {
            case SND_PCM_FORMAT_S16_LE: ((int16_t *)to)[at] = value; break;
            case SND_PCM_FORMAT_S32_LE: ((int32_t *)to)[at] = (int32_t)value * 65536; break;
            case SND_PCM_FORMAT_FLOAT_LE: ((float *)to)[at] = value / 32768.0f; break;
            default: snd_pcm_format_set_silence(io->format, to + at * (card->frame_bytes / io->channels), 1);
            }
        }
    }
}

static snd_pcm_sframes_t on_transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas,
                                     snd_pcm_uframes_t offset, snd_pcm_uframes_t frames) {
    card_t *card = io->private_data;
    char *data = (char *)areas->addr + (areas->first + areas->step * offset) / 8;
    if (is_gone(card)) return -ENODEV;
    if (io->stream == SND_PCM_STREAM_CAPTURE) {
        record(card, data, frames);
    } else if (card->sink >= 0) {
        size_t bytes = frames * card->frame_bytes;
        for (size_t done = 0; done < bytes;) {
            ssize_t written = write(card->sink, data + done, bytes - done);
            if (written < 0) return -errno;
            done += written;
        }
    }
    return frames;
}

static int on_poll_revents(snd_pcm_ioplug_t *io, struct pollfd *fds, unsigned count, unsigned short *revents) {
    card_t *card = io->private_data;
    uint64_t ticks;
    (void)count;
    if ((fds[0].revents & POLLIN) && read(card->timer, &ticks, sizeof ticks) < 0 && errno != EAGAIN) return -errno;
    unsigned short ready = io->stream == SND_PCM_STREAM_PLAYBACK ? POLLOUT : POLLIN;
    snd_pcm_sframes_t available = snd_pcm_avail_update(io->pcm);
    if (is_gone(card)) *revents = POLLERR | POLLHUP;
    else if (available < 0) *revents = POLLERR | ready;
    else *revents = (snd_pcm_uframes_t)available >= io->period_size ? ready : 0;
    return 0;
}

static int on_close(snd_pcm_ioplug_t *io) {
    card_t *card = io->private_data;
    close(card->timer);
    if (card->sink >= 0) close(card->sink);
    free(card->gone);
    free(card);
    return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
    .start = on_start,
    .stop = on_stop,
    .pointer = on_pointer,
    .transfer = on_transfer,
    .prepare = on_prepare,
    .poll_revents = on_poll_revents,
    .close = on_close,
};

static int constrain(snd_pcm_ioplug_t *io, const char *formats, const long *limits) {
    unsigned accesses[] = {SND_PCM_ACCESS_RW_INTERLEAVED}, list[32];
    unsigned count = 0;
    char *copy = strdup(formats), *rest = copy;
    if (!copy) return -ENOMEM;
    for (char *name; (name = strsep(&rest, " ")) && count < 32;) {
        int format = snd_pcm_format_value(name);
        if (format >= 0) list[count++] = format;
    }
    free(copy);
    int error = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 1, accesses);
    if (error < 0) return error;
    error = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, count, list);
    if (error < 0) return error;
    error = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_RATE, limits[0], limits[1]);
    if (error < 0) return error;
    error = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_CHANNELS, limits[2], limits[3]);
    if (error < 0) return error;
    // Bytes, of the narrowest and the widest frame.
    error = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, limits[4] * limits[2],
                                            limits[5] * limits[3] * 8);
    if (error < 0) return error;
    return snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIODS, 2, 8);
}

SND_PCM_PLUGIN_DEFINE_FUNC(fakecard) {
    static const char *const names[] = {"rate_min",   "rate_max",   "channels_min", "channels_max", "period_min",
                                        "period_max", "speed",      "strict",       "xrun_at"};
    long numbers[] = {48000, 48000, 2, 2, 64, 8192, 1, 0, 0};
    const char *formats = "S16_LE", *file = NULL, *gone = NULL;
    snd_config_iterator_t at, next;
    (void)root;
    snd_config_for_each(at, next, conf) {
        snd_config_t *field = snd_config_iterator_entry(at);
        const char *id;
        if (snd_config_get_id(field, &id) < 0) continue;
        if (!strcmp(id, "type") || !strcmp(id, "hint") || !strcmp(id, "comment")) continue;
        if (!strcmp(id, "formats")) { snd_config_get_string(field, &formats); continue; }
        if (!strcmp(id, "file")) { snd_config_get_string(field, &file); continue; }
        if (!strcmp(id, "gone")) { snd_config_get_string(field, &gone); continue; }
        size_t i = 0;
        while (i < 9 && strcmp(id, names[i])) i++;
        if (i == 9 || snd_config_get_integer(field, &numbers[i]) < 0) {
            SNDERR("fakecard: bad field %s", id);
            return -EINVAL;
        }
    }
    // A card without a clock would spin, and a callback in real time with it.
    if (numbers[6] < 1) return -EINVAL;
    card_t *card = calloc(1, sizeof *card);
    if (!card) return -ENOMEM;
    card->speed = numbers[6];
    card->strict = numbers[7];
    card->xrun_at = numbers[8];
    card->gone = gone ? strdup(gone) : NULL;
    card->sink = -1;
    int error = -ENODEV;
    if (is_gone(card)) goto failed;
    if (file && stream == SND_PCM_STREAM_PLAYBACK)
        card->sink = open(file, O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600);
    card->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    card->io.version = SND_PCM_IOPLUG_VERSION;
    card->io.name = "fakecard";
    card->io.callback = &callbacks;
    card->io.private_data = card;
    card->io.poll_fd = card->timer;
    card->io.poll_events = POLLIN;
    // The position counts on: an advance by a whole buffer is not lost.
    card->io.flags = SND_PCM_IOPLUG_FLAG_BOUNDARY_WA;
    error = snd_pcm_ioplug_create(&card->io, name, stream, mode);
    if (error < 0) {
        close(card->timer);
        goto failed;
    }
    error = constrain(&card->io, formats, numbers);
    if (error < 0) {
        snd_pcm_ioplug_delete(&card->io);
        return error;
    }
    *pcmp = card->io.pcm;
    return 0;
failed:
    if (card->sink >= 0) close(card->sink);
    free(card->gone);
    free(card);
    return error;
}
SND_PCM_PLUGIN_SYMBOL(fakecard);
