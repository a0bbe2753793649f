/* libebur128: measures loudness as specified in EBU R128 and ITU-R BS.1770 */
#pragma once
#include <ebur128.h>
