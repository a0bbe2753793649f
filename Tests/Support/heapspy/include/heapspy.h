/* Counts the heap calls of one thread of a program. LD_PRELOAD names this library, HEAPSPY_THREAD the thread (its name
   in prctl(2)) and HEAPSPY_FILE the file that holds the counts while the program runs. */
#pragma once
#include <stdint.h>

struct heapspy {
  uint64_t heap;  /* calls of malloc, free and related functions */
  uint64_t polls; /* calls of poll, one for each round of a thread that waits nowhere else */
};
