/* What Glibc's own Swift module leaves out: headers of the kernel, and calls it hides behind _GNU_SOURCE
   (defining that here would make this module and Glibc's disagree about the same structures). */
#pragma once
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>

/* Hidden behind _GNU_SOURCE. */
enum { fw_mcl_onfault = 4 };

extern int ppoll(struct pollfd *table, nfds_t count, const struct timespec *timeout, const sigset_t *mask);

static inline int fw_ppoll(struct pollfd *table, nfds_t count, const struct timespec *timeout) {
  return ppoll(table, count, timeout, 0);
}

/* Unix stream sockets; close-on-exec, and never a SIGPIPE. */
static inline int fw_socket(void) { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }
static inline ssize_t fw_send(int fd, const void *bytes, size_t count) { return send(fd, bytes, count, MSG_NOSIGNAL); }
extern int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
static inline int fw_accept(int fd) { return accept4(fd, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK); }

/* prctl is variadic. */
static inline void fw_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
static inline int fw_datagram_socket(void) { return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0); }
static inline ssize_t fw_send_to(int fd, const void *bytes, size_t count, const struct sockaddr *to, socklen_t length) {
  return sendto(fd, bytes, count, MSG_NOSIGNAL, to, length);
}
