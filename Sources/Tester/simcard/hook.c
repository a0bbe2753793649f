/* libasound's ioplug moves the application's pointer on snd_pcm_rewind and snd_pcm_forward by itself, by any number,
   and tells its plugin nothing. A card must be asked: it lets nobody take back what has left. So this PCM gets a table
   of calls of its own, with those two (and what belongs to them) answered by the card.

   The table is private to libasound. Its place is found, not assumed, and checked: in `struct _snd_pcm` stand, one
   after the other, the pointers fast_ops, op_arg, fast_op_arg and private_data; the two in the middle point to
   the PCM itself, and the last to a structure that begins with a pointer to our own `io`. In the table, exactly the
   calls that an ioplug does not have are absent. So it stands in 1.2.8 and has not changed by the middle of 2026; where
   it stands otherwise, the card refuses to open rather than to follow a rewind wrongly. */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdatomic.h>
#include <string.h>

#include "card.h"

/* Places in snd_pcm_fast_ops_t. */
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

/* Index of private_data in `struct _snd_pcm`, in words: the same for every PCM of a process. */
static _Atomic size_t private_data;

static struct card *card_of(snd_pcm_t *pcm) {
  snd_pcm_ioplug_t **of_ioplug = ((void **)pcm)[atomic_load(&private_data)];
  return (*of_ioplug)->private_data;
}

/* Frames that may be taken back: not the one that is on the line. */
static uint64_t rewindable(const struct card *card) {
  uint64_t fixed = card->left + (card->ticking ? 1 : 0);
  return card->written > fixed ? card->written - fixed : 0;
}

static uint64_t forwardable(const struct card *card) {
  uint64_t end = card->left + card->io.buffer_size;
  return end > card->written ? end - card->written : 0;
}

static void move(struct card *card, uint64_t written) {
  card->written = written;
  card->io.appl_ptr = (snd_pcm_uframes_t)(written % card->boundary);
  card_arm(card);
}

static snd_pcm_sframes_t answer(struct card *card, uint64_t (*question)(const struct card *)) {
  card_enter(card);
  card_settle(card, card_now());
  int code = card_state_error(card);
  snd_pcm_sframes_t count = code ? code : (snd_pcm_sframes_t)question(card);
  card_leave(card);
  return count;
}

static snd_pcm_sframes_t call_rewindable(snd_pcm_t *pcm) { return answer(card_of(pcm), rewindable); }

static snd_pcm_sframes_t call_forwardable(snd_pcm_t *pcm) { return answer(card_of(pcm), forwardable); }

static snd_pcm_sframes_t call_rewind(snd_pcm_t *pcm, snd_pcm_uframes_t frames) {
  struct card *card = card_of(pcm);
  card_enter(card);
  int64_t now = card_now();
  card_settle(card, now);
  snd_pcm_sframes_t result = card_state_error(card);
  if (!result && !card->faults.refuse_rewind) {
    uint64_t most = rewindable(card), count = frames < most ? frames : most;
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
    uint64_t most = forwardable(card), count = frames < most ? frames : most;
    move(card, card->written + count);
    record_block(card, SIMCARD_FORWARD, now, card->left, (uint32_t)count, 0);
    result = (snd_pcm_sframes_t)count;
  }
  card_leave(card);
  return result;
}

/* What is queued is forgotten, as a card's driver does; ioplug's own would set both pointers to 0. */
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
    /* A table of a later libasound may be longer: calls that we do not know are then absent. */
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
  SNDERR("simcard does not know this libasound (%s): rewinds could not be followed", snd_asoundlib_version());
  return -ENXIO;
}
