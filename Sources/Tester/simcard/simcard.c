/* The opening and closing of the card: configuration, constraints and the plugin's entry point. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "card.h"

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

int card_close(snd_pcm_ioplug_t *io) {
  struct card *card = io->private_data;
  /* In the child of a fork there is no worker, and the lock may be held for ever. */
  if (card->owner != getpid()) return 0;
  card_enter(card);
  int64_t now = card_now();
  card_settle(card, now);
  if (card->running) card_halt(card, SND_PCM_STATE_SETUP, SIMCARD_DROP, now);
  record_block(card, SIMCARD_CLOSE, now, card->left, 0, 0);
  card->quit = 1;
  card_leave(card);
  pthread_join(card->worker, NULL);
  release(card);
  return 0;
}

_Static_assert(
    (int)SIMCARD_S16_LE == SND_PCM_FORMAT_S16_LE && (int)SIMCARD_S32_LE == SND_PCM_FORMAT_S32_LE,
    "the record uses libasound's numbers of the formats");

static int constrain(struct card *card, const struct options *options) {
  static const unsigned access[] = {SND_PCM_ACCESS_RW_INTERLEAVED, SND_PCM_ACCESS_MMAP_INTERLEAVED};
  static const unsigned formats[] = {SND_PCM_FORMAT_S16_LE, SND_PCM_FORMAT_S32_LE};
  unsigned minimum = options->channels ? options->channels : 1, maximum = options->channels ? options->channels : 2;
  unsigned bytes = options->buffer_max * maximum * 2;
  snd_pcm_ioplug_t *io = &card->io;
  /* libasound limits periods in bytes: a fixed one wants one format. */
  unsigned least = options->period ? options->period * maximum * 2 : 64;
  unsigned most = options->period ? least : bytes / 2;
  int code;
  if ((code = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 2, access)) < 0) return code;
  if ((code = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, options->period ? 1 : 2, formats)) < 0)
    return code;
  if ((code = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_CHANNELS, minimum, maximum)) < 0) return code;
  code = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_RATE, options->rate_count, options->rates);
  if (code < 0) return code;
  if ((code = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, least, most)) < 0) return code;
  if ((code = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, 128, bytes)) < 0) return code;
  return snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIODS, 2, 1024);
}

static int make_locks(struct card *card) {
  pthread_mutexattr_t mutex;
  pthread_condattr_t condition;
  int code;
  if ((code = pthread_mutexattr_init(&mutex))) return -code;
  /* The worker is an ordinary thread; while it holds the lock it inherits the priority of an audio thread that waits.
     */
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
  /* The pointer is not modulo the buffer, because a whole buffer may leave between two calls. */
  card->io.flags = SND_PCM_IOPLUG_FLAG_MONOTONIC | SND_PCM_IOPLUG_FLAG_BOUNDARY_WA;
  card->io.poll_fd = card->alarm;
  card->io.poll_events = POLLIN;
  card->io.callback = &card_callbacks;
  card->io.private_data = card;
  card->io.nonblock = (mode & SND_PCM_NONBLOCK) != 0;
  int code = worker_start(card);
  if (code < 0) {
    release(card);
    return code;
  }
  if ((code = snd_pcm_ioplug_create(&card->io, name, SND_PCM_STREAM_PLAYBACK, mode)) < 0) {
    card_close(&card->io);
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
  card->batch = (int)options.batch;
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
