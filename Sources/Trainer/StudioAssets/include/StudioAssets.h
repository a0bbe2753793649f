/* The files of the studio's page, which the program embeds. */
#pragma once
#include <stdint.h>

/* A file: its path below the page's address, and its content. All of it is read-only and lasts as long as the program. */
struct fw_asset {
  const char *path;
  const uint8_t *bytes;
  uint64_t count;
};

extern const struct fw_asset fw_assets[];
extern const uint64_t fw_asset_count;

/* The first of the files, which lie one after another; there are `fw_asset_count`. */
static inline const struct fw_asset *fw_first_asset(void) { return fw_assets; }
