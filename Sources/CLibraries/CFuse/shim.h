/* libfuse3: the high-level interface, and of the low-level one the session, which a loop of our own serves.
   https://libfuse.github.io/doxygen/ */
#pragma once
#define FUSE_USE_VERSION 31
#include <fuse.h>
#include <fuse_lowlevel.h>
#include <stdarg.h>
#include <stdio.h>

/* fuse_new is a function in some releases and a macro in others, and FUSE_ARGS_INIT is one in all. NULL with a
   message in the log where it fails. */
static inline struct fuse *fw_fuse_new(const char *options, const struct fuse_operations *operations, void *data) {
  struct fuse_args args = FUSE_ARGS_INIT(0, 0);
  struct fuse *fuse = 0;
  if (fuse_opt_add_arg(&args, "lines") == 0 && fuse_opt_add_arg(&args, "-o") == 0 &&
      fuse_opt_add_arg(&args, options) == 0)
    fuse = fuse_new(&args, operations, sizeof *operations, data);
  fuse_opt_free_args(&args);
  return fuse;
}

/* libfuse's log, one for the whole program, as texts for `listener`; with NULL it goes to standard error again. A
   function with a va_list is none of Swift's: its type differs between processors, and for arm64 Swift 6.0 crashes. */
typedef void (*fw_fuse_listener)(const char *text);

/* A variable of this header's own would be compiled by nobody. */
static inline fw_fuse_listener *fw_fuse_heard(void) {
  static fw_fuse_listener listener;
  return &listener;
}

static inline void fw_fuse_say(enum fuse_log_level level, const char *format, va_list arguments) {
  char text[512];
  (void)level;
  vsnprintf(text, sizeof text, format, arguments);
  if (*fw_fuse_heard()) (*fw_fuse_heard())(text);
}

static inline void fw_fuse_listen(fw_fuse_listener listener) {
  *fw_fuse_heard() = listener;
  fuse_set_log_func(listener ? fw_fuse_say : 0);
}
