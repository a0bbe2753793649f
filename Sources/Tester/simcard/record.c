/* The record: threads that hold the lock append blocks in memory, and the worker writes them, so that a program's audio
   thread never waits for a disk. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "card.h"

/* Twenty seconds of mono fit without growing. The limit is reached only if the disk does not respond. */
#define OUTBOX_ROOM ((size_t)2 << 20)
#define OUTBOX_LIMIT ((size_t)256 << 20)

static int read_head(int file, int64_t at, struct simcard_block *block) {
  if (pread(file, block, sizeof *block, at) != sizeof *block) return 0;
  return block->magic == SIMCARD_BLOCK_MAGIC;
}

/* Cuts off an incomplete block that a killed program left at the end; blocks after it could not be read. */
static int cut_incomplete_block(struct card *card, int64_t size) {
  struct simcard_block block;
  int64_t at = size - (int64_t)sizeof block;
  if (at >= (int64_t)sizeof(struct simcard_file) && read_head(card->file, at, &block) && block.kind == SIMCARD_CLOSE &&
      block.bytes == 0) {
    card->good = size;
    return 0;
  }
  at = sizeof(struct simcard_file);
  while (at < size && read_head(card->file, at, &block) && at + (int64_t)sizeof block + block.bytes <= size)
    at += (int64_t)sizeof block + block.bytes;
  card->good = at;
  return at == size || ftruncate(card->file, at) == 0 ? 0 : -errno;
}

static int adopt(struct card *card, const char *path) {
  struct simcard_file head;
  struct stat status;
  if (fstat(card->file, &status) < 0) return -errno;
  if (!S_ISREG(status.st_mode)) {
    SNDERR("%s: the record must be a regular file", path);
    return -EINVAL;
  }
  if (status.st_size == 0) {
    memset(&head, 0, sizeof head);
    memcpy(head.magic, SIMCARD_FILE_MAGIC, sizeof head.magic);
    head.version = SIMCARD_VERSION;
    head.head = sizeof(struct simcard_block);
    ssize_t written = write(card->file, &head, sizeof head);
    if (written == sizeof head) {
      card->good = sizeof head;
      return 0;
    }
    int code = written < 0 ? errno : ENOSPC;
    if (ftruncate(card->file, 0) < 0) SNDERR("%s: cannot truncate: %s", path, strerror(errno));
    return -code;
  }
  if (pread(card->file, &head, sizeof head, 0) != sizeof head || memcmp(head.magic, SIMCARD_FILE_MAGIC, 8) != 0 ||
      head.version != SIMCARD_VERSION || head.head != sizeof(struct simcard_block)) {
    SNDERR("%s: not a record of this card; name another file", path);
    return -EINVAL;
  }
  return cut_incomplete_block(card, status.st_size);
}

int record_open(struct card *card, const char *path) {
  card->filling.bytes = malloc(OUTBOX_ROOM);
  card->flushing.bytes = malloc(OUTBOX_ROOM);
  card->filling.room = card->flushing.room = OUTBOX_ROOM;
  if (!card->filling.bytes || !card->flushing.bytes) return -ENOMEM;
  card->file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0644);
  if (card->file < 0) {
    int code = errno;
    SNDERR("%s: cannot open the record: %s", path, strerror(code));
    return -code;
  }
  /* One program at a time, as with hardware that does not mix. */
  if (flock(card->file, LOCK_EX | LOCK_NB) < 0) return errno == EWOULDBLOCK ? -EBUSY : -errno;
  return adopt(card, path);
}

void record_close(struct card *card) {
  if (card->file >= 0) {
    /* Unlock explicitly, because a child of a fork may hold the same file description. */
    flock(card->file, LOCK_UN);
    close(card->file);
  }
  free(card->filling.bytes);
  free(card->flushing.bytes);
}

static int make_room(struct outbox *box, size_t more) {
  if (box->used + more <= box->room) return 0;
  size_t room = box->room;
  while (room < box->used + more) room *= 2;
  if (room > OUTBOX_LIMIT) return ENOBUFS;
  uint8_t *bytes = realloc(box->bytes, room);
  if (!bytes) return ENOMEM;
  box->bytes = bytes;
  box->room = room;
  return 0;
}

uint8_t *record_block(
    struct card *card, enum simcard_kind kind, int64_t time, uint64_t position, uint32_t count, size_t bytes) {
  struct outbox *box = &card->filling;
  struct simcard_block block = {SIMCARD_BLOCK_MAGIC, kind, (uint32_t)bytes, count, time, position};
  if (card->broken) return NULL;
  card->broken = make_room(box, sizeof block + bytes);
  if (card->broken) return NULL;
  memcpy(box->bytes + box->used, &block, sizeof block);
  uint8_t *payload = box->bytes + box->used + sizeof block;
  box->used += sizeof block + bytes;
  return payload;
}

int record_flush(struct card *card) {
  struct outbox *box = &card->flushing;
  size_t done = 0;
  while (done < box->used) {
    ssize_t count = write(card->file, box->bytes + done, box->used - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      int code = count < 0 ? errno : EIO;
      SNDERR("cannot write the card's record: %s", strerror(code));
      if (ftruncate(card->file, card->good) < 0) SNDERR("cannot truncate it either: %s", strerror(errno));
      box->used = 0;
      return code;
    }
    done += (size_t)count;
  }
  card->good += (int64_t)box->used;
  box->used = 0;
  return 0;
}
