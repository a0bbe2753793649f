/* libasound's ioplug handles snd_pcm_rewind and snd_pcm_forward itself: it moves the application's pointer by any
   number of frames and does not call the plugin. A real card does not take back frames that have left. So this PCM gets
   its own table of calls, with those two (and related ones) replaced by the card's.

   The table is private to libasound. Its position is searched for and checked: `struct _snd_pcm` contains in sequence
   the pointers fast_ops, op_arg, fast_op_arg and private_data; the two in the middle point to the PCM itself, and the
   last one to a structure that begins with a pointer to our `io`. In the table, exactly the calls that an ioplug lacks
   are NULL. This holds for 1.2.8 and later versions until at least the middle of 2026; if it does not hold, the card
   refuses to open rather than handle a rewind wrongly. */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdatomic.h>
#include <string.h>

#include "card.h"

/* Indices in snd_pcm_fast_ops_t. */
enum {
  RESET = 2,
  HWSYNC = 8,
  LINK = 11,
  UNLINK = 13,
  REWINDABLE = 14,
  REWIND = 15,
  FORWARDABLE = 16,
  FORWARD = 17,
  MAY_WAIT = 28,
  CALLS = 30
};

/* Index of private_data in `struct _snd_pcm`, in words; the same for every PCM of a process. */
static _Atomic size_t private_data;

static struct card *card_of(snd_pcm_t *pcm) {
  snd_pcm_ioplug_t **of_ioplug = ((void **)pcm)[atomic_load(&private_data)];
  return (*of_ioplug)->private_data;
}

/* Frames that can be taken back, without the one that is leaving. As in a driver, a BATCH card also takes back frames
   that have left since its last report. */
static uint64_t rewindable(const struct card *card) {
  uint64_t fixed = card->batch ? card_reported(card) : card->left + (card->running ? 1 : 0);
  return card->written > fixed ? card->written - fixed : 0;
}

static uint64_t forwardable(const struct card *card) {
  uint64_t end = card_reported(card) + card->io.buffer_size;
  return end > card->written ? end - card->written : 0;
}

static void move(struct card *card, uint64_t written) {
  card->written = written;
  card->io.appl_ptr = (snd_pcm_uframes_t)(written % card->boundary);
  card_arm(card);
}

static snd_pcm_sframes_t count_frames(struct card *card, uint64_t (*count_of)(const struct card *)) {
  card_enter(card);
  card_settle(card, card_now());
  int code = card_state_error(card);
  snd_pcm_sframes_t count = code ? code : (snd_pcm_sframes_t)count_of(card);
  card_leave(card);
  return count;
}

static snd_pcm_sframes_t call_rewindable(snd_pcm_t *pcm) { return count_frames(card_of(pcm), rewindable); }

static snd_pcm_sframes_t call_forwardable(snd_pcm_t *pcm) { return count_frames(card_of(pcm), forwardable); }

static snd_pcm_sframes_t call_rewind(snd_pcm_t *pcm, snd_pcm_uframes_t frames) {
  struct card *card = card_of(pcm);
  card_enter(card);
  int64_t now = card_now();
  card_settle(card, now);
  snd_pcm_sframes_t result = card_state_error(card);
  if (!result && !card->faults.refuse_rewind) {
    uint64_t maximum = rewindable(card), count = frames < maximum ? frames : maximum;
    move(card, card->written - count);
    record_block(card, SIMCARD_REWIND, now, card->left, (uint32_t)count, 0);
    result = (snd_pcm_sframes_t)count;
  }
  card_leave(card);
  return result;
}

static snd_pcm_sframes_t call_forward(snd_pcm_t *pcm, snd_pcm_uframes_t frames) {
  struct card *card = card_of(pcm);
  card_enter(card);
  int64_t now = card_now();
  card_settle(card, now);
  snd_pcm_sframes_t result = card_state_error(card);
  if (!result) {
    uint64_t maximum = forwardable(card), count = frames < maximum ? frames : maximum;
    move(card, card->written + count);
    record_block(card, SIMCARD_FORWARD, now, card->left, (uint32_t)count, 0);
    result = (snd_pcm_sframes_t)count;
  }
  card_leave(card);
  return result;
}

/* Discards the queued frames, as a card's driver does; ioplug's own call would set both pointers to 0. */
static int call_reset(snd_pcm_t *pcm) {
  struct card *card = card_of(pcm);
  int (*hwsync)(snd_pcm_t *) = (int (*)(snd_pcm_t *))card->calls[HWSYNC];
  int code = hwsync(pcm);
  if (code < 0) return code;
  card_enter(card);
  move(card, card->left);
  card_leave(card);
  return 0;
}

static int is_ioplug_table(void *const *calls) {
  for (int i = 0; i < CALLS; i++)
    if ((calls[i] == NULL) != ((i >= LINK && i <= UNLINK) || i == MAY_WAIT)) return 0;
  return 1;
}

int hook_calls(struct card *card) {
  void **words = (void **)card->io.pcm;
  size_t count = malloc_usable_size(words) / sizeof *words;
  for (size_t i = 3; i < count; i++) {
    if (words[i - 2] != (void *)card->io.pcm || words[i - 1] != (void *)card->io.pcm) continue;
    if (!words[i] || *(void **)words[i] != (void *)&card->io || !is_ioplug_table(words[i - 3])) break;
    /* The table of a later libasound may be longer; the calls added there stay NULL. */
    memcpy(card->calls, words[i - 3], CALLS * sizeof *words);
    card->calls[RESET] = (void *)call_reset;
    card->calls[REWINDABLE] = (void *)call_rewindable;
    card->calls[REWIND] = (void *)call_rewind;
    card->calls[FORWARDABLE] = (void *)call_forwardable;
    card->calls[FORWARD] = (void *)call_forward;
    atomic_store(&private_data, i);
    words[i - 3] = card->calls;
    return 0;
  }
  SNDERR("simcard does not support this libasound (%s): it cannot intercept rewinds", snd_asoundlib_version());
  return -ENXIO;
}
