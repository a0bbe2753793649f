/* libfuse3: the high-level interface, and the session of the low-level one, which the program serves in its own loop.
   https://libfuse.github.io/doxygen/ */
#pragma once
#define FUSE_USE_VERSION 31
#include <fuse.h>
#include <fuse_lowlevel.h>
#include <stdarg.h>
#include <stdio.h>

/* Creates a file system with mount options. fuse_new is a macro in some releases, and FUSE_ARGS_INIT in all, so Swift
   can call neither. Returns NULL on failure, with a message in the log. */
static inline struct fuse *fw_fuse_new(const char *options, const struct fuse_operations *operations, void *data) {
  struct fuse_args args = FUSE_ARGS_INIT(0, 0);
  struct fuse *fuse = 0;
  if (fuse_opt_add_arg(&args, "lines") == 0 && fuse_opt_add_arg(&args, "-o") == 0 &&
      fuse_opt_add_arg(&args, options) == 0)
    fuse = fuse_new(&args, operations, sizeof *operations, data);
  fuse_opt_free_args(&args);
  return fuse;
}

/* A receiver of libfuse's log messages. Swift cannot take the original callback with its va_list: the type differs
   between processors, and on arm64 Swift 6.0 crashes on it. */
typedef void (*fw_fuse_listener)(const char *text);

/* Returns the place of the receiver. A header cannot define a global variable, so it is static in a function. */
static inline fw_fuse_listener *fw_fuse_receiver(void) {
  static fw_fuse_listener listener;
  return &listener;
}

/* Formats a message for the receiver. */
static inline void fw_fuse_log(enum fuse_log_level level, const char *format, va_list arguments) {
  char text[512];
  (void)level;
  vsnprintf(text, sizeof text, format, arguments);
  if (*fw_fuse_receiver()) (*fw_fuse_receiver())(text);
}

/* Sends the log of the whole program to a receiver; to standard error again where it is NULL. fuse_set_log_func */
static inline void fw_fuse_listen(fw_fuse_listener listener) {
  *fw_fuse_receiver() = listener;
  fuse_set_log_func(listener ? fw_fuse_log : 0);
}
