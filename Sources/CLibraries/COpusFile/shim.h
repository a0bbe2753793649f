/* opusfile: Ogg Opus in, https://opus-codec.org/docs/ */
#pragma once
#include <opusfile.h>
