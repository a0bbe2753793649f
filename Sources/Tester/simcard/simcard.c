/* The plugin: the calls that libasound makes, and how it opens. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "card.h"
#include "clock.h"

#define DRAIN_PATIENCE (10 * SECOND) /* what a drain may take longer than what is queued, as in the kernel */

static int on_start(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  card_enter(card);
  int code = card_state_error(card);
  /* A driver starts nothing on an empty buffer, but where the stream shall run freely. */
  if (!code && card->written == card->left && card->stop_threshold < card->boundary) code = -EPIPE;
  if (!code) {
    card->state = SND_PCM_STATE_RUNNING;
    card_tick(card, card_now(), SIMCARD_TRIGGERED);
    card_arm(card);
  }
  card_leave(card);
  return code;
}

static int on_stop(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  card_enter(card);
  int64_t now = card_now();
  card_settle(card, now);
  switch (card->state) {
    case SND_PCM_STATE_RUNNING:
    case SND_PCM_STATE_DRAINING:
    case SND_PCM_STATE_PAUSED:
      card_halt(card, SND_PCM_STATE_SETUP, SIMCARD_DROP, now);
      break;
    case SND_PCM_STATE_DISCONNECTED:
      break;
    default:
      card->state = SND_PCM_STATE_SETUP;
      card_arm(card);
  }
  card_leave(card);
  return 0;
}

static snd_pcm_sframes_t on_pointer(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  card_enter(card);
  card_settle(card, card_now());
  /* Never an error: ioplug takes any for an underrun. The state says what it is. */
  snd_pcm_sframes_t position = (snd_pcm_sframes_t)(card->boundary ? card->left % card->boundary : 0);
  card_leave(card);
  return position;
}

static int on_delay(snd_pcm_ioplug_t *io, snd_pcm_sframes_t *delay) {
  struct card *card = io->private_data;
  card_enter(card);
  card_settle(card, card_now());
  int code = card_state_error(card);
  *delay = (snd_pcm_sframes_t)(card->written - card->left);
  card_leave(card);
  return code;
}

static snd_pcm_sframes_t on_transfer(
    snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas, snd_pcm_uframes_t offset, snd_pcm_uframes_t size) {
  struct card *card = io->private_data;
  const uint8_t *from = (const uint8_t *)areas->addr + (areas->first + areas->step * offset) / 8;
  card_enter(card);
  card_settle(card, card_now());
  snd_pcm_sframes_t result = card_state_error(card);
  for (snd_pcm_uframes_t left = size; !result && left > 0;) {
    uint64_t at = card->written % io->buffer_size, count = io->buffer_size - at;
    if (count > left) count = left;
    memcpy(card->ring + at * card->frame_bytes, from, count * card->frame_bytes);
    from += count * card->frame_bytes;
    card->written += count;
    left -= count;
  }
  card_arm(card);
  card_leave(card);
  return result ? result : (snd_pcm_sframes_t)size;
}

static int on_prepare(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  card_enter(card);
  int64_t now = card_now();
  card_settle(card, now);
  int code = card->state == SND_PCM_STATE_DISCONNECTED ? -ENODEV : 0;
  if (!code) {
    if (card->ticking) card_halt(card, SND_PCM_STATE_SETUP, SIMCARD_DROP, now);
    card->left = card->written = card->base = 0;
    card->state = SND_PCM_STATE_PREPARED;
    record_block(card, SIMCARD_PREPARE, now, 0, 0, 0);
    card_arm(card);
  }
  card_leave(card);
  return code;
}

/* Plays out what is queued. ioplug has set the state to DRAINING and holds no lock. */
static int on_drain(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  card_enter(card);
  int64_t now = card_now();
  card_settle(card, now);
  if (card->state == SND_PCM_STATE_PREPARED || card->state == SND_PCM_STATE_RUNNING) {
    snd_pcm_state_t before = card->state;
    record_block(card, SIMCARD_DRAIN, now, card->left, 0, 0);
    card->state = SND_PCM_STATE_DRAINING;
    if (before == SND_PCM_STATE_PREPARED && card->written > card->left) card_tick(card, now, SIMCARD_TRIGGERED);
    if (card->written <= card->left) card_halt(card, SND_PCM_STATE_SETUP, SIMCARD_DRAINED, now);
    card_arm(card);
    worker_wake(card);
  }
  int64_t last = now + clock_span(card->written - card->left, io->rate) + DRAIN_PATIENCE;
  struct timespec deadline = {last / SECOND, last % SECOND};
  int code = 0;
  while (card->state == SND_PCM_STATE_DRAINING && !code) {
    if (io->nonblock) code = -EAGAIN;
    else if (pthread_cond_timedwait(&card->changed, &card->lock, &deadline) == ETIMEDOUT) code = -EIO;
  }
  if (!code) code = card_state_error(card);
  card_publish(card);
  card_leave(card);
  return code;
}

static int on_pause(snd_pcm_ioplug_t *io, int enable) {
  struct card *card = io->private_data;
  card_enter(card);
  int64_t now = card_now();
  card_settle(card, now);
  int code = card_state_error(card);
  if (!code && enable) card_halt(card, SND_PCM_STATE_PAUSED, SIMCARD_PAUSE, now);
  if (!code && !enable) {
    card->state = SND_PCM_STATE_RUNNING;
    card_tick(card, now, SIMCARD_RELEASED);
  }
  card_arm(card);
  card_leave(card);
  return code;
}

/* After a suspend the card goes on where it stood. */
static int on_resume(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  card_enter(card);
  if (card->state == SND_PCM_STATE_SUSPENDED) {
    card->state = card->suspended;
    io->state = card->state;
    if (card->state == SND_PCM_STATE_RUNNING || card->state == SND_PCM_STATE_DRAINING)
      card_tick(card, card_now(), SIMCARD_RESUMED);
    card_arm(card);
  }
  card_leave(card);
  return 0;
}

static int on_poll_count(snd_pcm_ioplug_t *io) {
  (void)io;
  return 2;
}

static int on_poll_descriptors(snd_pcm_ioplug_t *io, struct pollfd *table, unsigned space) {
  struct card *card = io->private_data;
  const struct pollfd all[] = {{card->alarm, POLLIN, 0}, {card->lifeline[0], 0, 0}};
  unsigned count = space < 2 ? space : 2;
  memcpy(table, all, count * sizeof *all);
  return (int)count;
}

static int on_poll_revents(snd_pcm_ioplug_t *io, struct pollfd *table, unsigned count, unsigned short *events) {
  struct card *card = io->private_data;
  (void)table;
  (void)count;
  card_enter(card);
  card_settle(card, card_now());
  uint64_t filled = card->written > card->left ? card->written - card->left : 0;
  switch (card->state) {
    case SND_PCM_STATE_PREPARED:
    case SND_PCM_STATE_RUNNING:
    case SND_PCM_STATE_PAUSED:
      *events = filled + (card->avail_min ? card->avail_min : 1) <= io->buffer_size ? POLLOUT : 0;
      break;
    case SND_PCM_STATE_DRAINING:
      *events = 0;
      break;
    case SND_PCM_STATE_DISCONNECTED:
      *events = POLLERR | POLLNVAL;
      break;
    default:
      *events = POLLERR | POLLOUT;
  }
  /* The timer may have run out for a moment that a write has since moved. */
  card_arm(card);
  card_leave(card);
  return 0;
}

static int on_hw_params(snd_pcm_ioplug_t *io, snd_pcm_hw_params_t *params) {
  struct card *card = io->private_data;
  (void)params;
  size_t bytes = (size_t)snd_pcm_format_physical_width(io->format) / 8 * io->channels;
  uint8_t *ring = calloc(io->buffer_size, bytes);
  if (!ring) return -ENOMEM;
  struct simcard_setup setup = {
      card_pace(card), io->channels, (uint32_t)io->format, (uint32_t)io->period_size, (uint32_t)io->buffer_size};
  card_enter(card);
  int code = card->state == SND_PCM_STATE_DISCONNECTED ? -ENODEV : 0;
  if (!code) {
    uint8_t *old = card->ring;
    card->ring = ring;
    ring = old;
    card->frame_bytes = bytes;
    card->left = card->written = card->base = 0;
    card->state = SND_PCM_STATE_SETUP;
    uint8_t *to = record_block(card, SIMCARD_SETUP, card_now(), 0, 0, sizeof setup);
    if (to) memcpy(to, &setup, sizeof setup);
    card_arm(card);
  }
  card_publish(card);
  card_leave(card);
  free(ring);
  return code;
}

static int on_hw_free(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  card_enter(card);
  int64_t now = card_now();
  card_settle(card, now);
  if (card->ticking) card_halt(card, SND_PCM_STATE_SETUP, SIMCARD_DROP, now);
  if (card->state != SND_PCM_STATE_DISCONNECTED) card->state = SND_PCM_STATE_OPEN;
  card_leave(card);
  return 0;
}

static int on_sw_params(snd_pcm_ioplug_t *io, snd_pcm_sw_params_t *params) {
  struct card *card = io->private_data;
  snd_pcm_uframes_t boundary, avail_min, stop_threshold, silence_size;
  int code;
  if ((code = snd_pcm_sw_params_get_boundary(params, &boundary)) < 0) return code;
  if ((code = snd_pcm_sw_params_get_avail_min(params, &avail_min)) < 0) return code;
  if ((code = snd_pcm_sw_params_get_stop_threshold(params, &stop_threshold)) < 0) return code;
  if ((code = snd_pcm_sw_params_get_silence_size(params, &silence_size)) < 0) return code;
  card_enter(card);
  card_settle(card, card_now());
  card->boundary = boundary;
  card->avail_min = avail_min;
  card->stop_threshold = stop_threshold;
  card->silence_size = silence_size;
  card_arm(card);
  card_leave(card);
  return 0;
}

static void release(struct card *card) {
  control_close(card);
  record_close(card);
  if (card->wake >= 0) close(card->wake);
  if (card->alarm >= 0) close(card->alarm);
  for (int i = 0; i < 2; i++)
    if (card->lifeline[i] >= 0) close(card->lifeline[i]);
  free(card->ring);
  free(card);
}

static int on_close(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  /* In a child the worker does not exist, and the lock may be held by nobody for ever. */
  if (card->owner != getpid()) return 0;
  card_enter(card);
  int64_t now = card_now();
  card_settle(card, now);
  if (card->ticking) card_halt(card, SND_PCM_STATE_SETUP, SIMCARD_DROP, now);
  record_block(card, SIMCARD_CLOSE, now, card->left, 0, 0);
  card->quit = 1;
  card_leave(card);
  pthread_join(card->worker, NULL);
  release(card);
  return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
    .start = on_start,
    .stop = on_stop,
    .pointer = on_pointer,
    .transfer = on_transfer,
    .close = on_close,
    .hw_params = on_hw_params,
    .hw_free = on_hw_free,
    .sw_params = on_sw_params,
    .prepare = on_prepare,
    .drain = on_drain,
    .pause = on_pause,
    .resume = on_resume,
    .poll_descriptors_count = on_poll_count,
    .poll_descriptors = on_poll_descriptors,
    .poll_revents = on_poll_revents,
    .delay = on_delay,
};

_Static_assert(
    (int)SIMCARD_S16_LE == SND_PCM_FORMAT_S16_LE && (int)SIMCARD_S32_LE == SND_PCM_FORMAT_S32_LE,
    "the record has libasound's numbers of the formats");

static int constrain(struct card *card, const struct options *options) {
  static const unsigned access[] = {SND_PCM_ACCESS_RW_INTERLEAVED, SND_PCM_ACCESS_MMAP_INTERLEAVED};
  static const unsigned formats[] = {SND_PCM_FORMAT_S16_LE, SND_PCM_FORMAT_S32_LE};
  unsigned least = options->channels ? options->channels : 1, most = options->channels ? options->channels : 2;
  unsigned bytes = options->buffer_max * most * 2;
  snd_pcm_ioplug_t *io = &card->io;
  int code;
  if ((code = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 2, access)) < 0) return code;
  if ((code = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, 2, formats)) < 0) return code;
  if ((code = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_CHANNELS, least, most)) < 0) return code;
  code = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_RATE, options->rate_count, options->rates);
  if (code < 0) return code;
  if ((code = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 64, bytes / 2)) < 0) return code;
  if ((code = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, 128, bytes)) < 0) return code;
  return snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIODS, 2, 1024);
}

static int make_locks(struct card *card) {
  pthread_mutexattr_t mutex;
  pthread_condattr_t condition;
  int code;
  if ((code = pthread_mutexattr_init(&mutex))) return -code;
  /* The worker is an ordinary thread: while it holds the lock it runs as urgently as the audio thread that waits. */
  if (!(code = pthread_mutexattr_setprotocol(&mutex, PTHREAD_PRIO_INHERIT)))
    code = pthread_mutex_init(&card->lock, &mutex);
  pthread_mutexattr_destroy(&mutex);
  if (code) return -code;
  if ((code = pthread_condattr_init(&condition))) return -code;
  if (!(code = pthread_condattr_setclock(&condition, CLOCK_MONOTONIC)))
    code = pthread_cond_init(&card->changed, &condition);
  pthread_condattr_destroy(&condition);
  return -code;
}

static int prepare_card(struct card *card, const struct options *options) {
  int code;
  if ((code = make_locks(card)) < 0) return code;
  if ((code = control_open(card, options->control)) < 0) return code;
  if ((code = record_open(card, options->record)) < 0) return code;
  if ((card->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0) return -errno;
  if ((card->alarm = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) < 0) return -errno;
  if (pipe2(card->lifeline, O_CLOEXEC) < 0) return -errno;
  record_block(card, SIMCARD_OPEN, card_now(), 0, (uint32_t)card->owner, 0);
  return 0;
}

static int create(struct card *card, const struct options *options, const char *name, int mode) {
  card->io.version = SND_PCM_IOPLUG_VERSION;
  card->io.name = "simulated card";
  /* The pointer as a whole, not modulo the buffer: a full buffer's worth may leave between two looks. */
  card->io.flags = SND_PCM_IOPLUG_FLAG_MONOTONIC | SND_PCM_IOPLUG_FLAG_BOUNDARY_WA;
  card->io.poll_fd = card->alarm;
  card->io.poll_events = POLLIN;
  card->io.callback = &callbacks;
  card->io.private_data = card;
  card->io.nonblock = (mode & SND_PCM_NONBLOCK) != 0;
  int code = worker_start(card);
  if (code < 0) {
    release(card);
    return code;
  }
  if ((code = snd_pcm_ioplug_create(&card->io, name, SND_PCM_STREAM_PLAYBACK, mode)) < 0) {
    on_close(&card->io);
    return code;
  }
  if ((code = hook_calls(card)) < 0 || (code = constrain(card, options)) < 0) {
    snd_pcm_ioplug_delete(&card->io); /* closes the card too */
    return code;
  }
  return 0;
}

SND_PCM_PLUGIN_DEFINE_FUNC(simcard) {
  struct options options = {.rates = {48000}, .rate_count = 1, .buffer_max = 96000, .speed = 1};
  (void)root;
  int code = options_read(conf, name ? name : "simcard", &options);
  if (code < 0) return code;
  if (stream != SND_PCM_STREAM_PLAYBACK) return -EINVAL;
  struct card *card = calloc(1, sizeof *card);
  if (!card) return -ENOMEM;
  card->owner = getpid();
  card->speed = options.speed;
  card->file = card->wake = card->alarm = card->watch = card->lifeline[0] = card->lifeline[1] = -1;
  card->armed = CARD_NEVER;
  card->state = SND_PCM_STATE_OPEN;
  if ((code = prepare_card(card, &options)) < 0) {
    release(card);
    return code;
  }
  if ((code = create(card, &options, name, mode)) < 0) return code;
  *pcmp = card->io.pcm;
  return 0;
}

SND_PCM_PLUGIN_SYMBOL(simcard)
