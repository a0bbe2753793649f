/* The simulated card: a playback device that exists only as a libasound plugin (an ioplug PCM of the type `simcard`),
   for tests of sound without hardware. Any ALSA program can play to it.

   It behaves as a card with a ring buffer and a DMA. From the trigger on, exactly `rate` frames leave per second of
   CLOCK_MONOTONIC: frame k after a trigger is on the line from trigger + k/rate to trigger + (k+1)/rate and counts as
   left at the end of that. The frames that leave are those in the ring at that time. When the DMA reaches the
   application's pointer, the card underruns at that frame. All of this follows from the clock alone: a slow machine
   delays the program, never the card.

   Configuration (see also CardConfiguration.swift):

       pcm_type.simcard { lib "/absolute/libsimcard.so" }
       pcm.card {
         type simcard
         record "/path/file"      # the record, appended to; one program at a time (others get EBUSY)
         control "/path/file"     # optional: faults, see below
         rate 48000               # optional: one rate, or a list [ 44100 48000 ]; 48000 if absent
         channels 2               # optional: the only number of channels; 1 or 2 if absent
         buffer_max 96000         # optional: maximum buffer, in 16-bit frames at the maximum channels; 96000 if absent
         period 1024              # optional, with `channels`: the only period, in frames, of 16 bits; any if absent
         batch 1                  # optional: the position moves by whole periods, as on USB; exact if absent
         speed 8                  # optional: seconds of sound that leave per second; 1 if absent
       }

   A card with `batch` sets SNDRV_PCM_INFO_BATCH. As a driver does, it takes back frames that have left since its last
   report; then it plays what its buffer still holds, and notices the underrun at the end of the period.

   At a speed above 1 the same frames leave, but sooner: use it to verify much sound, never times. The record then gives
   as rate the frames that left per second of the clock.

   Formats S16_LE and S32_LE, access RW_INTERLEAVED and MMAP_INTERLEAVED, periods of at least 64 bytes.

   Faults: `control` names a file of words, all on one line that ends in a newline. The words replace all earlier ones:
   an absent or empty file is a card without faults. The card applies the file as soon as it is written or renamed into
   place; it ignores a line without its newline as incomplete.

       unplugged        the open PCM is disconnected for good (ENODEV); none can be opened while the word is set
       busy             none can be opened while the word is set (EBUSY), as if another program had the card
       hang-open        opening it does not return while the word is set, as a plugin hangs that waits for a server
       stalled          the DMA stands still while the word is set; the state stays RUNNING, no interrupt comes
       refuse-rewind    snd_pcm_rewind takes back nothing and returns 0
       slow-start=USEC  the first frame leaves this many microseconds after the trigger
       xrun=N           one underrun, each time N changes (0 if absent)
       suspend=N        the running or prepared stream is suspended, each time N changes

   The microphone is the card's other direction, a PCM of the type `simmic` that only records. It keeps time as the card
   does: frame k after a trigger has been captured at trigger + (k+1)/rate. A program that reads later than the buffer
   allows loses sound (an overrun, EPIPE).

       pcm_type.simmic { lib "/absolute/libsimcard.so" }
       pcm.microphone {
         type simmic
         voice "/path/file.wav"   # played into it on `say`: 16 bits, one channel, the microphone's rate
         control "/path/file"     # optional: as for the card
         rate 48000               # optional
         bits 24                  # optional: 16 (S16_LE) or 24 (S24_3LE and S32_LE); 16 if absent
         channels 1               # optional: the number of channels, all with the same sound; 1 if absent
         speed 2                  # optional: seconds of sound per second; 1 if absent
       }

   Its control file has the words `unplugged`, `busy`, `stalled` and `xrun` (an overrun), and the sound that it
   captures:

       noise=DB         white noise at -DB dBFS (RMS); digital silence without it
       hum=DB           50 Hz at -DB dBFS
       say=N            the voice begins, each time N changes; the file is read at that time

   The microphone reads its control file in every call: a program that sleeps in poll while the DMA stands still does
   not notice a change.

   The record: little-endian, append only, and readable while it grows. It begins with struct simcard_file. Blocks
   follow: each is a struct simcard_block and `bytes` of payload. This header is the only definition of the format:
   CardRecordingParser.swift imports it, and Tests/parts/bench/cardrecord.py parses the enumerations and structures
   below (one `type name;` or `NAME = value` a line). */
#pragma once
#include <stdint.h>

#define SIMCARD_FILE_MAGIC "simcard" /* with its zero byte */
#define SIMCARD_VERSION 1u
#define SIMCARD_BLOCK_MAGIC 0x4b4c4253u /* the bytes `SBLK` */

struct simcard_file {
  char magic[8];
  uint32_t version;
  uint32_t head; /* size of struct simcard_block */
};

struct simcard_block {
  uint32_t magic;
  uint32_t kind;     /* enum simcard_kind */
  uint32_t bytes;    /* of payload after this head */
  uint32_t count;    /* depends on the kind */
  int64_t time;      /* CLOCK_MONOTONIC, nanoseconds */
  uint64_t position; /* frames that had left since `prepare` */
};

/* Times are the card's clock, exact to the frame, not the time at which the card noticed. */
enum simcard_kind {
  SIMCARD_OPEN = 1,      /* count: process id */
  SIMCARD_SETUP = 2,     /* payload: struct simcard_setup */
  SIMCARD_PREPARE = 3,   /* positions begin again at 0 */
  SIMCARD_START = 4,     /* frames leave from `time` on, `position` first; count: enum simcard_cause */
  SIMCARD_FRAMES = 5,    /* count frames, interleaved; time and position are those of the first */
  SIMCARD_DROP = 6,      /* stopped by the program */
  SIMCARD_DRAIN = 7,     /* the program drains; frames continue */
  SIMCARD_DRAINED = 8,   /* the drain is complete */
  SIMCARD_XRUN = 9,      /* underrun */
  SIMCARD_PAUSE = 10,    /* paused by the program */
  SIMCARD_REWIND = 11,   /* count frames taken back */
  SIMCARD_FORWARD = 12,  /* count frames skipped */
  SIMCARD_SUSPEND = 13,  /* suspended by fault */
  SIMCARD_STALL = 14,    /* the DMA stands still by fault */
  SIMCARD_UNPLUG = 15,   /* disconnected by fault */
  SIMCARD_CLOSE = 16     /* after this the card can be opened again */
};

/* Why frames start to leave. */
enum simcard_cause {
  SIMCARD_TRIGGERED = 0, /* snd_pcm_start or a write */
  SIMCARD_RELEASED = 1,  /* the end of a pause */
  SIMCARD_RESUMED = 2,   /* snd_pcm_resume after a suspend */
  SIMCARD_UNSTALLED = 3  /* the end of the fault `stalled` */
};

/* Values of snd_pcm_format_t. */
enum simcard_format {
  SIMCARD_S16_LE = 2,
  SIMCARD_S32_LE = 10
};

struct simcard_setup {
  uint32_t rate; /* frames that leave per second of CLOCK_MONOTONIC */
  uint32_t channels;
  uint32_t format; /* enum simcard_format */
  uint32_t period; /* frames */
  uint32_t buffer; /* frames */
};
