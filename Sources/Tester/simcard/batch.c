/* Declares a card as one whose position moves by whole periods. In a file of its own, because the kernel's header and
   libasound's declare the same names. libasound's snd_pcm_hw_params_t is the kernel's structure. */
#include <sound/asound.h>

#include "batch.h"

void batch_declare(void *params) { ((struct snd_pcm_hw_params *)params)->info |= SNDRV_PCM_INFO_BATCH; }
