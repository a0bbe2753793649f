/* The microphone: its DMA and the calls of libasound. simcard.h describes its behaviour.

   One thread at a time uses it, so it has no lock and no thread of its own: each call first captures the frames that
   are due by the clock. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "card.h"
#include "clock.h"
#include "microphone.h"

/* The DMA. */

static uint32_t pace(const struct microphone *mic) { return mic->io.rate * mic->speed; }

static void halt(struct microphone *mic, snd_pcm_state_t state) {
  mic->running = 0;
  mic->io.state = state;
}

static void arm(struct microphone *mic) {
  uint64_t wanted = mic->read + (mic->avail_min ? mic->avail_min : 1);
  struct itimerspec timer = {{0, 0}, {0, 0}};
  int isError = mic->io.state == SND_PCM_STATE_XRUN || mic->io.state == SND_PCM_STATE_DISCONNECTED;
  if (isError || mic->captured >= wanted) {
    timer.it_value.tv_nsec = 1; /* long past */
  } else if (mic->running) {
    int64_t at = mic->trigger + clock_span_whole(wanted - mic->base, pace(mic));
    timer.it_value = (struct timespec){at / SECOND, at % SECOND};
  }
  if (timerfd_settime(mic->alarm, TFD_TIMER_ABSTIME, &timer, NULL) < 0) SNDERR("timerfd_settime: %s", strerror(errno));
}

/* Captures the frames that are due, and stops at an overrun. */
static void settle(struct microphone *mic, int64_t now) {
  if (!mic->running) return;
  uint64_t due = mic->base + clock_frames(now - mic->trigger, pace(mic));
  uint64_t room = mic->stop_threshold < mic->boundary ? mic->stop_threshold : UINT64_MAX - mic->read;
  uint64_t end = mic->read + room;
  int isLate = due >= end;
  if (isLate) due = end;
  for (; mic->captured < due; mic->captured++) mic->ring[mic->captured % mic->io.buffer_size] = room_sample(mic);
  if (isLate) halt(mic, SND_PCM_STATE_XRUN);
}

static void run(struct microphone *mic, int64_t now) {
  mic->base = mic->captured;
  mic->trigger = now;
  mic->running = !mic->words.stalled;
}

/* Reads the control file if it has changed. Call it after settle(): frames until now follow the old file. */
static void read_control(struct microphone *mic) {
  struct stat status;
  struct faults words, before = mic->words;
  if (!mic->control) return;
  if (stat(mic->control, &status) < 0) memset(&status, 0, sizeof status);
  if (status.st_ino == mic->seen.st_ino && status.st_size == mic->seen.st_size &&
      status.st_mtim.tv_sec == mic->seen.st_mtim.tv_sec && status.st_mtim.tv_nsec == mic->seen.st_mtim.tv_nsec)
    return;
  if (!control_load(mic->control, &words)) return;
  mic->seen = status;
  mic->words = words;
  if (words.unplugged) halt(mic, SND_PCM_STATE_DISCONNECTED);
  if (mic->io.state == SND_PCM_STATE_RUNNING) {
    if (words.xrun != before.xrun) halt(mic, SND_PCM_STATE_XRUN);
    else if (words.stalled) mic->running = 0;
    else if (!mic->running) run(mic, card_now());
  }
  if (words.say != before.say) room_say(mic);
}

/* Call it first in every function that reads or changes the microphone. */
static void catch_up(struct microphone *mic) {
  settle(mic, card_now());
  read_control(mic);
}

static int state_error(const struct microphone *mic) {
  if (mic->io.state == SND_PCM_STATE_XRUN) return -EPIPE;
  return mic->io.state == SND_PCM_STATE_DISCONNECTED ? -ENODEV : 0;
}

/* The calls. */

static int on_start(snd_pcm_ioplug_t *io) {
  struct microphone *mic = io->private_data;
  catch_up(mic);
  int code = state_error(mic);
  if (!code) run(mic, card_now());
  arm(mic);
  return code;
}

static int on_stop(snd_pcm_ioplug_t *io) {
  struct microphone *mic = io->private_data;
  catch_up(mic);
  mic->running = 0;
  return 0;
}

static snd_pcm_sframes_t on_pointer(snd_pcm_ioplug_t *io) {
  struct microphone *mic = io->private_data;
  catch_up(mic);
  arm(mic);
  /* Never an error, which ioplug would take for an overrun. The state tells the program. */
  return (snd_pcm_sframes_t)(mic->boundary ? mic->captured % mic->boundary : 0);
}

/* Writes one sample in the program's format, little-endian. */
static uint8_t *put(uint8_t *to, snd_pcm_format_t format, int32_t sample) {
  int bytes = format == SND_PCM_FORMAT_S16_LE ? 2 : format == SND_PCM_FORMAT_S24_3LE ? 3 : 4;
  for (int i = 4 - bytes; i < 4; i++) *to++ = (uint8_t)((uint32_t)sample >> (8 * i));
  return to;
}

static snd_pcm_sframes_t on_transfer(
    snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas, snd_pcm_uframes_t offset, snd_pcm_uframes_t size) {
  struct microphone *mic = io->private_data;
  uint8_t *to = (uint8_t *)areas->addr + (areas->first + areas->step * offset) / 8;
  int code = state_error(mic);
  if (code) return code;
  for (snd_pcm_uframes_t i = 0; i < size; i++) {
    int32_t sample = mic->ring[mic->read++ % io->buffer_size];
    for (unsigned channel = 0; channel < io->channels; channel++) to = put(to, io->format, sample);
  }
  arm(mic);
  return (snd_pcm_sframes_t)size;
}

static int on_prepare(snd_pcm_ioplug_t *io) {
  struct microphone *mic = io->private_data;
  read_control(mic);
  if (io->state == SND_PCM_STATE_DISCONNECTED) return -ENODEV;
  mic->running = 0;
  mic->base = mic->captured = mic->read = 0;
  /* The state changes first, so that a past overrun does not make the timer readable. */
  io->state = SND_PCM_STATE_PREPARED;
  arm(mic);
  return 0;
}

static int on_hw_params(snd_pcm_ioplug_t *io, snd_pcm_hw_params_t *params) {
  struct microphone *mic = io->private_data;
  (void)params;
  int32_t *ring = calloc(io->buffer_size, sizeof *ring);
  if (!ring) return -ENOMEM;
  free(mic->ring);
  mic->ring = ring;
  return 0;
}

static int on_sw_params(snd_pcm_ioplug_t *io, snd_pcm_sw_params_t *params) {
  struct microphone *mic = io->private_data;
  int code;
  if ((code = snd_pcm_sw_params_get_boundary(params, &mic->boundary)) < 0) return code;
  if ((code = snd_pcm_sw_params_get_avail_min(params, &mic->avail_min)) < 0) return code;
  if ((code = snd_pcm_sw_params_get_stop_threshold(params, &mic->stop_threshold)) < 0) return code;
  return 0;
}

static int on_poll_revents(snd_pcm_ioplug_t *io, struct pollfd *table, unsigned count, unsigned short *events) {
  struct microphone *mic = io->private_data;
  (void)table;
  (void)count;
  catch_up(mic);
  arm(mic);
  if (io->state == SND_PCM_STATE_DISCONNECTED) *events = POLLERR | POLLNVAL;
  else if (io->state == SND_PCM_STATE_XRUN) *events = POLLERR | POLLIN;
  else *events = mic->captured - mic->read >= (mic->avail_min ? mic->avail_min : 1) ? POLLIN : 0;
  return 0;
}

static void release(struct microphone *mic) {
  if (mic->alarm >= 0) close(mic->alarm);
  free(mic->control);
  free(mic->path);
  free(mic->voice.samples);
  free(mic->ring);
  free(mic);
}

static int on_close(snd_pcm_ioplug_t *io) {
  release(io->private_data);
  return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
    .start = on_start,
    .stop = on_stop,
    .pointer = on_pointer,
    .transfer = on_transfer,
    .close = on_close,
    .hw_params = on_hw_params,
    .sw_params = on_sw_params,
    .prepare = on_prepare,
    .poll_revents = on_poll_revents,
};

/* Opening. */

struct microphone_options {
  const char *control, *voice;
  unsigned rate, channels, bits, speed;
};

static int read_options(snd_config_t *config, const char *name, struct microphone_options *options) {
  snd_config_iterator_t at, next;
  snd_config_for_each(at, next, config) {
    snd_config_t *node = snd_config_iterator_entry(at);
    const char *key;
    int code = 0;
    if (snd_config_get_id(node, &key) < 0) continue;
    if (strcmp(key, "type") == 0 || strcmp(key, "comment") == 0 || strcmp(key, "hint") == 0) continue;
    if (strcmp(key, "control") == 0) code = snd_config_get_string(node, &options->control);
    else if (strcmp(key, "voice") == 0) code = snd_config_get_string(node, &options->voice);
    else if (strcmp(key, "rate") == 0) code = options_number(node, 1000, 768000, &options->rate);
    else if (strcmp(key, "channels") == 0) code = options_number(node, 1, 8, &options->channels);
    else if (strcmp(key, "bits") == 0) code = options_number(node, 16, 24, &options->bits);
    else if (strcmp(key, "speed") == 0) code = options_number(node, 1, 64, &options->speed);
    else code = -ENOENT;
    if (!code && options->bits % 8) code = -EINVAL;
    if (code < 0) {
      SNDERR("%s: %s `%s`", name, code == -ENOENT ? "simmic has no key" : "simmic cannot use the value of", key);
      return -EINVAL;
    }
  }
  return 0;
}

static int constrain(snd_pcm_ioplug_t *io, const struct microphone_options *options) {
  static const unsigned access[] = {SND_PCM_ACCESS_RW_INTERLEAVED};
  static const unsigned narrow[] = {SND_PCM_FORMAT_S16_LE}, wide[] = {SND_PCM_FORMAT_S24_3LE, SND_PCM_FORMAT_S32_LE};
  int isWide = options->bits == 24, code;
  code = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 1, access);
  if (code >= 0)
    code = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, isWide ? 2 : 1, isWide ? wide : narrow);
  unsigned channels = options->channels;
  if (code >= 0) code = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_CHANNELS, channels, channels);
  if (code >= 0) code = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_RATE, options->rate, options->rate);
  if (code >= 0) code = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 64, 1 << 20);
  if (code >= 0) code = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, 128, 4 << 20);
  if (code >= 0) code = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIODS, 2, 1024);
  return code;
}

static int prepare_microphone(struct microphone *mic, const struct microphone_options *options) {
  if (options->voice && !(mic->path = strdup(options->voice))) return -ENOMEM;
  if (options->control && !(mic->control = strdup(options->control))) return -ENOMEM;
  if ((mic->alarm = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) < 0) return -errno;
  if (mic->control) {
    if (stat(mic->control, &mic->seen) < 0) memset(&mic->seen, 0, sizeof mic->seen);
    if (!control_load(mic->control, &mic->words)) memset(&mic->words, 0, sizeof mic->words);
  }
  if (mic->words.unplugged) return -ENODEV;
  return mic->words.busy ? -EBUSY : 0;
}

SND_PCM_PLUGIN_DEFINE_FUNC(simmic) {
  struct microphone_options options = {.rate = 48000, .channels = 1, .bits = 16, .speed = 1};
  (void)root;
  int code = read_options(conf, name ? name : "simmic", &options);
  if (code < 0) return code;
  if (stream != SND_PCM_STREAM_CAPTURE) return -EINVAL;
  struct microphone *mic = calloc(1, sizeof *mic);
  if (!mic) return -ENOMEM;
  mic->alarm = -1;
  mic->speed = options.speed;
  mic->bits = options.bits;
  mic->noise = UINT64_C(0x9e3779b97f4a7c15);
  if ((code = prepare_microphone(mic, &options)) < 0) {
    release(mic);
    return code;
  }
  mic->io.version = SND_PCM_IOPLUG_VERSION;
  mic->io.name = "simulated microphone";
  /* The pointer is not modulo the buffer. */
  mic->io.flags = SND_PCM_IOPLUG_FLAG_MONOTONIC | SND_PCM_IOPLUG_FLAG_BOUNDARY_WA;
  mic->io.poll_fd = mic->alarm;
  mic->io.poll_events = POLLIN;
  mic->io.callback = &callbacks;
  mic->io.private_data = mic;
  if ((code = snd_pcm_ioplug_create(&mic->io, name, SND_PCM_STREAM_CAPTURE, mode)) < 0) {
    release(mic);
    return code;
  }
  if ((code = constrain(&mic->io, &options)) < 0) {
    snd_pcm_ioplug_delete(&mic->io); /* closes the microphone too */
    return code;
  }
  *pcmp = mic->io.pcm;
  return 0;
}

SND_PCM_PLUGIN_SYMBOL(simmic)
