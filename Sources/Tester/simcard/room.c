/* The sound of the room that the microphone captures: noise, hum, and the voice. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "microphone.h"

static uint32_t little(const uint8_t *bytes, int count) {
  uint32_t value = 0;
  while (count-- > 0) value = value << 8 | bytes[count];
  return value;
}

/* Returns the samples of a RIFF WAVE file, after the head of its `data` chunk; NULL for other formats. */
static const uint8_t *find_samples(const uint8_t *file, size_t size, unsigned rate, size_t *bytes) {
  int fits = 0;
  if (size < 12 || memcmp(file, "RIFF", 4) != 0 || memcmp(file + 8, "WAVE", 4) != 0) return NULL;
  for (size_t at = 12; at + 8 <= size;) {
    const uint8_t *content = file + at + 8;
    size_t length = little(file + at + 4, 4), rest = size - at - 8;
    if (memcmp(file + at, "fmt ", 4) == 0 && length >= 16 && rest >= 16)
      fits = little(content + 2, 2) == 1 && little(content + 4, 4) == rate && little(content + 14, 2) == 16;
    if (memcmp(file + at, "data", 4) == 0) {
      *bytes = length < rest ? length : rest;
      return fits ? content : NULL;
    }
    if (length >= rest) return NULL;
    at += 8 + length + (length & 1);
  }
  return NULL;
}

static uint8_t *read_file(const char *path, size_t *size) {
  struct stat status;
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return NULL;
  uint8_t *bytes = fstat(file, &status) == 0 && status.st_size < 64 << 20 ? malloc((size_t)status.st_size + 1) : NULL;
  ssize_t count = bytes ? read(file, bytes, (size_t)status.st_size) : -1;
  close(file);
  if (count < 0) {
    free(bytes);
    return NULL;
  }
  *size = (size_t)count;
  return bytes;
}

void room_say(struct microphone *mic) {
  size_t size = 0, bytes = 0;
  uint8_t *file = mic->path ? read_file(mic->path, &size) : NULL;
  const uint8_t *samples = file ? find_samples(file, size, mic->io.rate, &bytes) : NULL;
  int16_t *copy = samples ? malloc(bytes + 1) : NULL;
  if (copy) {
    for (size_t i = 0; i < bytes / 2; i++) copy[i] = (int16_t)little(samples + 2 * i, 2);
    free(mic->voice.samples);
    mic->voice = (struct voice){copy, bytes / 2, 0};
  } else {
    SNDERR("%s: not a WAV file of 16 bits, one channel and %u Hz", mic->path ? mic->path : "voice", mic->io.rate);
  }
  free(file);
}

int32_t room_sample(struct microphone *mic) {
  double value = 0;
  if (mic->words.noise) {
    mic->noise ^= mic->noise << 13;
    mic->noise ^= mic->noise >> 7;
    mic->noise ^= mic->noise << 17;
    /* Uniform noise of amplitude 1 has an RMS of 1/sqrt(3). */
    value += sqrt(3) * pow(10, -(double)mic->words.noise / 20) * ((double)(int64_t)mic->noise / 0x1p63);
  }
  if (mic->words.hum) value += sqrt(2) * pow(10, -(double)mic->words.hum / 20) * sin(2 * M_PI * mic->phase);
  mic->phase = fmod(mic->phase + 50.0 / mic->io.rate, 1);
  if (mic->voice.played < mic->voice.count) value += mic->voice.samples[mic->voice.played++] / 32768.0;
  double scale = (double)(1u << (mic->bits - 1)), whole = nearbyint(value * scale);
  if (whole > scale - 1) whole = scale - 1;
  if (whole < -scale) whole = -scale;
  return (int32_t)((uint32_t)(int32_t)whole << (32 - mic->bits));
}
