/* What Swift's Glibc module lacks: kernel headers, and calls that need _GNU_SOURCE. Defining that macro here would make
   this module and Glibc disagree about the same structures, so the calls are declared by hand. */
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/gpio.h>
#include <linux/input.h>
#include <malloc.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { fw_m_arena_max = M_ARENA_MAX };

/* MCL_ONFAULT of mlockall(2), which needs _GNU_SOURCE. */
enum { fw_mcl_onfault = 4 };

/* O_TMPFILE of open(2), which needs _GNU_SOURCE. */
enum { fw_o_tmpfile = __O_TMPFILE };

/* Visits the objects of the process: the program and its libraries. `name` is empty for the program.
   dl_iterate_phdr(3), struct dl_phdr_info */
struct fw_object {
  ElfW(Addr) base;
  const char *name;
  const ElfW(Phdr) *headers;
  ElfW(Half) count;
};
extern int dl_iterate_phdr(int (*visit)(struct dl_phdr_info *, size_t, void *), void *context);

/* The beginning of the program's code: the linker puts it before everything else. */
extern void _start(void) __attribute__((weak));

/* Which code to touch: of the object that holds the address `within`, as far as `margin` after it; or all of the
   libraries whose file names begin with `prefix`. */
struct fw_touch {
  const char *within;
  size_t margin;
  const char *prefix;
  size_t pages;
};

/* Whether the file name at the end of a path begins with a text. */
static inline int fw_is_named(const char *path, const char *prefix) {
  const char *name = strrchr(path, '/');
  return strncmp(name ? name + 1 : path, prefix, strlen(prefix)) == 0;
}

/* Reads a byte of each page of an object's code that `*context` names, and counts the pages. */
static int fw_touch_object(struct dl_phdr_info *info, size_t size, void *context) {
  const struct fw_object *object = (const struct fw_object *)(const void *)info;
  struct fw_touch *touch = (struct fw_touch *)context;
  (void)size;
  if (touch->prefix && !fw_is_named(object->name, touch->prefix)) return 0;
  for (int i = 0; i < object->count; i++) {
    const ElfW(Phdr) *header = &object->headers[i];
    if (header->p_type != PT_LOAD || !(header->p_flags & PF_R) || !(header->p_flags & PF_X)) continue;
    const char *at = (const char *)(object->base + header->p_vaddr), *end = at + header->p_memsz;
    if (!touch->prefix) {
      const char *first = (const char *)_start;
      if (touch->within < at || touch->within >= end) continue;
      if (first > at && first < touch->within) at = first;
      if ((size_t)(end - touch->within) > touch->margin) end = touch->within + touch->margin;
    }
    for (; at < end; at += 4096, touch->pages++) (void)*(const volatile char *)at;
  }
  return 0;
}
static inline size_t fw_touch_libraries(const char *prefix) {
  struct fw_touch touch = {0, 0, prefix, 0};
  dl_iterate_phdr(fw_touch_object, &touch);
  return touch.pages;
}
static inline size_t fw_touch_code(const void *within, size_t margin) {
  struct fw_touch touch = {(const char *)within, margin, 0, 0};
  dl_iterate_phdr(fw_touch_object, &touch);
  return touch.pages;
}

/* Takes the pages of an object that nothing writes out of this process; they come back from the file. A segment that was
   relocated and then protected counts as written. madvise(2), MADV_DONTNEED */
static int fw_drop_object(struct dl_phdr_info *info, size_t size, void *context) {
  const struct fw_object *object = (const struct fw_object *)(const void *)info;
  (void)size;
  (void)context;
  if (fw_is_named(object->name, "linux-vdso")) return 0;
  for (int i = 0; i < object->count; i++) {
    const ElfW(Phdr) *header = &object->headers[i];
    if (header->p_type != PT_LOAD || (header->p_flags & PF_W)) continue;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t at = (uintptr_t)(object->base + header->p_vaddr), end = at + header->p_memsz;
    at &= ~(page - 1);
    madvise((void *)at, end - at, MADV_DONTNEED);
  }
  return 0;
}
static inline void fw_drop_code(void) { dl_iterate_phdr(fw_drop_object, 0); }

extern int ppoll(struct pollfd *table, nfds_t count, const struct timespec *timeout, const sigset_t *mask);

/* ppoll(2), which glibc declares only with _GNU_SOURCE. */
static inline int fw_ppoll(struct pollfd *table, nfds_t count, const struct timespec *timeout, const sigset_t *mask) {
  return ppoll(table, count, timeout, mask);
}

/* Unix sockets: close-on-exec, and no SIGPIPE. */
static inline int fw_socket(void) { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }
static inline ssize_t fw_send(int fd, const void *bytes, size_t count) { return send(fd, bytes, count, MSG_NOSIGNAL); }
extern int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
static inline int fw_accept(int fd) { return accept4(fd, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK); }

/* Returns the user of the process that connected, or -1. SO_PEERCRED */
static inline long fw_peer_user(int fd) {
  struct fw_peer { int process; unsigned user, group; } peer = {0, 0, 0};
  socklen_t length = sizeof peer;
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 ? -1 : (long)peer.user;
}

static inline int fw_datagram_socket(void) { return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0); }
static inline ssize_t fw_send_to(int fd, const void *bytes, size_t count, const struct sockaddr *to, socklen_t length) {
  /* A manager that does not read must not stop the sender. */
  return sendto(fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT, to, length);
}

/* Renames an entry of a directory, without replacing another one or by exchanging both. renameat2(2), which glibc
   declares only with _GNU_SOURCE. */
enum { fw_rename_noreplace = 1, fw_rename_exchange = 2 };
extern int renameat2(int from, const char *name, int to, const char *other, unsigned flags);
static inline int fw_rename(int directory, const char *name, const char *other, unsigned flags) {
  return renameat2(directory, name, directory, other, flags);
}

/* Names the calling thread. prctl is variadic. PR_SET_NAME */
static inline void fw_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

/* Returns 1 where the wall clock is synchronised (NTP), 0 where it has not been since the start, or -1. adjtimex(2) */
static inline int fw_clock_is_synchronised(void) {
  struct timex clock;
  memset(&clock, 0, sizeof clock);
  return adjtimex(&clock) < 0 ? -1 : (clock.status & STA_UNSYNC) == 0;
}

/* GPIO character devices, uAPI v2, linux/gpio.h. ioctl is variadic, and its request numbers are macros that use sizeof,
   so Swift can call neither. Each function returns -1 and sets errno on failure. */

/* Reads the label and the number of lines of a chip. GPIO_GET_CHIPINFO_IOCTL */
static inline int fw_gpio_chip_info(int chip, struct gpiochip_info *info) {
  memset(info, 0, sizeof *info);
  return ioctl(chip, GPIO_GET_CHIPINFO_IOCTL, info);
}

/* Requests lines of one chip, 1 to 64, with the same flags. Returns a descriptor that delivers the edges of inputs and
   accepts the levels of outputs. `debounce` is in microseconds, 0 for none; bit n of `levels` is the initial level of
   the nth line, for outputs. GPIO_V2_GET_LINE_IOCTL */
static inline int fw_gpio_request(int chip, const uint32_t *offsets, uint32_t count, uint64_t flags,
                                  uint32_t debounce, uint64_t levels, const char *consumer) {
  struct gpio_v2_line_request request;
  memset(&request, 0, sizeof request);
  if (count == 0 || count > GPIO_V2_LINES_MAX) { errno = EINVAL; return -1; }
  memcpy(request.offsets, offsets, count * sizeof *offsets);
  request.num_lines = count;
  strncpy(request.consumer, consumer, sizeof request.consumer - 1);
  request.config.flags = flags;
  uint64_t all = count == 64 ? ~UINT64_C(0) : (UINT64_C(1) << count) - 1;
  if (debounce > 0) {
    struct gpio_v2_line_config_attribute *given = &request.config.attrs[request.config.num_attrs++];
    given->attr.id = GPIO_V2_LINE_ATTR_ID_DEBOUNCE;
    given->attr.debounce_period_us = debounce;
    given->mask = all;
  }
  if (flags & GPIO_V2_LINE_FLAG_OUTPUT) {
    struct gpio_v2_line_config_attribute *given = &request.config.attrs[request.config.num_attrs++];
    given->attr.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES;
    given->attr.values = levels;
    given->mask = all;
  }
  return ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &request) < 0 ? -1 : request.fd;
}

/* Reads the levels of the lines that `mask` selects; bit n is the nth line. GPIO_V2_LINE_GET_VALUES_IOCTL */
static inline int fw_gpio_levels(int lines, uint64_t mask, uint64_t *levels) {
  struct gpio_v2_line_values values = {.bits = 0, .mask = mask};
  int result = ioctl(lines, GPIO_V2_LINE_GET_VALUES_IOCTL, &values);
  *levels = values.bits;
  return result;
}

/* Sets the levels of the lines that `mask` selects. GPIO_V2_LINE_SET_VALUES_IOCTL */
static inline int fw_gpio_set_levels(int lines, uint64_t mask, uint64_t levels) {
  struct gpio_v2_line_values values = {.bits = levels, .mask = mask};
  return ioctl(lines, GPIO_V2_LINE_SET_VALUES_IOCTL, &values);
}

/* Input devices, linux/input.h: exclusive use, the clock of time stamps, the state of all keys, and the time of an
   event in nanoseconds. EVIOCGRAB, EVIOCSCLOCKID, EVIOCGKEY */
static inline int fw_input_grab(int device) { return ioctl(device, EVIOCGRAB, 1); }
static inline int fw_input_clock(int device, int clock) { return ioctl(device, EVIOCSCLOCKID, &clock); }
static inline int fw_input_keys(int device, uint8_t *bits, int size) { return ioctl(device, EVIOCGKEY(size), bits); }
static inline int64_t fw_input_nanoseconds(const struct input_event *event) {
  return (int64_t)event->input_event_sec * 1000000000 + (int64_t)event->input_event_usec * 1000;
}

/* Writes a file system to its device. syncfs(2), which needs _GNU_SOURCE. */
extern int syncfs(int fd);
static inline int fw_syncfs(int fd) { return syncfs(fd); }

/* A mount that is attached nowhere: only this process, through the descriptor, reaches its files. glibc 2.31 and older has
   no functions for these calls. fsopen(2), fsconfig(2), fsmount(2): Linux 5.2 */
extern long syscall(long number, ...);
static inline int fw_fsopen(const char *type) { return (int)syscall(SYS_fsopen, type, 1 /* FSOPEN_CLOEXEC */); }
static inline int fw_fsconfig_flag(int context, const char *key) {
  return (int)syscall(SYS_fsconfig, context, 0 /* FSCONFIG_SET_FLAG */, key, NULL, 0);
}
static inline int fw_fsconfig_string(int context, const char *key, const char *value) {
  return (int)syscall(SYS_fsconfig, context, 1 /* FSCONFIG_SET_STRING */, key, value, 0);
}
static inline int fw_fsconfig_create(int context) {
  return (int)syscall(SYS_fsconfig, context, 6 /* FSCONFIG_CMD_CREATE */, NULL, NULL, 0);
}
/* Read-only unless `writes`; never with set-user-ID programs, devices or any program that can be run. */
static inline int fw_fsmount(int context, int writes) {
  unsigned attributes = 2 /* NOSUID */ | 4 /* NODEV */ | 8 /* NOEXEC */ | (writes ? 0 : 1 /* RDONLY */);
  return (int)syscall(SYS_fsmount, context, 1 /* FSMOUNT_CLOEXEC */, attributes);
}

/* Gives up all capabilities but CAP_DAC_READ_SEARCH (2) and, to write, CAP_DAC_OVERRIDE (1), for good. One that the
   process does not have is not added. capget(2), capset(2) */
static inline int fw_keep_file_rights(int writes) {
  uint32_t kept = 1u << 2 | (writes ? 1u << 1 : 0);
  struct fw_capability_header { uint32_t version; int process; } header = {0x20080522, 0};
  struct fw_capability_data { uint32_t effective, permitted, inheritable; } data[2] = {{0, 0, 0}, {0, 0, 0}};
  if (syscall(SYS_capget, &header, data)) return -1;
  kept &= data[0].permitted;
  data[0].effective = data[0].permitted = kept;
  data[1].effective = data[1].permitted = 0;
  data[0].inheritable = data[1].inheritable = 0;
  return (int)syscall(SYS_capset, &header, data);
}
