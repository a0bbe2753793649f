/* Counts what one thread of a program asks of the heap, from outside: LD_PRELOAD names this library,
   HEAPSPY_THREAD the thread (as prctl(2) names it) and HEAPSPY_FILE the file that holds the sums while it runs. */
#pragma once
#include <stdint.h>

struct heapspy {
  uint64_t heap;  /* calls of malloc, free and their kin */
  uint64_t polls; /* calls of poll: the rounds of a thread that does nothing else to wait */
};
