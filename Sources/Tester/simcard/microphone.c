/* The microphone: what it hears when, as the control file has it, and the calls that libasound makes. One thread at a
   time uses it, so it has no lock and no thread of its own: whatever follows from the clock is made up for in the next
   call. See simcard.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "card.h"
#include "clock.h"

struct voice {
  int16_t *samples;
  size_t count;
  size_t said; /* equal to `count` while nobody speaks */
};

struct microphone {
  snd_pcm_ioplug_t io;
  unsigned speed;
  unsigned bits;
  int alarm; /* timerfd: what the program polls */

  /* Setup. */
  snd_pcm_uframes_t boundary, avail_min, stop_threshold;
  int32_t *ring; /* one channel, the highest bit first */

  /* The DMA. Positions are frames since `prepare`; `taken` <= `heard`. */
  int ticking;
  int64_t trigger; /* time at which the frame `base` begins */
  uint64_t base, heard, taken;

  /* What is to be heard. */
  char *control, *path;
  struct stat seen; /* the control file as it was read last */
  struct faults words;
  struct voice voice;
  uint64_t noise; /* state of the generator */
  double phase;   /* of the hum, in turns */
};

/* What somebody says. */

static uint32_t little(const uint8_t *bytes, int count) {
  uint32_t value = 0;
  while (count-- > 0) value = value << 8 | bytes[count];
  return value;
}

/* The samples of a RIFF WAVE file, behind its `data` chunk's head; nothing where it is no such file as is wanted. */
static const uint8_t *find_samples(const uint8_t *file, size_t size, unsigned rate, size_t *bytes) {
  int fits = 0;
  if (size < 12 || memcmp(file, "RIFF", 4) != 0 || memcmp(file + 8, "WAVE", 4) != 0) return NULL;
  for (size_t at = 12; at + 8 <= size;) {
    const uint8_t *content = file + at + 8;
    size_t length = little(file + at + 4, 4), rest = size - at - 8;
    if (memcmp(file + at, "fmt ", 4) == 0 && length >= 16 && rest >= 16)
      fits = little(content + 2, 2) == 1 && little(content + 4, 4) == rate && little(content + 14, 2) == 16;
    if (memcmp(file + at, "data", 4) == 0) {
      *bytes = length < rest ? length : rest;
      return fits ? content : NULL;
    }
    if (length >= rest) return NULL;
    at += 8 + length + (length & 1);
  }
  return NULL;
}

static uint8_t *read_file(const char *path, size_t *size) {
  struct stat status;
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return NULL;
  uint8_t *bytes = fstat(file, &status) == 0 && status.st_size < 64 << 20 ? malloc((size_t)status.st_size + 1) : NULL;
  ssize_t count = bytes ? read(file, bytes, (size_t)status.st_size) : -1;
  close(file);
  if (count < 0) {
    free(bytes);
    return NULL;
  }
  *size = (size_t)count;
  return bytes;
}

static void say(struct microphone *mic) {
  size_t size = 0, bytes = 0;
  uint8_t *file = mic->path ? read_file(mic->path, &size) : NULL;
  const uint8_t *samples = file ? find_samples(file, size, mic->io.rate, &bytes) : NULL;
  int16_t *copy = samples ? malloc(bytes + 1) : NULL;
  if (copy) {
    for (size_t i = 0; i < bytes / 2; i++) copy[i] = (int16_t)little(samples + 2 * i, 2);
    free(mic->voice.samples);
    mic->voice = (struct voice){copy, bytes / 2, 0};
  } else {
    SNDERR("%s: no WAV file of 16 bits, one channel and %u Hz", mic->path ? mic->path : "voice", mic->io.rate);
  }
  free(file);
}

/* What the room gives for the next frame: whole values of the microphone's bits, the highest bit first. */
static int32_t listen_to_room(struct microphone *mic) {
  double value = 0;
  if (mic->words.noise) {
    mic->noise ^= mic->noise << 13;
    mic->noise ^= mic->noise >> 7;
    mic->noise ^= mic->noise << 17;
    /* Even noise of amplitude 1 has an RMS of 1/sqrt(3). */
    value += sqrt(3) * pow(10, -(double)mic->words.noise / 20) * ((double)(int64_t)mic->noise / 0x1p63);
  }
  if (mic->words.hum) value += sqrt(2) * pow(10, -(double)mic->words.hum / 20) * sin(2 * M_PI * mic->phase);
  mic->phase = fmod(mic->phase + 50.0 / mic->io.rate, 1);
  if (mic->voice.said < mic->voice.count) value += mic->voice.samples[mic->voice.said++] / 32768.0;
  double scale = (double)(1u << (mic->bits - 1)), whole = nearbyint(value * scale);
  if (whole > scale - 1) whole = scale - 1;
  if (whole < -scale) whole = -scale;
  return (int32_t)((uint32_t)(int32_t)whole << (32 - mic->bits));
}

/* The DMA. */

static uint32_t pace(const struct microphone *mic) { return mic->io.rate * mic->speed; }

static void halt(struct microphone *mic, snd_pcm_state_t state) {
  mic->ticking = 0;
  mic->io.state = state;
}

static void arm(struct microphone *mic) {
  uint64_t wanted = mic->taken + (mic->avail_min ? mic->avail_min : 1);
  struct itimerspec timer = {{0, 0}, {0, 0}};
  int isError = mic->io.state == SND_PCM_STATE_XRUN || mic->io.state == SND_PCM_STATE_DISCONNECTED;
  if (isError || mic->heard >= wanted) {
    timer.it_value.tv_nsec = 1; /* long past */
  } else if (mic->ticking) {
    int64_t at = mic->trigger + clock_span_whole(wanted - mic->base, pace(mic));
    timer.it_value = (struct timespec){at / SECOND, at % SECOND};
  }
  if (timerfd_settime(mic->alarm, TFD_TIMER_ABSTIME, &timer, NULL) < 0) SNDERR("timerfd_settime: %s", strerror(errno));
}

/* Hears what is due, and stops where nobody has read for too long. */
static void settle(struct microphone *mic, int64_t now) {
  if (!mic->ticking) return;
  uint64_t due = mic->base + clock_frames(now - mic->trigger, pace(mic));
  uint64_t room = mic->stop_threshold < mic->boundary ? mic->stop_threshold : UINT64_MAX - mic->taken;
  uint64_t end = mic->taken + room;
  int isLate = due >= end;
  if (isLate) due = end;
  for (; mic->heard < due; mic->heard++) mic->ring[mic->heard % mic->io.buffer_size] = listen_to_room(mic);
  if (isLate) halt(mic, SND_PCM_STATE_XRUN);
}

static void tick(struct microphone *mic, int64_t now) {
  mic->base = mic->heard;
  mic->trigger = now;
  mic->ticking = !mic->words.stalled;
}

/* Reads the control file where it is another than before: what was due until now was heard as it was. */
static void obey(struct microphone *mic) {
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
    else if (words.stalled) mic->ticking = 0;
    else if (!mic->ticking) tick(mic, card_now());
  }
  if (words.say != before.say) say(mic);
}

/* First in every call that looks at the microphone or changes it. */
static void catch_up(struct microphone *mic) {
  settle(mic, card_now());
  obey(mic);
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
  if (!code) tick(mic, card_now());
  arm(mic);
  return code;
}

static int on_stop(snd_pcm_ioplug_t *io) {
  struct microphone *mic = io->private_data;
  catch_up(mic);
  mic->ticking = 0;
  return 0;
}

static snd_pcm_sframes_t on_pointer(snd_pcm_ioplug_t *io) {
  struct microphone *mic = io->private_data;
  catch_up(mic);
  arm(mic);
  /* Never an error: ioplug takes any for an overrun. The state says what it is. */
  return (snd_pcm_sframes_t)(mic->boundary ? mic->heard % mic->boundary : 0);
}

/* One sample in the program's format, little-endian. */
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
    int32_t sample = mic->ring[mic->taken++ % io->buffer_size];
    for (unsigned channel = 0; channel < io->channels; channel++) to = put(to, io->format, sample);
  }
  arm(mic);
  return (snd_pcm_sframes_t)size;
}

static int on_prepare(snd_pcm_ioplug_t *io) {
  struct microphone *mic = io->private_data;
  obey(mic);
  if (io->state == SND_PCM_STATE_DISCONNECTED) return -ENODEV;
  mic->ticking = 0;
  mic->base = mic->heard = mic->taken = 0;
  /* Before the state changes: an overrun that is over must not wake. */
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
  else *events = mic->heard - mic->taken >= (mic->avail_min ? mic->avail_min : 1) ? POLLIN : 0;
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

struct ears {
  const char *control, *voice;
  unsigned rate, channels, bits, speed;
};

static int read_options(snd_config_t *config, const char *name, struct ears *ears) {
  snd_config_iterator_t at, next;
  snd_config_for_each(at, next, config) {
    snd_config_t *node = snd_config_iterator_entry(at);
    const char *key;
    int code = 0;
    if (snd_config_get_id(node, &key) < 0) continue;
    if (strcmp(key, "type") == 0 || strcmp(key, "comment") == 0 || strcmp(key, "hint") == 0) continue;
    if (strcmp(key, "control") == 0) code = snd_config_get_string(node, &ears->control);
    else if (strcmp(key, "voice") == 0) code = snd_config_get_string(node, &ears->voice);
    else if (strcmp(key, "rate") == 0) code = options_number(node, 1000, 768000, &ears->rate);
    else if (strcmp(key, "channels") == 0) code = options_number(node, 1, 8, &ears->channels);
    else if (strcmp(key, "bits") == 0) code = options_number(node, 16, 24, &ears->bits);
    else if (strcmp(key, "speed") == 0) code = options_number(node, 1, 64, &ears->speed);
    else code = -ENOENT;
    if (!code && ears->bits % 8) code = -EINVAL;
    if (code < 0) {
      SNDERR("%s: %s `%s`", name, code == -ENOENT ? "simmic has no key" : "simmic cannot use the value of", key);
      return -EINVAL;
    }
  }
  return 0;
}

static int constrain(snd_pcm_ioplug_t *io, const struct ears *ears) {
  static const unsigned access[] = {SND_PCM_ACCESS_RW_INTERLEAVED};
  static const unsigned narrow[] = {SND_PCM_FORMAT_S16_LE}, wide[] = {SND_PCM_FORMAT_S24_3LE, SND_PCM_FORMAT_S32_LE};
  int isWide = ears->bits == 24, code;
  code = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 1, access);
  if (code >= 0)
    code = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, isWide ? 2 : 1, isWide ? wide : narrow);
  if (code >= 0) code = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_CHANNELS, ears->channels, ears->channels);
  if (code >= 0) code = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_RATE, ears->rate, ears->rate);
  if (code >= 0) code = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 64, 1 << 20);
  if (code >= 0) code = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, 128, 4 << 20);
  if (code >= 0) code = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIODS, 2, 1024);
  return code;
}

static int prepare_ears(struct microphone *mic, const struct ears *ears) {
  if (ears->voice && !(mic->path = strdup(ears->voice))) return -ENOMEM;
  if (ears->control && !(mic->control = strdup(ears->control))) return -ENOMEM;
  if ((mic->alarm = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) < 0) return -errno;
  if (mic->control) {
    if (stat(mic->control, &mic->seen) < 0) memset(&mic->seen, 0, sizeof mic->seen);
    if (!control_load(mic->control, &mic->words)) memset(&mic->words, 0, sizeof mic->words);
  }
  if (mic->words.unplugged) return -ENODEV;
  return mic->words.busy ? -EBUSY : 0;
}

SND_PCM_PLUGIN_DEFINE_FUNC(simmic) {
  struct ears ears = {.rate = 48000, .channels = 1, .bits = 16, .speed = 1};
  (void)root;
  int code = read_options(conf, name ? name : "simmic", &ears);
  if (code < 0) return code;
  if (stream != SND_PCM_STREAM_CAPTURE) return -EINVAL;
  struct microphone *mic = calloc(1, sizeof *mic);
  if (!mic) return -ENOMEM;
  mic->alarm = -1;
  mic->speed = ears.speed;
  mic->bits = ears.bits;
  mic->noise = UINT64_C(0x9e3779b97f4a7c15);
  if ((code = prepare_ears(mic, &ears)) < 0) {
    release(mic);
    return code;
  }
  mic->io.version = SND_PCM_IOPLUG_VERSION;
  mic->io.name = "simulated microphone";
  /* The pointer as a whole, not modulo the buffer. */
  mic->io.flags = SND_PCM_IOPLUG_FLAG_MONOTONIC | SND_PCM_IOPLUG_FLAG_BOUNDARY_WA;
  mic->io.poll_fd = mic->alarm;
  mic->io.poll_events = POLLIN;
  mic->io.callback = &callbacks;
  mic->io.private_data = mic;
  if ((code = snd_pcm_ioplug_create(&mic->io, name, SND_PCM_STREAM_CAPTURE, mode)) < 0) {
    release(mic);
    return code;
  }
  if ((code = constrain(&mic->io, &ears)) < 0) {
    snd_pcm_ioplug_delete(&mic->io); /* closes the microphone too */
    return code;
  }
  *pcmp = mic->io.pcm;
  return 0;
}

SND_PCM_PLUGIN_SYMBOL(simmic)
