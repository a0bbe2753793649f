/* libfuse3: the high-level interface, and of the low-level one the session, which a loop of our own serves.
   https://libfuse.github.io/doxygen/ */
#pragma once
#define FUSE_USE_VERSION 31
#include <fuse.h>
#include <fuse_lowlevel.h>

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
