/* Declarations that the card's files share. One lock guards struct card; functions that need it say so. */
#pragma once
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <pthread.h>
#include <stdint.h>

#include "simcard.h"

#pragma GCC visibility push(hidden)

/* Bytes to be written to the record: filled under the lock, written without it. */
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
  int hang_open;
  unsigned long slow_start;
  unsigned long xrun;
  unsigned long suspend;
  /* Microphone only. */
  unsigned long noise;
  unsigned long hum;
  unsigned long say;
};

struct card {
  snd_pcm_ioplug_t io;
  unsigned speed; /* seconds of sound that leave per second */
  int batch;      /* the reported position moves by whole periods */
  pid_t owner; /* the process that opened it: after a fork the child has no worker */
  pthread_mutex_t lock;
  pthread_cond_t changed; /* the state changed: a drain may be over */
  pthread_t worker;
  int wake;  /* eventfd: the worker has work */
  int alarm; /* timerfd that the program polls */
  /* A pipe: the program polls the reading end, and the other end is closed when the card is disconnected. So a poll
     that requests no event returns too, as the kernel reports errors whatever is requested. */
  int lifeline[2];
  int64_t armed;
  int asleep; /* the worker waits without a timeout */
  int quit;

  /* Setup. */
  size_t frame_bytes;
  uint8_t *ring;
  snd_pcm_uframes_t boundary, avail_min, stop_threshold, silence_size;

  /* The DMA. Positions are frames since `prepare`; `left` <= `written`, unless the stream runs without a stop
     threshold. */
  snd_pcm_state_t state;
  snd_pcm_state_t suspended; /* the state that a resume restores */
  int running;     /* frames leave */
  int64_t trigger; /* time at which the frame `base` begins to leave */
  uint64_t base;
  uint64_t left;
  uint64_t written;

  /* The record. */
  int file;
  int64_t good; /* length up to the last complete block */
  struct outbox filling, flushing;
  int broken; /* errno if the record cannot be written: the card acts as unplugged */

  /* Faults. */
  char *control;
  int watch; /* inotify descriptor, or -1 */
  struct faults faults;

  void *calls[64]; /* the PCM's own table of calls, see hook.c */
};

/* dma.c; the lock is held */
#define CARD_NEVER INT64_MAX
#define CARD_NO_LIMIT UINT64_MAX
int64_t card_now(void);
/* Frames that leave per second. */
uint32_t card_pace(const struct card *card);
/* The frames that have left as the card reports them: in whole periods for a BATCH card. */
uint64_t card_reported(const struct card *card);
/* The position at which the DMA stops by itself, or CARD_NO_LIMIT. */
uint64_t card_limit(const struct card *card);
/* When `position` frames have left, counted from the running trigger. */
int64_t card_time_at(const struct card *card, uint64_t position);
/* Lets the due frames leave, and stops where the DMA stops. Call it first in every function that reads or changes the
   card. */
void card_settle(struct card *card, int64_t now);
/* Sets the timer that the program polls. Call it after every change. */
void card_arm(struct card *card);
/* Stops the DMA and records the reason. */
void card_halt(struct card *card, snd_pcm_state_t state, enum simcard_kind kind, int64_t time);
/* Starts the DMA at its position, unless it is stalled. */
void card_run(struct card *card, int64_t now, enum simcard_cause cause);
/* Passes a state that the program did not request to libasound. */
void card_publish(struct card *card);
/* 0, or the error that calls return in this state. */
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
  unsigned period; /* 0: any */
  unsigned batch;
  unsigned speed;
};
int options_read(snd_config_t *config, const char *name, struct options *options);
/* Reads a whole number; -EINVAL if it is out of range. */
int options_number(snd_config_t *node, long minimum, long maximum, unsigned *number);

/* record.c */
int record_open(struct card *card, const char *path);
void record_close(struct card *card);
/* Appends a block and returns the address for its payload, or NULL if there is no room. The lock is held. */
uint8_t *record_block(
    struct card *card, enum simcard_kind kind, int64_t time, uint64_t position, uint32_t count, size_t bytes);
/* Writes the buffer that was swapped out. For the worker, without the lock. Returns 0 or an errno. */
int record_flush(struct card *card);

/* control.c */
/* Returns 1 if the file is complete; an absent or empty file is. */
int control_load(const char *path, struct faults *faults);
int control_open(struct card *card, const char *path);
void control_close(struct card *card);
int control_changed(struct card *card);
void control_read(struct card *card);
/* Applies new faults. The lock is held. */
void control_apply(struct card *card, struct faults faults, int64_t now);

/* calls.c */
extern const snd_pcm_ioplug_callback_t card_callbacks;

/* simcard.c */
int card_close(snd_pcm_ioplug_t *io);

/* hook.c */
int hook_calls(struct card *card);

#pragma GCC visibility pop
