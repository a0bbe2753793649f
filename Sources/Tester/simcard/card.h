/* What the card's files share. One lock guards it all; who holds it says so. */
#pragma once
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <pthread.h>
#include <stdint.h>

#include "simcard.h"

#pragma GCC visibility push(hidden)

/* Bytes on their way to the file: filled under the lock, written without it. */
struct outbox {
  uint8_t *bytes;
  size_t used;
  size_t room;
};

/* The words of the control file. */
struct faults {
  int unplugged;
  int busy;
  int stalled;
  int refuse_rewind;
  unsigned long slow_start;
  unsigned long xrun;
  unsigned long suspend;
  /* What a microphone hears; a card has no ears. */
  unsigned long noise;
  unsigned long hum;
  unsigned long say;
};

struct card {
  snd_pcm_ioplug_t io;
  unsigned speed; /* how many seconds of sound leave in one */
  pid_t owner; /* the process that opened it: after a fork the child has no worker */
  pthread_mutex_t lock;
  pthread_cond_t changed; /* the state changed: a drain may be over */
  pthread_t worker;
  int wake;  /* eventfd: the worker has something to do */
  int alarm; /* timerfd: what the program polls */
  /* A pipe: the program has the reading end, and the other is closed when the card is disconnected. So a poll that asks
     for no event is told of it, as a kernel's poll tells of errors whatever is asked. */
  int lifeline[2];
  int64_t armed;
  int asleep; /* the worker waits without end */
  int quit;

  /* Setup. */
  size_t frame_bytes;
  uint8_t *ring;
  snd_pcm_uframes_t boundary, avail_min, stop_threshold, silence_size;

  /* The DMA. Positions are frames since `prepare`; `left` <= `written`, but where the stream runs freely. */
  snd_pcm_state_t state;
  snd_pcm_state_t suspended; /* the state that a resume goes back to */
  int ticking;
  int64_t trigger; /* time at which the frame `base` goes on the line */
  uint64_t base;
  uint64_t left;
  uint64_t written;

  /* The record. */
  int file;
  int64_t good; /* length up to the last complete block */
  struct outbox filling, flushing;
  int broken; /* errno of a record that cannot be written: the card is as good as unplugged */

  /* Faults. */
  char *control;
  int watch; /* inotify descriptor, or -1 */
  struct faults faults;

  void *calls[64]; /* this PCM's own table of calls, see hook.c */
};

/* dma.c; the lock is held */
#define CARD_NEVER INT64_MAX
#define CARD_NO_LIMIT UINT64_MAX
int64_t card_now(void);
/* Frames that leave in a second. */
uint32_t card_pace(const struct card *card);
/* The position at which the DMA stops by itself, or CARD_NO_LIMIT. */
uint64_t card_limit(const struct card *card);
/* When `position` frames have left, counted from the running trigger. */
int64_t card_time_at(const struct card *card, uint64_t position);
/* Lets leave what is due, and stops where the DMA stops: first in every call that looks at the card or changes it. */
void card_settle(struct card *card, int64_t now);
/* Sets the timer that a program polls: after every change. */
void card_arm(struct card *card);
/* Stops the DMA and says why. */
void card_halt(struct card *card, snd_pcm_state_t state, enum simcard_kind kind, int64_t time);
/* Starts it where it stands (not while it is stalled). */
void card_tick(struct card *card, int64_t now, enum simcard_cause cause);
/* Tells libasound of a state that the program did not ask for. */
void card_publish(struct card *card);
/* 0, or what a call answers in this state. */
int card_state_error(const struct card *card);

/* worker.c */
void card_enter(struct card *card);
void card_leave(struct card *card);
int worker_start(struct card *card);
void worker_wake(struct card *card);

/* options.c */
struct options {
  const char *record;
  const char *control;
  unsigned rates[8];
  unsigned rate_count;
  unsigned channels; /* 0: one or two */
  unsigned buffer_max;
  unsigned speed;
};
int options_read(snd_config_t *config, const char *name, struct options *options);
/* A whole number within bounds, or -EINVAL. */
int options_number(snd_config_t *node, long least, long most, unsigned *number);

/* record.c */
int record_open(struct card *card, const char *path);
void record_close(struct card *card);
/* Appends a block; its payload goes where the answer points to (the lock is held). Nothing is copied for `NULL`. */
uint8_t *record_block(
    struct card *card, enum simcard_kind kind, int64_t time, uint64_t position, uint32_t count, size_t bytes);
/* Writes what has been swapped out (worker only, without the lock). 0 or an errno. */
int record_flush(struct card *card);

/* control.c */
/* 1 where the file says something whole, an absent or empty file included. */
int control_load(const char *path, struct faults *faults);
int control_open(struct card *card, const char *path);
void control_close(struct card *card);
int control_has_news(struct card *card);
void control_read(struct card *card);
/* Puts new faults into force (the lock is held). */
void control_apply(struct card *card, struct faults faults, int64_t now);

/* hook.c */
int hook_calls(struct card *card);

#pragma GCC visibility pop
