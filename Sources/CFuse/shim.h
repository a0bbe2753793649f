/* libfuse3, high-level interface: https://libfuse.github.io/doxygen/ */
#pragma once
#define FUSE_USE_VERSION 31
#include <fuse.h>
