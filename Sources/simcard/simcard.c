/* The card itself: its clock and ring, the calls that libasound makes, and the worker that keeps the record. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "card.h"
#include "clock.h"

#define NEVER INT64_MAX
#define NO_LIMIT UINT64_MAX
#define WORKER_STEP INT64_C(1000000)
#define WORKER_STACK ((size_t)256 << 10) /* small: a program that locks its memory locks this too */
#define DRAIN_PATIENCE (10 * SECOND)     /* what a drain may take longer than what is queued, as in the kernel */

int64_t card_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * SECOND + time.tv_nsec;
}

/* ---- The DMA: all of it with the lock held. ---- */

/* Where the DMA stops by itself: at the end of a drain, or where it underruns. */
static uint64_t limit(const struct card *card) {
  if (card->state == SND_PCM_STATE_DRAINING) return card->written;
  if (card->stop_threshold >= card->boundary) return NO_LIMIT;
  uint64_t stop = card->written + card->stop_threshold;
  uint64_t end = stop > card->io.buffer_size ? stop - card->io.buffer_size : 0;
  return end > card->left ? end : card->left;
}

/* When `position` frames have left, counted from the running trigger. */
static int64_t time_at(const struct card *card, uint64_t position) {
  if (position <= card->base) return card->trigger;
  return card->trigger + clock_span_whole(position - card->base, card->io.rate);
}

/* What the ring gives for frames that the program has written, or has not (it lets the stream run freely). */
static void read_ring(const struct card *card, uint64_t position, uint8_t *to, uint64_t frames) {
  while (frames > 0) {
    uint64_t offset = position % card->io.buffer_size, count = card->io.buffer_size - offset;
    int silent = position >= card->written && card->silence_size > 0;
    if (count > frames) count = frames;
    if (position < card->written && count > card->written - position) count = card->written - position;
    if (silent) memset(to, 0, count * card->frame_bytes);
    else memcpy(to, card->ring + offset * card->frame_bytes, count * card->frame_bytes);
    to += count * card->frame_bytes;
    position += count;
    frames -= count;
  }
}

/* Frames up to `end` leave the card. */
static void take(struct card *card, uint64_t end) {
  while (card->left < end) {
    uint64_t count = end - card->left;
    if (count > card->io.rate) count = card->io.rate;
    int64_t time = card->trigger + clock_span(card->left - card->base, card->io.rate);
    uint8_t *to = record_block(card, SIMCARD_FRAMES, time, card->left, (uint32_t)count, count * card->frame_bytes);
    if (to) read_ring(card, card->left, to, count);
    card->left += count;
  }
}

void card_settle(struct card *card, int64_t now) {
  if (!card->ticking) return;
  uint64_t due = card->base + clock_frames(now - card->trigger, card->io.rate), end = limit(card);
  if (due < end) {
    take(card, due);
    return;
  }
  take(card, end);
  if (card->state == SND_PCM_STATE_DRAINING)
    card_halt(card, SND_PCM_STATE_SETUP, SIMCARD_DRAINED, time_at(card, end));
  else
    card_halt(card, SND_PCM_STATE_XRUN, SIMCARD_XRUN, time_at(card, end));
}

/* States that the program did not ask for: libasound must be told. */
static void publish(struct card *card) {
  switch (card->state) {
    case SND_PCM_STATE_SETUP:
    case SND_PCM_STATE_XRUN:
    case SND_PCM_STATE_SUSPENDED:
    case SND_PCM_STATE_DISCONNECTED:
      card->io.state = card->state;
      break;
    default:
      break;
  }
}

void card_halt(struct card *card, snd_pcm_state_t state, enum simcard_kind kind, int64_t time) {
  card->ticking = 0;
  card->state = state;
  record_block(card, kind, time, card->left, 0, 0);
  publish(card);
  card_arm(card);
  pthread_cond_broadcast(&card->changed);
}

void card_tick(struct card *card, int64_t now, enum simcard_cause cause) {
  if (card->faults.stalled) return;
  card->base = card->left;
  card->trigger = now + (cause == SIMCARD_TRIGGERED ? (int64_t)card->faults.slow_start * 1000 : 0);
  card->ticking = 1;
  record_block(card, SIMCARD_START, card->trigger, card->left, cause, 0);
  card_arm(card);
}

int card_state_error(const struct card *card) {
  switch (card->state) {
    case SND_PCM_STATE_XRUN: return -EPIPE;
    case SND_PCM_STATE_SUSPENDED: return -ESTRPIPE;
    case SND_PCM_STATE_DISCONNECTED: return -ENODEV;
    default: return 0;
  }
}

/* ---- The interrupt: a timer that becomes readable when a poll has something to say. ---- */

static int64_t next_interrupt(const struct card *card) {
  uint64_t end = card->written + (card->avail_min ? card->avail_min : 1);
  uint64_t wanted = end > card->io.buffer_size ? end - card->io.buffer_size : 0;
  switch (card->state) {
    case SND_PCM_STATE_PREPARED:
    case SND_PCM_STATE_PAUSED:
      return wanted <= card->left ? 0 : NEVER;
    case SND_PCM_STATE_RUNNING:
      if (wanted <= card->left) return 0;
      if (!card->ticking) return NEVER;
      return time_at(card, wanted < limit(card) ? wanted : limit(card));
    case SND_PCM_STATE_DRAINING:
      return card->ticking ? time_at(card, card->written) : NEVER;
    default:
      return 0;
  }
}

void card_arm(struct card *card) {
  int64_t at = next_interrupt(card);
  if (at == card->armed) return;
  /* All zero would disarm; a nanosecond after the machine's start is long past. */
  struct itimerspec timer = {{0, 0}, {0, 0}};
  if (at == 0) timer.it_value.tv_nsec = 1;
  else if (at != NEVER) timer.it_value = (struct timespec){at / SECOND, at % SECOND};
  if (timerfd_settime(card->alarm, TFD_TIMER_ABSTIME, &timer, NULL) < 0) SNDERR("timerfd_settime: %s", strerror(errno));
  card->armed = at;
}

/* ---- The lock. ---- */

void card_enter(struct card *card) {
  pthread_mutex_lock(&card->lock);
  publish(card);
}

static void wake_worker(struct card *card) {
  if (card->asleep && eventfd_write(card->wake, 1) < 0) SNDERR("eventfd: %s", strerror(errno));
  card->asleep = 0;
}

void card_leave(struct card *card) {
  if (card->filling.used > 0 || card->ticking || card->quit) wake_worker(card);
  pthread_mutex_unlock(&card->lock);
}

/* ---- The worker: takes frames as they leave and writes them down; asleep when nothing runs. ---- */

static int64_t worker_wait(const struct card *card, int64_t now) {
  if (!card->ticking) return NEVER;
  uint64_t end = limit(card);
  int64_t left = end == NO_LIMIT ? WORKER_STEP : time_at(card, end) - now;
  if (left > WORKER_STEP) return WORKER_STEP;
  return left > 0 ? left : 0;
}

static void wait_for_work(struct card *card, int64_t span) {
  struct pollfd table[2] = {{card->wake, POLLIN, 0}, {card->watch, POLLIN, 0}};
  struct timespec timeout = {span / SECOND, span % SECOND};
  if (ppoll(table, 2, span == NEVER ? NULL : &timeout, NULL) <= 0) return;
  eventfd_t count;
  if (table[0].revents && eventfd_read(card->wake, &count) < 0 && errno != EAGAIN) SNDERR("eventfd: %s", strerror(errno));
  if (table[1].revents && control_has_news(card)) control_read(card);
}

static void *work(void *of_card) {
  struct card *card = of_card;
  for (;;) {
    card_enter(card);
    int64_t now = card_now();
    card_settle(card, now);
    if (card->broken && card->state != SND_PCM_STATE_DISCONNECTED)
      card_halt(card, SND_PCM_STATE_DISCONNECTED, SIMCARD_UNPLUG, now);
    struct outbox full = card->filling;
    card->filling = card->flushing;
    card->flushing = full;
    int quit = card->quit;
    int64_t span = full.used > 0 && !card->ticking ? 0 : worker_wait(card, now);
    card->asleep = span == NEVER && !quit;
    pthread_mutex_unlock(&card->lock);

    int code = record_flush(card);
    if (code) {
      card_enter(card);
      card->broken = code;
      pthread_mutex_unlock(&card->lock);
      if (!quit) continue;
    }
    if (quit) return NULL;
    wait_for_work(card, span);
  }
}

static int start_worker(struct card *card) {
  pthread_attr_t attributes;
  sigset_t all, before;
  int code = pthread_attr_init(&attributes);
  if (code) return -code;
  /* An ordinary thread even where a real-time thread opens the card, with no signal of the program. */
  struct sched_param parameters = {0};
  sigfillset(&all);
  if (!(code = pthread_attr_setstacksize(&attributes, WORKER_STACK)) &&
      !(code = pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED)) &&
      !(code = pthread_attr_setschedpolicy(&attributes, SCHED_OTHER)) &&
      !(code = pthread_attr_setschedparam(&attributes, &parameters)) &&
      !(code = pthread_sigmask(SIG_BLOCK, &all, &before))) {
    code = pthread_create(&card->worker, &attributes, work, card);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
  }
  pthread_attr_destroy(&attributes);
  if (!code) pthread_setname_np(card->worker, "simcard");
  return -code;
}

/* ---- What libasound calls. ---- */

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
    wake_worker(card);
  }
  int64_t last = now + clock_span(card->written - card->left, io->rate) + DRAIN_PATIENCE;
  struct timespec deadline = {last / SECOND, last % SECOND};
  int code = 0;
  while (card->state == SND_PCM_STATE_DRAINING && !code) {
    if (io->nonblock) code = -EAGAIN;
    else if (pthread_cond_timedwait(&card->changed, &card->lock, &deadline) == ETIMEDOUT) code = -EIO;
  }
  if (!code) code = card_state_error(card);
  publish(card);
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
      io->rate, io->channels, (uint32_t)io->format, (uint32_t)io->period_size, (uint32_t)io->buffer_size};
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
  publish(card);
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
    .poll_revents = on_poll_revents,
    .delay = on_delay,
};

/* ---- Opening. ---- */

struct options {
  const char *record;
  const char *control;
  unsigned rates[8];
  unsigned rate_count;
  unsigned channels; /* 0: one or two */
  unsigned buffer_max;
};

static int read_rates(snd_config_t *node, struct options *options) {
  snd_config_iterator_t at, next;
  long value;
  options->rate_count = 0;
  if (snd_config_get_type(node) != SND_CONFIG_TYPE_COMPOUND) {
    if (snd_config_get_integer(node, &value) < 0 || value < 1000 || value > 768000) return -EINVAL;
    options->rates[options->rate_count++] = (unsigned)value;
    return 0;
  }
  snd_config_for_each(at, next, node) {
    if (options->rate_count == sizeof options->rates / sizeof *options->rates) return -EINVAL;
    if (snd_config_get_integer(snd_config_iterator_entry(at), &value) < 0 || value < 1000 || value > 768000)
      return -EINVAL;
    options->rates[options->rate_count++] = (unsigned)value;
  }
  return options->rate_count ? 0 : -EINVAL;
}

static int read_number(snd_config_t *node, long least, long most, unsigned *number) {
  long value;
  if (snd_config_get_integer(node, &value) < 0 || value < least || value > most) return -EINVAL;
  *number = (unsigned)value;
  return 0;
}

static int read_options(snd_config_t *config, const char *name, struct options *options) {
  snd_config_iterator_t at, next;
  snd_config_for_each(at, next, config) {
    snd_config_t *node = snd_config_iterator_entry(at);
    const char *key;
    int code = 0;
    if (snd_config_get_id(node, &key) < 0) continue;
    if (strcmp(key, "type") == 0 || strcmp(key, "comment") == 0 || strcmp(key, "hint") == 0) continue;
    if (strcmp(key, "record") == 0) code = snd_config_get_string(node, &options->record);
    else if (strcmp(key, "control") == 0) code = snd_config_get_string(node, &options->control);
    else if (strcmp(key, "rate") == 0) code = read_rates(node, options);
    else if (strcmp(key, "channels") == 0) code = read_number(node, 1, 2, &options->channels);
    else if (strcmp(key, "buffer_max") == 0) code = read_number(node, 64, 1 << 24, &options->buffer_max);
    else code = -ENOENT;
    if (code < 0) {
      SNDERR("%s: %s `%s`", name, code == -ENOENT ? "simcard has no key" : "simcard cannot use the value of", key);
      return -EINVAL;
    }
  }
  if (!options->record) {
    SNDERR("%s: simcard needs `record`, the file that it writes what left to", name);
    return -EINVAL;
  }
  return 0;
}

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
  int code = start_worker(card);
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
  struct options options = {.rates = {48000}, .rate_count = 1, .buffer_max = 96000};
  (void)root;
  int code = read_options(conf, name ? name : "simcard", &options);
  if (code < 0) return code;
  if (stream != SND_PCM_STREAM_PLAYBACK) return -EINVAL;
  struct card *card = calloc(1, sizeof *card);
  if (!card) return -ENOMEM;
  card->owner = getpid();
  card->file = card->wake = card->alarm = card->watch = -1;
  card->armed = NEVER;
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
