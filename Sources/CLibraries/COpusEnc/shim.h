/* libopusenc: Ogg Opus out. ope_encoder_ctl is variadic, which Swift does not import. */
#pragma once
#include <opusenc.h>

static inline int fw_ope_encoder_set(OggOpusEnc *encoder, int request, opus_int32 value) {
  return ope_encoder_ctl(encoder, request, value);
}
