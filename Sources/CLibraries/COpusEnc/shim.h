/* libopusenc: writes Ogg Opus, https://opus-codec.org/docs/ */
#pragma once
#include <opusenc.h>

/* Sets an integer option of the encoder. ope_encoder_ctl is variadic, which Swift does not import. */
static inline int fw_ope_encoder_set(OggOpusEnc *encoder, int request, opus_int32 value) {
  return ope_encoder_ctl(encoder, request, value);
}
