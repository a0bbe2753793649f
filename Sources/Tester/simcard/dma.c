/* The DMA: the frames that leave, where it stops, and the interrupt. The lock is held in all functions. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "card.h"
#include "clock.h"

int64_t card_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * SECOND + time.tv_nsec;
}

uint32_t card_pace(const struct card *card) { return card->io.rate * card->speed; }

static uint64_t period_start(const struct card *card, uint64_t position) {
  return position - position % (card->io.period_size ? card->io.period_size : 1);
}

uint64_t card_reported(const struct card *card) {
  return card->batch ? period_start(card, card->left) : card->left;
}

/* The first position at which the card reports `position` or more. */
static uint64_t reported_at(const struct card *card, uint64_t position) {
  uint64_t start = period_start(card, position);
  return !card->batch || start == position ? position : start + card->io.period_size;
}

/* The end of a drain, or the position of the underrun, which a BATCH card notices at the end of a period. */
uint64_t card_limit(const struct card *card) {
  if (card->state == SND_PCM_STATE_DRAINING) return card->written;
  if (card->stop_threshold >= card->boundary) return CARD_NO_LIMIT;
  uint64_t stop = card->written + card->stop_threshold;
  uint64_t end = stop > card->io.buffer_size ? stop - card->io.buffer_size : 0;
  end = reported_at(card, end);
  return end > card->left ? end : card->left;
}

int64_t card_time_at(const struct card *card, uint64_t position) {
  if (position <= card->base) return card->trigger;
  return card->trigger + clock_span_whole(position - card->base, card_pace(card));
}

/* Copies frames from the ring. Frames that the program has not written are silence, or old ones without a silence size.
   */
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

/* Records the frames up to `end` as left. */
static void leave(struct card *card, uint64_t end) {
  while (card->left < end) {
    uint64_t count = end - card->left;
    if (count > card->io.rate) count = card->io.rate;
    int64_t time = card->trigger + clock_span(card->left - card->base, card_pace(card));
    uint8_t *to = record_block(card, SIMCARD_FRAMES, time, card->left, (uint32_t)count, count * card->frame_bytes);
    if (to) read_ring(card, card->left, to, count);
    card->left += count;
  }
}

void card_settle(struct card *card, int64_t now) {
  if (!card->running) return;
  uint64_t due = card->base + clock_frames(now - card->trigger, card_pace(card)), end = card_limit(card);
  if (due < end) {
    leave(card, due);
    return;
  }
  leave(card, end);
  if (card->state == SND_PCM_STATE_DRAINING)
    card_halt(card, SND_PCM_STATE_SETUP, SIMCARD_DRAINED, card_time_at(card, end));
  else
    card_halt(card, SND_PCM_STATE_XRUN, SIMCARD_XRUN, card_time_at(card, end));
}

void card_publish(struct card *card) {
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
  card->running = 0;
  card->state = state;
  record_block(card, kind, time, card->left, 0, 0);
  card_publish(card);
  card_arm(card);
  /* Last, because a program that it wakes reads the state at once. */
  if (state == SND_PCM_STATE_DISCONNECTED && card->lifeline[1] >= 0) {
    close(card->lifeline[1]);
    card->lifeline[1] = -1;
  }
  pthread_cond_broadcast(&card->changed);
}

void card_run(struct card *card, int64_t now, enum simcard_cause cause) {
  if (card->faults.stalled) return;
  card->base = card->left;
  card->trigger = now + (cause == SIMCARD_TRIGGERED ? (int64_t)card->faults.slow_start * 1000 : 0);
  card->running = 1;
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

/* The interrupt: a timer that becomes readable when a poll must return. */

static int64_t next_interrupt(const struct card *card) {
  uint64_t end = card->written + (card->avail_min ? card->avail_min : 1);
  uint64_t wanted = reported_at(card, end > card->io.buffer_size ? end - card->io.buffer_size : 0);
  switch (card->state) {
    case SND_PCM_STATE_PREPARED:
    case SND_PCM_STATE_PAUSED:
      return wanted <= card->left ? 0 : CARD_NEVER;
    case SND_PCM_STATE_RUNNING:
      if (wanted <= card->left) return 0;
      if (!card->running) return CARD_NEVER;
      return card_time_at(card, wanted < card_limit(card) ? wanted : card_limit(card));
    case SND_PCM_STATE_DRAINING:
      return card->running ? card_time_at(card, card->written) : CARD_NEVER;
    default:
      return 0;
  }
}

void card_arm(struct card *card) {
  int64_t at = next_interrupt(card);
  if (at == card->armed) return;
  /* All zeros would disarm the timer; one nanosecond is in the past. */
  struct itimerspec timer = {{0, 0}, {0, 0}};
  if (at == 0) timer.it_value.tv_nsec = 1;
  else if (at != CARD_NEVER) timer.it_value = (struct timespec){at / SECOND, at % SECOND};
  if (timerfd_settime(card->alarm, TFD_TIMER_ABSTIME, &timer, NULL) < 0) SNDERR("timerfd_settime: %s", strerror(errno));
  card->armed = at;
}
