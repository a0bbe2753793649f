/* Reads the card's configuration. simcard.h describes the keys. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "card.h"

static int read_rates(snd_config_t *node, struct options *options) {
  snd_config_iterator_t at, next;
  long value;
  options->rate_count = 0;
  if (snd_config_get_type(node) != SND_CONFIG_TYPE_COMPOUND) {
    if (snd_config_get_integer(node, &value) < 0 || value < 1000 || value > 768000) return -EINVAL;
    options->rates[options->rate_count++] = (unsigned)value;
    return 0;
  }
  snd_config_for_each(at, next, node) {
    if (options->rate_count == sizeof options->rates / sizeof *options->rates) return -EINVAL;
    if (snd_config_get_integer(snd_config_iterator_entry(at), &value) < 0 || value < 1000 || value > 768000)
      return -EINVAL;
    options->rates[options->rate_count++] = (unsigned)value;
  }
  return options->rate_count ? 0 : -EINVAL;
}

int options_number(snd_config_t *node, long minimum, long maximum, unsigned *number) {
  long value;
  if (snd_config_get_integer(node, &value) < 0 || value < minimum || value > maximum) return -EINVAL;
  *number = (unsigned)value;
  return 0;
}

int options_read(snd_config_t *config, const char *name, struct options *options) {
  snd_config_iterator_t at, next;
  snd_config_for_each(at, next, config) {
    snd_config_t *node = snd_config_iterator_entry(at);
    const char *key;
    int code = 0;
    if (snd_config_get_id(node, &key) < 0) continue;
    if (strcmp(key, "type") == 0 || strcmp(key, "comment") == 0 || strcmp(key, "hint") == 0) continue;
    if (strcmp(key, "record") == 0) code = snd_config_get_string(node, &options->record);
    else if (strcmp(key, "control") == 0) code = snd_config_get_string(node, &options->control);
    else if (strcmp(key, "rate") == 0) code = read_rates(node, options);
    else if (strcmp(key, "channels") == 0) code = options_number(node, 1, 2, &options->channels);
    else if (strcmp(key, "buffer_max") == 0) code = options_number(node, 64, 1 << 24, &options->buffer_max);
    else if (strcmp(key, "period") == 0) code = options_number(node, 16, 1 << 20, &options->period);
    else if (strcmp(key, "batch") == 0) code = options_number(node, 0, 1, &options->batch);
    else if (strcmp(key, "speed") == 0) code = options_number(node, 1, 64, &options->speed);
    else code = -ENOENT;
    if (code < 0) {
      SNDERR("%s: %s `%s`", name, code == -ENOENT ? "simcard has no key" : "simcard cannot use the value of", key);
      return -EINVAL;
    }
  }
  if (options->period && !options->channels) {
    SNDERR("%s: simcard needs `channels` with `period`", name);
    return -EINVAL;
  }
  if (!options->record) {
    SNDERR("%s: simcard needs `record`, the file to which it appends", name);
    return -EINVAL;
  }
  return 0;
}
