#define _GNU_SOURCE
#include "heapspy.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

/* glibc's names of the functions that this library replaces. */
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static struct heapspy *sums;
static char watched[16];
static int (*next_poll)(struct pollfd *, nfds_t, int);

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("HEAPSPY_FILE"), *name = getenv("HEAPSPY_THREAD");
  next_poll = dlsym(RTLD_NEXT, "poll");
  if (!path || !name || strlen(name) >= sizeof watched) return;
  strcpy(watched, name);
  int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return;
  if (ftruncate(file, sizeof *sums) == 0) {
    void *memory = mmap(NULL, sizeof *sums, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory != MAP_FAILED) sums = memory;
  }
  close(file);
}

static int is_watched(void) {
  char name[16];
  int before = errno, same = sums && prctl(PR_GET_NAME, name, 0, 0, 0) == 0 && strcmp(name, watched) == 0;
  errno = before;
  return same;
}

static void note_heap(void) {
  if (is_watched()) __atomic_add_fetch(&sums->heap, 1, __ATOMIC_RELAXED);
}

void *malloc(size_t size) {
  note_heap();
  return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
  note_heap();
  return __libc_calloc(count, size);
}
void *realloc(void *memory, size_t size) {
  note_heap();
  return __libc_realloc(memory, size);
}
void *memalign(size_t alignment, size_t size) {
  note_heap();
  return __libc_memalign(alignment, size);
}
void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void **memory, size_t alignment, size_t size) {
  *memory = memalign(alignment, size);
  return *memory ? 0 : ENOMEM;
}
void free(void *memory) {
  note_heap();
  __libc_free(memory);
}

int poll(struct pollfd *table, nfds_t count, int milliseconds) {
  if (is_watched()) __atomic_add_fetch(&sums->polls, 1, __ATOMIC_RELAXED);
  return next_poll(table, count, milliseconds);
}
