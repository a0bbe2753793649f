/* The files of the pages that go by post, which the program embeds. */
#pragma once
#include <stdint.h>

/* A file: its name and its content. All of it is read-only and lasts as long as the program. */
struct fw_post_asset {
  const char *name;
  const uint8_t *bytes;
  uint64_t count;
};

extern const struct fw_post_asset fw_post_assets[];
extern const uint64_t fw_post_asset_count;

/* The first of the files, which lie one after another; there are `fw_post_asset_count`. */
static inline const struct fw_post_asset *fw_first_post_asset(void) { return fw_post_assets; }
