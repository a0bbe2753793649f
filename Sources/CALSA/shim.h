/* libasound, https://www.alsa-project.org/alsa-doc/alsa-lib/ */
#pragma once
#include <alsa/asoundlib.h>

/* Swift has no functions with variable arguments, and so no handler of its own for libasound's complaints. */
static void fw_ignore(const char *file, int line, const char *function, int error, const char *format, ...) {}

/* Complaints on standard error, as libasound does by itself, or none. snd_lib_error_set_handler */
static inline void fw_alsa_complaints(int wanted) { snd_lib_error_set_handler(wanted ? 0 : fw_ignore); }
