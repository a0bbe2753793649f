/* Conversions between frames and nanoseconds, exact for streams of any length. */
#pragma once
#include <stdint.h>

#define SECOND INT64_C(1000000000)

/* Whole frames in `span` nanoseconds; 0 for a negative span. */
static inline uint64_t clock_frames(int64_t span, uint32_t rate) {
  if (span <= 0) return 0;
  return (uint64_t)(span / SECOND) * rate + (uint64_t)(span % SECOND) * rate / SECOND;
}

/* The nanoseconds that `frames` take, rounded down: the time of a frame in the record. */
static inline int64_t clock_span(uint64_t frames, uint32_t rate) {
  return (int64_t)(frames / rate) * SECOND + (int64_t)(frames % rate * SECOND / rate);
}

/* The same, rounded up: the first nanosecond at which clock_frames() returns `frames`. */
static inline int64_t clock_span_whole(uint64_t frames, uint32_t rate) {
  return (int64_t)(frames / rate) * SECOND + (int64_t)((frames % rate * SECOND + rate - 1) / rate);
}
