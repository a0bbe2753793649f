/* libasound, https://www.alsa-project.org/alsa-doc/alsa-lib/ */
#pragma once
#include <alsa/asoundlib.h>
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <time.h>

/* An error handler that discards the message. Swift cannot define variadic functions. */
static void fw_alsa_discard(const char *file, int line, const char *function, int error, const char *format, ...) {}

/* Discards the error messages of libasound, which it writes to standard error by default. Returns the handler before,
   for fw_alsa_restore_errors. snd_lib_error_set_handler */
static inline void *fw_alsa_discard_errors(void) {
  void *before = (void *)snd_lib_error;
  snd_lib_error_set_handler(fw_alsa_discard);
  return before;
}
/* Restores what fw_alsa_discard_errors returned. */
static inline void fw_alsa_restore_errors(void *before) { snd_lib_error_set_handler((snd_lib_error_handler_t)before); }

/* The only C functions that the audio thread may call. The attribute declares to the compiler, which cannot verify it,
   that none of them locks or allocates. They write, query the position and sleep; none opens, closes or configures. */
#define FW_REALTIME static inline __attribute__((swift_attr("@_noLocks")))

/* Writes interleaved frames; returns their number or a negative errno value. snd_pcm_writei */
FW_REALTIME long fw_pcm_write(snd_pcm_t *pcm, const void *frames, unsigned long count) {
  return snd_pcm_writei(pcm, frames, count);
}
/* Returns the frames that have not left the card, or a negative errno value. snd_pcm_delay */
FW_REALTIME long fw_pcm_delay(snd_pcm_t *pcm) {
  snd_pcm_sframes_t delay = 0;
  int code = snd_pcm_delay(pcm, &delay);
  return code < 0 ? code : delay;
}
/* Returns the empty frames of the buffer, or a negative errno value. snd_pcm_avail */
FW_REALTIME long fw_pcm_avail(snd_pcm_t *pcm) { return snd_pcm_avail(pcm); }
/* Returns the frames that a card which stopped by itself has not played, or a negative errno value: the delay is an
   error then. `buffer` is the size of its buffer. snd_pcm_status */
FW_REALTIME long fw_pcm_stranded(snd_pcm_t *pcm, unsigned long buffer) {
  snd_pcm_status_t *status;
  snd_pcm_status_alloca(&status);
  int code = snd_pcm_status(pcm, status);
  if (code < 0) return code;
  snd_pcm_uframes_t empty = snd_pcm_status_get_avail(status);
  return empty < buffer ? (long)(buffer - empty) : 0;
}
/* Takes back queued frames; returns their number or a negative errno value. snd_pcm_rewind */
FW_REALTIME long fw_pcm_rewind(snd_pcm_t *pcm, unsigned long count) { return snd_pcm_rewind(pcm, count); }
/* Stops the stream at once. snd_pcm_drop */
FW_REALTIME int fw_pcm_drop(snd_pcm_t *pcm) { return snd_pcm_drop(pcm); }
/* Prepares the next stream. snd_pcm_prepare */
FW_REALTIME int fw_pcm_prepare(snd_pcm_t *pcm) { return snd_pcm_prepare(pcm); }
/* Processes the result of poll(2). Plugins clear their wake-up here; without it the next poll would return at once.
   snd_pcm_poll_descriptors_revents */
FW_REALTIME void fw_pcm_answer(snd_pcm_t *pcm, struct pollfd *table, unsigned count) {
  unsigned short answer = 0;
  (void)snd_pcm_poll_descriptors_revents(pcm, table, count, &answer);
}
/* poll(2) */
FW_REALTIME int fw_poll(struct pollfd *table, unsigned long count, int milliseconds) {
  return poll(table, count, milliseconds);
}
/* Consumes a wake-up. Called only after poll(2) reported one, so it never blocks. eventfd(2) */
FW_REALTIME void fw_woken(int descriptor) {
  eventfd_t count;
  (void)eventfd_read(descriptor, &count);
}
/* Returns CLOCK_MONOTONIC in nanoseconds. The vDSO reads shared memory; there is no kernel call. */
FW_REALTIME int64_t fw_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}
