#define _GNU_SOURCE
#include "diskspy.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NEXT(result, name, ...)                                                                                        \
  static result (*next)(__VA_ARGS__);                                                                                  \
  if (!next) next = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

static char root[PATH_MAX];
static int log_file = -1;
static int line_number;

__attribute__((constructor)) static void begin(void) {
  const char *directory = getenv("DISKSPY_ROOT"), *log = getenv("DISKSPY_LOG");
  if (!directory || !log || !realpath(directory, root)) return;
  log_file = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

/* Returns the path below the root, or NULL. */
static const char *below(const char *path) {
  size_t length = strlen(root);
  if (log_file < 0 || strncmp(path, root, length) != 0) return NULL;
  if (path[length] == 0) return ".";
  return path[length] == '/' ? path + length + 1 : NULL;
}

static const char *below_descriptor(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t count = readlink(link, path, PATH_MAX - 1);
  if (count < 0) return NULL;
  path[count] = 0;
  return below(path);
}

static void say(const char *what, const char *path, const char *to) {
  char line[2 * PATH_MAX + 64];
  int kept = errno;
  int count = snprintf(line, sizeof line, to ? "%s\t%s\t%s\n" : "%s\t%s\n", what, path, to);
  if (syscall(SYS_write, log_file, line, (size_t)count) != count) abort();
  line_number++;
  errno = kept;
}

/* Copies the content of a file to LOG.N, with direct system calls, which are not logged. */
static void keep(const char *path) {
  char copy[PATH_MAX + 16];
  snprintf(copy, sizeof copy, "%s.%d", getenv("DISKSPY_LOG"), line_number);
  int from = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  int to = (int)syscall(SYS_openat, AT_FDCWD, copy, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (from < 0 || to < 0) abort();
  char block[65536];
  ssize_t count;
  while ((count = syscall(SYS_read, from, block, sizeof block)) > 0)
    if (syscall(SYS_write, to, block, (size_t)count) != count) abort();
  syscall(SYS_close, from);
  syscall(SYS_close, to);
}

int open(const char *path, int flags, ...) {
  NEXT(int, open, const char *, int, ...);
  mode_t mode = 0;
  if (flags & O_CREAT) {
    va_list more;
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
  }
  const char *name = below(path);
  int was = name && access(path, F_OK) == 0;
  int fd = next(path, flags, mode);
  if (name && fd >= 0 && flags & O_CREAT && !was) say("make", name, NULL);
  if (name && fd >= 0 && flags & O_TRUNC && was) say("cut", name, NULL);
  return fd;
}

/* Returns the path of an entry of an open directory. */
static const char *entry(int directory, const char *name, char *path) {
  if (log_file < 0) return NULL;
  if (name[0] == '/') return name;
  char place[PATH_MAX];
  if (directory == AT_FDCWD) {
    if (!getcwd(place, sizeof place)) return NULL;
  } else {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
    ssize_t count = readlink(link, place, sizeof place - 1);
    if (count < 0) return NULL;
    place[count] = 0;
  }
  return snprintf(path, PATH_MAX, "%s/%s", place, name) < PATH_MAX ? path : NULL;
}

int openat(int directory, const char *name, int flags, ...) {
  NEXT(int, openat, int, const char *, int, ...);
  mode_t mode = 0;
  if (flags & O_CREAT) {
    va_list more;
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
  }
  char buffer[PATH_MAX];
  const char *path = entry(directory, name, buffer), *seen = path ? below(path) : NULL;
  int was = seen && access(path, F_OK) == 0;
  int fd = next(directory, name, flags, mode);
  if (seen && fd >= 0 && flags & O_CREAT && !was) say("make", seen, NULL);
  if (seen && fd >= 0 && flags & O_TRUNC && was) say("cut", seen, NULL);
  return fd;
}

ssize_t write(int fd, const void *bytes, size_t count) {
  NEXT(ssize_t, write, int, const void *, size_t);
  ssize_t done = next(fd, bytes, count);
  char path[PATH_MAX];
  const char *name = log_file >= 0 && done > 0 ? below_descriptor(fd, path) : NULL;
  if (name) say("write", name, NULL);
  return done;
}

static void synced(int fd) {
  char path[PATH_MAX];
  const char *name = log_file >= 0 ? below_descriptor(fd, path) : NULL;
  struct stat status;
  if (!name || fstat(fd, &status) != 0) return;
  if (S_ISREG(status.st_mode)) {
    say("sync", name, NULL);
    keep(path);
  } else {
    say("syncdir", name, NULL);
  }
}

int fsync(int fd) {
  NEXT(int, fsync, int);
  /* DISKSPY_BROKEN: the directory, below the root, that cannot be synced. */
  char path[PATH_MAX];
  const char *broken = getenv("DISKSPY_BROKEN"), *name = broken && log_file >= 0 ? below_descriptor(fd, path) : NULL;
  if (name && strcmp(name, broken) == 0) {
    errno = EIO;
    return -1;
  }
  int result = next(fd);
  if (result == 0) synced(fd);
  return result;
}

int fdatasync(int fd) {
  NEXT(int, fdatasync, int);
  int result = next(fd);
  if (result == 0) synced(fd);
  return result;
}

int rename(const char *from, const char *to) {
  NEXT(int, rename, const char *, const char *);
  const char *a = below(from), *b = below(to);
  int result = next(from, to);
  if (result == 0 && a && b) say("rename", a, b);
  return result;
}

int renameat(int old, const char *from, int new, const char *to) {
  NEXT(int, renameat, int, const char *, int, const char *);
  char first[PATH_MAX], second[PATH_MAX];
  const char *one = entry(old, from, first), *two = entry(new, to, second);
  const char *a = one ? below(one) : NULL, *b = two ? below(two) : NULL;
  int result = next(old, from, new, to);
  if (result == 0 && a && b) say("rename", a, b);
  return result;
}

int link(const char *from, const char *to) {
  NEXT(int, link, const char *, const char *);
  const char *a = below(from), *b = below(to);
  int result = next(from, to);
  if (result == 0 && a && b) say("link", a, b);
  return result;
}

int unlink(const char *path) {
  NEXT(int, unlink, const char *);
  const char *name = below(path);
  int result = next(path);
  if (result == 0 && name) say("unlink", name, NULL);
  return result;
}

int unlinkat(int directory, const char *name, int flags) {
  NEXT(int, unlinkat, int, const char *, int);
  char buffer[PATH_MAX];
  const char *path = entry(directory, name, buffer), *seen = path ? below(path) : NULL;
  int result = next(directory, name, flags);
  if (result == 0 && seen) say("unlink", seen, NULL);
  return result;
}

int mkdirat(int directory, const char *name, mode_t mode) {
  NEXT(int, mkdirat, int, const char *, mode_t);
  char buffer[PATH_MAX];
  const char *path = entry(directory, name, buffer), *seen = path ? below(path) : NULL;
  int result = next(directory, name, mode);
  if (result == 0 && seen) say("mkdir", seen, NULL);
  return result;
}

int mkdir(const char *path, mode_t mode) {
  NEXT(int, mkdir, const char *, mode_t);
  const char *name = below(path);
  int result = next(path, mode);
  if (result == 0 && name) say("mkdir", name, NULL);
  return result;
}
