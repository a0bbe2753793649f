/* opusfile: reads Ogg Opus, https://opus-codec.org/docs/ */
#pragma once
#include <opusfile.h>
