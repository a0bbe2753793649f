/* The card's mixer: a control device with one element, `Digital`, of -103.5 to 0 dB in steps of 0.5 dB, and its switch.
   It is stored in the file that the configuration names:

       ctl_type.simcard { lib "/absolute/libsimcard.so" }
       ctl.card { type simcard state "/path/file" }

   The file holds one line, `volume switch`, such as `207 1` for full volume. */
#define _GNU_SOURCE
#include <alsa/asoundlib.h>
#include <alsa/control_external.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VOLUME, SWITCH, ELEMENTS };
#define MAXIMUM 207

static const char *const names[ELEMENTS] = {"Digital Playback Volume", "Digital Playback Switch"};
static const unsigned int decibels[] = {SND_CTL_TLVT_DB_SCALE, 2 * sizeof(unsigned int), (unsigned int)-10350, 50};

struct mixer {
  snd_ctl_ext_t ext;
  char *path;
  long values[ELEMENTS];
};

static void load(struct mixer *mixer) {
  FILE *file = fopen(mixer->path, "re");
  mixer->values[VOLUME] = MAXIMUM;
  mixer->values[SWITCH] = 0;
  if (!file) return;
  if (fscanf(file, "%ld %ld", &mixer->values[VOLUME], &mixer->values[SWITCH]) != 2)
    SNDERR("%s: not a mixer file", mixer->path);
  fclose(file);
}

static int save(const struct mixer *mixer) {
  FILE *file = fopen(mixer->path, "we");
  if (!file) return -errno;
  fprintf(file, "%ld %ld\n", mixer->values[VOLUME], mixer->values[SWITCH]);
  return fclose(file) == 0 ? 0 : -errno;
}

static void on_close(snd_ctl_ext_t *ext) {
  struct mixer *mixer = ext->private_data;
  free(mixer->path);
  free(mixer);
}

static int on_count(snd_ctl_ext_t *ext) {
  (void)ext;
  return ELEMENTS;
}

static int on_list(snd_ctl_ext_t *ext, unsigned int offset, snd_ctl_elem_id_t *id) {
  (void)ext;
  if (offset >= ELEMENTS) return -EINVAL;
  snd_ctl_elem_id_set_interface(id, SND_CTL_ELEM_IFACE_MIXER);
  snd_ctl_elem_id_set_name(id, names[offset]);
  return 0;
}

static snd_ctl_ext_key_t on_find(snd_ctl_ext_t *ext, const snd_ctl_elem_id_t *id) {
  unsigned int number = snd_ctl_elem_id_get_numid(id);
  (void)ext;
  if (number > 0 && number <= ELEMENTS) return number - 1;
  for (snd_ctl_ext_key_t key = 0; key < ELEMENTS; key++)
    if (strcmp(snd_ctl_elem_id_get_name(id), names[key]) == 0) return key;
  return SND_CTL_EXT_KEY_NOT_FOUND;
}

static int on_attribute(
    snd_ctl_ext_t *ext, snd_ctl_ext_key_t key, int *type, unsigned int *access, unsigned int *count) {
  (void)ext;
  *type = key == VOLUME ? SND_CTL_ELEM_TYPE_INTEGER : SND_CTL_ELEM_TYPE_BOOLEAN;
  *access = SND_CTL_EXT_ACCESS_READWRITE | (key == VOLUME ? SND_CTL_EXT_ACCESS_TLV_READ : 0);
  *count = 1;
  return 0;
}

static int on_range(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key, long *minimum, long *maximum, long *step) {
  (void)ext;
  *minimum = 0;
  *maximum = key == VOLUME ? MAXIMUM : 1;
  *step = 1;
  return 0;
}

static int on_read(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key, long *value) {
  *value = ((struct mixer *)ext->private_data)->values[key];
  return 0;
}

static int on_write(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key, long *value) {
  struct mixer *mixer = ext->private_data;
  if (mixer->values[key] == *value) return 0;
  mixer->values[key] = *value;
  int code = save(mixer);
  return code < 0 ? code : 1;
}

static int on_event(snd_ctl_ext_t *ext, snd_ctl_elem_id_t *id, unsigned int *mask) {
  (void)ext;
  (void)id;
  (void)mask;
  return -EAGAIN;
}

static const snd_ctl_ext_callback_t callbacks = {
    .close = on_close,
    .elem_count = on_count,
    .elem_list = on_list,
    .find_elem = on_find,
    .get_attribute = on_attribute,
    .get_integer_info = on_range,
    .read_integer = on_read,
    .write_integer = on_write,
    .read_event = on_event,
};

static int state_of(snd_config_t *config, const char **path) {
  snd_config_iterator_t at, next;
  snd_config_for_each(at, next, config) {
    snd_config_t *node = snd_config_iterator_entry(at);
    const char *key;
    if (snd_config_get_id(node, &key) == 0 && strcmp(key, "state") == 0) return snd_config_get_string(node, path);
  }
  SNDERR("simcard needs `state`, the file that stores its mixer");
  return -EINVAL;
}

SND_CTL_PLUGIN_DEFINE_FUNC(simcard) {
  const char *path;
  (void)root;
  int code = state_of(conf, &path);
  if (code < 0) return code;
  struct mixer *mixer = calloc(1, sizeof *mixer);
  if (!mixer || !(mixer->path = strdup(path))) {
    free(mixer);
    return -ENOMEM;
  }
  load(mixer);
  mixer->ext.version = SND_CTL_EXT_VERSION;
  mixer->ext.poll_fd = -1;
  mixer->ext.callback = &callbacks;
  mixer->ext.private_data = mixer;
  mixer->ext.tlv.p = decibels;
  snprintf(mixer->ext.id, sizeof mixer->ext.id, "simcard");
  snprintf(mixer->ext.driver, sizeof mixer->ext.driver, "simcard");
  snprintf(mixer->ext.name, sizeof mixer->ext.name, "simulated card");
  if ((code = snd_ctl_ext_create(&mixer->ext, name, mode)) < 0) {
    on_close(&mixer->ext);
    return code;
  }
  *handlep = mixer->ext.handle;
  return 0;
}

SND_CTL_PLUGIN_SYMBOL(simcard)
