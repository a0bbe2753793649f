/* libasound, https://www.alsa-project.org/alsa-doc/alsa-lib/ */
#pragma once
#include <alsa/asoundlib.h>
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <time.h>

/* Swift has no functions with variable arguments, and so no handler of its own for libasound's complaints. */
static void fw_ignore(const char *file, int line, const char *function, int error, const char *format, ...) {}

/* Complaints on standard error, as libasound does by itself, or none. snd_lib_error_set_handler */
static inline void fw_alsa_complaints(int wanted) { snd_lib_error_set_handler(wanted ? 0 : fw_ignore); }

/* All of C that the audio thread may call: the compiler takes our word for it that none of these locks or allocates.
   They play, ask the card where it stands, and sleep; nothing here opens, closes or configures. */
#define FW_REALTIME static inline __attribute__((swift_attr("@_noLocks")))

FW_REALTIME long fw_pcm_write(snd_pcm_t *pcm, const void *frames, unsigned long count) {
  return snd_pcm_writei(pcm, frames, count);
}
/* Frames that have not left the card, or a negative errno. */
FW_REALTIME long fw_pcm_delay(snd_pcm_t *pcm) {
  snd_pcm_sframes_t delay = 0;
  int code = snd_pcm_delay(pcm, &delay);
  return code < 0 ? code : delay;
}
FW_REALTIME long fw_pcm_rewind(snd_pcm_t *pcm, unsigned long count) { return snd_pcm_rewind(pcm, count); }
FW_REALTIME int fw_pcm_drop(snd_pcm_t *pcm) { return snd_pcm_drop(pcm); }
FW_REALTIME int fw_pcm_prepare(snd_pcm_t *pcm) { return snd_pcm_prepare(pcm); }
/* Plugins take their wake-up back here; without it the next poll would not sleep. */
FW_REALTIME void fw_pcm_answer(snd_pcm_t *pcm, struct pollfd *table, unsigned count) {
  unsigned short answer = 0;
  (void)snd_pcm_poll_descriptors_revents(pcm, table, count, &answer);
}
FW_REALTIME int fw_poll(struct pollfd *table, unsigned long count, int milliseconds) {
  return poll(table, count, milliseconds);
}
/* Takes a wake-up back; called only where poll(2) has told of one, so it never waits. */
FW_REALTIME void fw_woken(int descriptor) {
  eventfd_t count;
  (void)eventfd_read(descriptor, &count);
}
/* CLOCK_MONOTONIC in nanoseconds: a read of memory that the kernel shares, no call into it. */
FW_REALTIME int64_t fw_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}
