/* libebur128: loudness as in EBU R128 and ITU-R BS.1770 */
#pragma once
#include <ebur128.h>
