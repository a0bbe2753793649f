/* libsodium: signatures and hashes, https://doc.libsodium.org */
#pragma once
#include <sodium.h>
