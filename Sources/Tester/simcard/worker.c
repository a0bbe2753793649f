/* The worker thread, which lets frames leave and writes the record, and sleeps while nothing runs. The lock is here
   too, because leaving it may wake the worker. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>

#include "card.h"
#include "clock.h"

#define WORKER_STEP INT64_C(1000000)
#define WORKER_STACK ((size_t)256 << 10) /* small, because a program that locks its memory locks this too */

void card_enter(struct card *card) {
  pthread_mutex_lock(&card->lock);
  card_publish(card);
}

void worker_wake(struct card *card) {
  if (card->asleep && eventfd_write(card->wake, 1) < 0) SNDERR("eventfd: %s", strerror(errno));
  card->asleep = 0;
}

void card_leave(struct card *card) {
  if (card->filling.used > 0 || card->running || card->quit) worker_wake(card);
  pthread_mutex_unlock(&card->lock);
}

static int64_t worker_wait(const struct card *card, int64_t now) {
  if (!card->running) return CARD_NEVER;
  uint64_t end = card_limit(card);
  int64_t left = end == CARD_NO_LIMIT ? WORKER_STEP : card_time_at(card, end) - now;
  if (left > WORKER_STEP) return WORKER_STEP;
  return left > 0 ? left : 0;
}

static void wait_for_work(struct card *card, int64_t span) {
  struct pollfd table[2] = {{card->wake, POLLIN, 0}, {card->watch, POLLIN, 0}};
  struct timespec timeout = {span / SECOND, span % SECOND};
  if (ppoll(table, 2, span == CARD_NEVER ? NULL : &timeout, NULL) <= 0) return;
  eventfd_t count;
  if (table[0].revents && eventfd_read(card->wake, &count) < 0 && errno != EAGAIN)
    SNDERR("eventfd: %s", strerror(errno));
  if (table[1].revents && control_changed(card)) control_read(card);
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
    int64_t span = full.used > 0 && !card->running ? 0 : worker_wait(card, now);
    card->asleep = span == CARD_NEVER && !quit;
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

int worker_start(struct card *card) {
  pthread_attr_t attributes;
  sigset_t all, before;
  int code = pthread_attr_init(&attributes);
  if (code) return -code;
  /* An ordinary thread even if a real-time thread opens the card, with all signals blocked. */
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
