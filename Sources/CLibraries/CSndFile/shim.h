/* libsndfile: reads recordings, https://libsndfile.github.io/libsndfile/api.html */
#pragma once
#include <sndfile.h>
