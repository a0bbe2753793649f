/* The card: a playback device that exists only as a libasound plugin (an ioplug PCM of the type `simcard`), for
   proving sound without hardware. Any ALSA program can play to it.

   It behaves as a card with a ring buffer and a DMA. From the trigger on, frames leave at exactly `rate` a second of
   CLOCK_MONOTONIC: frame k of a trigger is on the line from trigger + k/rate to trigger + (k+1)/rate and counts as
   left at the end of that. What leaves is what stands in the ring at that time. Where the application's pointer is
   reached, the card underruns at that frame. All this follows from the clock alone: a machine that is slow makes the
   program late, never the card.

   Configuration (see also CardConfiguration.swift):

       pcm_type.simcard { lib "/absolute/libsimcard.so" }
       pcm.card {
         type simcard
         record "/path/file"      # what left, appended to; one program at a time (others get EBUSY)
         control "/path/file"     # optional: faults, see below
         rate 48000               # optional: one rate, or a list [ 44100 48000 ]; 48000 if absent
         channels 2               # optional: exactly so many; 1 or 2 if absent
         buffer_max 96000         # optional: the largest buffer, frames of 16 bits at the most channels; 96000
         speed 8                  # optional: so many seconds of sound leave in one; 1
       }

   At a speed above 1 what leaves is the same, only sooner: for a look at much sound, never at times. The record then
   gives as rate the frames that left in a second of the clock.

   Formats S16_LE and S32_LE, access RW_INTERLEAVED and MMAP_INTERLEAVED, periods of 64 bytes and more.

   Faults: `control` names a file with words, all on one line that ends in a newline. The words are the whole truth:
   what is not there is not so (an absent or empty file is a sound card). Written anew or renamed into place, it
   acts at once; a line without its newline is taken for half written and waited for.

       unplugged        the open PCM is disconnected for good (ENODEV); none can be opened while the word stands
       busy             none can be opened while the word stands (EBUSY), as if another program had the card
       stalled          the DMA stands still while the word stands; the state stays RUNNING, no interrupt comes
       refuse-rewind    snd_pcm_rewind takes back nothing and returns 0
       slow-start=USEC  the first frame leaves so many microseconds after the trigger
       xrun=N           one underrun now, whenever N is another number than before (0 if absent)
       suspend=N        the running or prepared stream is suspended now, whenever N is another number than before

   The microphone is the card's other direction, a PCM of the type `simmic` that can only be recorded from. It keeps
   time as the card does: frame k of a trigger has been heard at trigger + (k+1)/rate. Who reads too late, by more than
   the buffer, has lost sound (an overrun, EPIPE).

       pcm_type.simmic { lib "/absolute/libsimcard.so" }
       pcm.microphone {
         type simmic
         voice "/path/file.wav"   # what somebody says when `say` asks for it: 16 bits, one channel, the microphone's rate
         control "/path/file"     # optional: as for the card
         rate 48000               # optional
         bits 24                  # optional: 16 (S16_LE) or 24 (S24_3LE and S32_LE); 16 if absent
         channels 1               # optional: exactly so many, with the same sound; 1 if absent
         speed 2                  # optional: so many seconds of sound in one; 1
       }

   Its control file has the words `unplugged`, `busy`, `stalled` and `xrun` (an overrun), and what it hears:

       noise=DB         the room's noise at -DB dBFS (RMS, white); digital silence without it
       hum=DB           the mains, 50 Hz at -DB dBFS
       say=N            the voice begins now, whenever N is another number than before; the file is read at that time

   The control file is looked at in every call: who sleeps in poll while the DMA stands still learns of nothing.

   The record: little-endian, append only; complete as far as it goes while it grows. First 16 bytes: `simcard`, a
   zero byte, u32 version (1), u32 length of a block's head (32). Then blocks: the head (struct simcard_block) and
   `bytes` of payload. */
#pragma once
#include <stdint.h>

#define SIMCARD_FILE_MAGIC "simcard" /* with its zero byte */
#define SIMCARD_VERSION 1u
#define SIMCARD_BLOCK_MAGIC 0x4b4c4253u /* the bytes `SBLK` */

struct simcard_file {
  char magic[8];
  uint32_t version;
  uint32_t head;
};

struct simcard_block {
  uint32_t magic;
  uint32_t kind;     /* enum simcard_kind */
  uint32_t bytes;    /* of payload after this head */
  uint32_t count;    /* see the kind */
  int64_t time;      /* CLOCK_MONOTONIC, nanoseconds */
  uint64_t position; /* frames that had left since `prepare` */
};

/* Times are those of the card's clock, exact to the frame, not those of noticing. */
enum simcard_kind {
  SIMCARD_OPEN = 1,      /* count: process id */
  SIMCARD_SETUP = 2,     /* payload: struct simcard_setup */
  SIMCARD_PREPARE = 3,   /* positions begin again at 0 */
  SIMCARD_START = 4,     /* frames leave from `time` on, the first is `position`; count: enum simcard_cause */
  SIMCARD_FRAMES = 5,    /* count frames, interleaved; time and position are those of the first */
  SIMCARD_DROP = 6,      /* stopped by the program */
  SIMCARD_DRAIN = 7,     /* the program asked to play out what is there; frames go on */
  SIMCARD_DRAINED = 8,   /* it has been played out */
  SIMCARD_XRUN = 9,      /* underrun */
  SIMCARD_PAUSE = 10,    /* halted by the program */
  SIMCARD_REWIND = 11,   /* count frames taken back */
  SIMCARD_FORWARD = 12,  /* count frames skipped */
  SIMCARD_SUSPEND = 13,  /* suspended by fault */
  SIMCARD_STALL = 14,    /* the DMA stands still by fault */
  SIMCARD_UNPLUG = 15,   /* disconnected by fault */
  SIMCARD_CLOSE = 16     /* after this the card can be opened again */
};

enum simcard_cause { SIMCARD_TRIGGERED = 0, SIMCARD_RELEASED = 1, SIMCARD_RESUMED = 2, SIMCARD_UNSTALLED = 3 };

struct simcard_setup {
  uint32_t rate; /* frames that leave in a second of CLOCK_MONOTONIC */
  uint32_t channels;
  uint32_t format; /* snd_pcm_format_t: 2 is S16_LE, 10 is S32_LE */
  uint32_t period; /* frames */
  uint32_t buffer; /* frames */
};
