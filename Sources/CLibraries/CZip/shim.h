/* libzip: the container, written; https://libzip.org/documentation/ */
#pragma once
#include <zip.h>
