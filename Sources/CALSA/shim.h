/* libasound, https://www.alsa-project.org/alsa-doc/alsa-lib/ */
#pragma once
#include <alsa/asoundlib.h>
