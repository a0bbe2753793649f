/* The declaration of a BATCH card, without libasound's header. */
#pragma once

/* Sets SNDRV_PCM_INFO_BATCH in negotiated parameters, a snd_pcm_hw_params_t. */
__attribute__((visibility("hidden"))) void batch_declare(void *params);
