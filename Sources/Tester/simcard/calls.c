/* The calls of libasound on an open card. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "batch.h"
#include "card.h"
#include "clock.h"

#define DRAIN_PATIENCE (10 * SECOND) /* time that a drain may take beyond the queued frames, as in the kernel */

static int on_start(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  card_enter(card);
  int code = card_state_error(card);
  /* A driver does not start on an empty buffer, unless there is no stop threshold. */
  if (!code && card->written == card->left && card->stop_threshold < card->boundary) code = -EPIPE;
  if (!code) {
    card->state = SND_PCM_STATE_RUNNING;
    card_run(card, card_now(), SIMCARD_TRIGGERED);
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
  /* Never an error, which ioplug would take for an underrun. The state tells the program. */
  snd_pcm_sframes_t position = (snd_pcm_sframes_t)(card->boundary ? card_reported(card) % card->boundary : 0);
  card_leave(card);
  return position;
}

static int on_delay(snd_pcm_ioplug_t *io, snd_pcm_sframes_t *delay) {
  struct card *card = io->private_data;
  card_enter(card);
  card_settle(card, card_now());
  int code = card_state_error(card);
  *delay = (snd_pcm_sframes_t)(card->written - card_reported(card));
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
    if (card->running) card_halt(card, SND_PCM_STATE_SETUP, SIMCARD_DROP, now);
    card->left = card->written = card->base = 0;
    card->state = SND_PCM_STATE_PREPARED;
    record_block(card, SIMCARD_PREPARE, now, 0, 0, 0);
    card_arm(card);
  }
  card_leave(card);
  return code;
}

/* Plays the queued frames to the end. ioplug has set the state to DRAINING and holds no lock. */
static int on_drain(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  card_enter(card);
  int64_t now = card_now();
  card_settle(card, now);
  if (card->state == SND_PCM_STATE_PREPARED || card->state == SND_PCM_STATE_RUNNING) {
    snd_pcm_state_t before = card->state;
    record_block(card, SIMCARD_DRAIN, now, card->left, 0, 0);
    card->state = SND_PCM_STATE_DRAINING;
    if (before == SND_PCM_STATE_PREPARED && card->written > card->left) card_run(card, now, SIMCARD_TRIGGERED);
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
    card_run(card, now, SIMCARD_RELEASED);
  }
  card_arm(card);
  card_leave(card);
  return code;
}

/* After a suspend the card continues at its position. */
static int on_resume(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  card_enter(card);
  if (card->state == SND_PCM_STATE_SUSPENDED) {
    card->state = card->suspended;
    io->state = card->state;
    if (card->state == SND_PCM_STATE_RUNNING || card->state == SND_PCM_STATE_DRAINING)
      card_run(card, card_now(), SIMCARD_RESUMED);
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
  uint64_t left = card_reported(card), filled = card->written > left ? card->written - left : 0;
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
  /* The timer may have expired for a time that a write has moved since. */
  card_arm(card);
  card_leave(card);
  return 0;
}

static int on_hw_params(snd_pcm_ioplug_t *io, snd_pcm_hw_params_t *params) {
  struct card *card = io->private_data;
  if (card->batch) batch_declare(params);
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
  if (card->running) card_halt(card, SND_PCM_STATE_SETUP, SIMCARD_DROP, now);
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

const snd_pcm_ioplug_callback_t card_callbacks = {
    .start = on_start,
    .stop = on_stop,
    .pointer = on_pointer,
    .transfer = on_transfer,
    .close = card_close,
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
