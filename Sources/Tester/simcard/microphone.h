/* Declarations that the microphone's files share. */
#pragma once
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <stdint.h>
#include <sys/stat.h>

#include "card.h"

#pragma GCC visibility push(hidden)

struct voice {
  int16_t *samples;
  size_t count;
  size_t played; /* position; equal to `count` while it is silent */
};

struct microphone {
  snd_pcm_ioplug_t io;
  unsigned speed;
  unsigned bits;
  int alarm; /* timerfd that the program polls */

  /* Setup. */
  snd_pcm_uframes_t boundary, avail_min, stop_threshold;
  int32_t *ring; /* one channel, left-justified in 32 bits */

  /* The DMA. Positions are frames since `prepare`; `read` <= `captured`. */
  int running;
  int64_t trigger; /* time at which the frame `base` begins */
  uint64_t base, captured, read;

  /* The sound to capture. */
  char *control, *path;
  struct stat seen; /* status of the control file when it was read last */
  struct faults words;
  struct voice voice;
  uint64_t noise; /* state of the generator */
  double phase;   /* of the hum, in turns */
};

/* room.c */
/* Starts the voice, after reading its file. */
void room_say(struct microphone *mic);
/* Returns the next sample of the room: whole values of the microphone's bits, left-justified in 32 bits. */
int32_t room_sample(struct microphone *mic);

#pragma GCC visibility pop
