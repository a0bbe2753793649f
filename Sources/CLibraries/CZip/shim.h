/* libzip: writes the ZIP container of a kit, https://libzip.org/documentation/ */
#pragma once
#include <zip.h>
