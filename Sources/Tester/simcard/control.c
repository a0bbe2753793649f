/* The control file: its words, for card and microphone, and their effect on the card. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "card.h"

static int number(const char *word, const char *name, unsigned long *value) {
  size_t length = strlen(name);
  char *end;
  if (strncmp(word, name, length) != 0 || word[length] != '=') return 0;
  unsigned long parsed = strtoul(word + length + 1, &end, 10);
  if (end == word + length + 1 || *end) return 0;
  *value = parsed;
  return 1;
}

static void parse(const char *path, char *line, struct faults *faults) {
  char *rest = line;
  for (char *word; (word = strsep(&rest, " \t\r\n"));) {
    if (!*word) continue;
    if (strcmp(word, "unplugged") == 0) faults->unplugged = 1;
    else if (strcmp(word, "busy") == 0) faults->busy = 1;
    else if (strcmp(word, "stalled") == 0) faults->stalled = 1;
    else if (strcmp(word, "refuse-rewind") == 0) faults->refuse_rewind = 1;
    else if (strcmp(word, "hang-open") == 0) faults->hang_open = 1;
    else if (number(word, "slow-start", &faults->slow_start)) continue;
    else if (number(word, "xrun", &faults->xrun)) continue;
    else if (number(word, "suspend", &faults->suspend)) continue;
    else if (number(word, "noise", &faults->noise)) continue;
    else if (number(word, "hum", &faults->hum)) continue;
    else if (number(word, "say", &faults->say)) continue;
    else SNDERR("%s: `%s` is not a fault of this card", path, word);
  }
}

int control_load(const char *path, struct faults *faults) {
  char line[512];
  memset(faults, 0, sizeof *faults);
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return 1;
  ssize_t length = read(file, line, sizeof line - 1);
  close(file);
  if (length < 0) return 0;
  line[length] = 0;
  if (length > 0 && line[length - 1] != '\n') return 0;
  parse(path, line, faults);
  return 1;
}

int control_open(struct card *card, const char *path) {
  if (!path) return 0;
  card->control = strdup(path);
  if (!card->control) return -ENOMEM;
  /* Watch the directory, not the file, which may not exist yet or be replaced by a rename. */
  char *directory = strdup(path);
  if (!directory) return -ENOMEM;
  char *slash = strrchr(directory, '/');
  if (slash) slash[slash == directory] = 0;
  card->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  int failed = card->watch < 0 || inotify_add_watch(
      card->watch, slash ? directory : ".", IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE) < 0;
  int code = errno;
  free(directory);
  if (failed) {
    SNDERR("%s: cannot watch the directory: %s", path, strerror(code));
    return -code;
  }
  if (!control_load(path, &card->faults)) memset(&card->faults, 0, sizeof card->faults);
  while (card->faults.hang_open) {
    usleep(10000);
    struct faults next;
    if (control_load(path, &next)) card->faults = next;
  }
  if (card->faults.unplugged) return -ENODEV;
  return card->faults.busy ? -EBUSY : 0;
}

void control_close(struct card *card) {
  if (card->watch >= 0) close(card->watch);
  free(card->control);
}

int control_changed(struct card *card) {
  char events[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)] __attribute__((aligned(8)));
  const char *slash = strrchr(card->control, '/'), *name = slash ? slash + 1 : card->control;
  int changed = 0;
  ssize_t length;
  while ((length = read(card->watch, events, sizeof events)) > 0) {
    for (char *at = events; at < events + length;) {
      const struct inotify_event *event = (const struct inotify_event *)at;
      if ((event->mask & IN_Q_OVERFLOW) || (event->len && strcmp(event->name, name) == 0)) changed = 1;
      at += sizeof *event + event->len;
    }
  }
  return changed;
}

void control_read(struct card *card) {
  struct faults faults;
  if (!control_load(card->control, &faults)) return;
  card_enter(card);
  control_apply(card, faults, card_now());
  card_leave(card);
}

static int is_triggered(const struct card *card) {
  return card->state == SND_PCM_STATE_RUNNING || card->state == SND_PCM_STATE_DRAINING;
}

void control_apply(struct card *card, struct faults faults, int64_t now) {
  struct faults before = card->faults;
  card->faults = faults;
  card_settle(card, now);
  if (faults.unplugged && card->state != SND_PCM_STATE_DISCONNECTED)
    card_halt(card, SND_PCM_STATE_DISCONNECTED, SIMCARD_UNPLUG, now);
  if (faults.xrun != before.xrun && is_triggered(card)) card_halt(card, SND_PCM_STATE_XRUN, SIMCARD_XRUN, now);
  if (faults.suspend != before.suspend &&
      (is_triggered(card) || card->state == SND_PCM_STATE_PREPARED || card->state == SND_PCM_STATE_PAUSED)) {
    card->suspended = card->state;
    card_halt(card, SND_PCM_STATE_SUSPENDED, SIMCARD_SUSPEND, now);
  }
  if (faults.stalled && card->running) card_halt(card, card->state, SIMCARD_STALL, now);
  if (!faults.stalled && is_triggered(card) && !card->running) card_run(card, now, SIMCARD_UNSTALLED);
}
